#include "CSignal.h"
#include "dispatch.h"

// As in blocks.c: compiled twice, nothing fused, the same results everywhere.
#pragma STDC FP_CONTRACT OFF

BODY void measure(const uint8_t *row, int side, int count, tm_row_moments *moments) {
  for (int block = 0; block < count; block++) {
    int32_t sum = 0, squares = 0, along = 0;
    if (side == 16) {
      for (int x = 0; x < 16; x++) {
        int32_t value = row[16 * block + x];
        sum += value;
        squares += value * value;
        along += value * (2 * x - 15);
      }
    } else {
      for (int x = 0; x < 8; x++) {
        int32_t value = row[8 * block + x];
        sum += value;
        squares += value * value;
        along += value * (2 * x - 7);
      }
    }
    moments[block] = (tm_row_moments){sum, squares, along};
  }
}

BODY int64_t draw(
    const float *tile, const float *upper, const float *lower, float share, int16_t *row, int count) {
  // Added to a float it leaves the nearest integer in the last bits.
  const float magic = 0x1.8p23f;
  int32_t squares = 0;
  for (int x = 0; x < count; x++) {
    float gain = upper[x] + (lower[x] - upper[x]) * share;
    union {
      float value;
      int32_t bits;
    } sum = {tile[x] * gain + magic};
    int16_t value = (int16_t)sum.bits;
    row[x] = value;
    squares += (int32_t)value * value;
  }
  return squares;
}

#if defined(__x86_64__)
WIDE void measure_avx2(
    const uint8_t *row, int side, int count, tm_row_moments *moments) {
  measure(row, side, count, moments);
}

WIDE int64_t draw_avx2(
    const float *tile, const float *upper, const float *lower, float share, int16_t *row, int count) {
  return draw(tile, upper, lower, share, row, count);
}
#endif

void tm_row_measure(const uint8_t *row, int side, int count, tm_row_moments *moments) {
  DISPATCH(measure, row, side, count, moments);
}

int64_t tm_row_draw(
    const float *tile, const float *upper, const float *lower, float share, int16_t *row, int count) {
  return DISPATCH(draw, tile, upper, lower, share, row, count);
}
