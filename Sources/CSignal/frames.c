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

BODY void gains(const float *blocks, int count, int side, float *row, int width) {
  int half = side / 2 < width ? side / 2 : width;
  for (int x = 0; x < half; x++) row[x] = blocks[0];
  for (int block = 0; block + 1 < count; block++) {
    float first = blocks[block], step = blocks[block + 1] - first;
    float *from = row + half + block * side;
    for (int x = 0; x < side; x++) from[x] = first + step * (((float)x + 0.5f) / (float)side);
  }
  for (int x = half + (count - 1) * side; x < width; x++) row[x] = blocks[count - 1];
}

BODY void add(uint8_t *row, const int16_t *marks, int count) {
  for (int x = 0; x < count; x++) {
    int16_t sum = (int16_t)(row[x] + marks[x]);
    sum = sum < 0 ? 0 : sum;
    row[x] = (uint8_t)(sum > 255 ? 255 : sum);
  }
}

BODY void compare(const uint8_t *row, int step, int count, uint16_t *last, uint16_t *changes) {
  const uint8_t *from = row + step / 2;
  for (int x = 0; x < count; x++) {
    int16_t change = (int16_t)(from[step * x] - last[x]);
    last[x] = from[step * x];
    changes[x] += (uint16_t)(change < 0 ? -change : change);
  }
}

// The compiler wants steps that it knows.
BODY void follow(const uint8_t *row, int step, int count, uint16_t *last, uint16_t *changes) {
  if (step == 4) compare(row, 4, count, last, changes);
  else compare(row, step, count, last, changes);
}

#if defined(__x86_64__)
WIDE void gains_avx2(const float *blocks, int count, int side, float *row, int width) {
  gains(blocks, count, side, row, width);
}

WIDE void add_avx2(uint8_t *row, const int16_t *marks, int count) { add(row, marks, count); }

WIDE void follow_avx2(const uint8_t *row, int step, int count, uint16_t *last, uint16_t *changes) {
  follow(row, step, count, last, changes);
}

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

void tm_row_gains(const float *blocks, int count, int side, float *row, int width) {
  DISPATCH(gains, blocks, count, side, row, width);
}

void tm_row_add(uint8_t *row, const int16_t *marks, int count) { DISPATCH(add, row, marks, count); }

void tm_row_follow(const uint8_t *row, int step, int count, uint16_t *last, uint16_t *changes) {
  DISPATCH(follow, row, step, count, last, changes);
}

int64_t tm_row_draw(
    const float *tile, const float *upper, const float *lower, float share, int16_t *row, int count) {
  return DISPATCH(draw, tile, upper, lower, share, row, count);
}
