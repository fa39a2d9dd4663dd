#include "CSignal.h"
#include "octets.h"

#include <stddef.h>

// As in blocks.c: compiled twice, one order of operations, nothing fused.
#pragma STDC FP_CONTRACT OFF

BODY void high_pass(
    const float *restrict values, const float *restrict low, size_t count, float *restrict high,
    float *restrict squares) {
  for (size_t i = 0; i < count; i++) {
    high[i] = values[i] - low[i];
    squares[i] = high[i] * high[i];
  }
}

BODY void roots(float *values, size_t count) {
  octet some, zero = {0};
  size_t i = 0;
  for (; i + octet_count <= count; i += octet_count) {
    memcpy(&some, values + i, sizeof some);
    some = __builtin_elementwise_sqrt(CHOSEN(some > zero, some, zero));
    memcpy(values + i, &some, sizeof some);
  }
  for (; i < count; i++) values[i] = values[i] > 0 ? __builtin_sqrtf(values[i]) : 0;
}

BODY void strengths(float *restrict powers, size_t width, size_t height, float *restrict sums) {
  for (size_t y = 0; y < height; y++) {
    float *row = powers + y * width;
    roots(row, width);
    for (size_t x = 0; x < width; x++) sums[x] += 1 / (row[x] + 1);
  }
}

BODY float clipped(float value, float clip) {
  value = value < -clip ? -clip : value;
  return value > clip ? clip : value;
}

BODY void weigh(
    float *restrict high, const float *restrict strength, size_t count, const tm_residual_weights *weights) {
  float floor = weights->floor, clip = weights->clip, calm = weights->calm, share = weights->busy_share;
  for (size_t i = 0; i < count; i++) {
    high[i] = clipped(high[i] / (strength[i] + floor), clip) * (calm / (strength[i] + calm) + share);
  }
}

#if defined(WIDE)
WIDE void high_pass_avx2(const float *values, const float *low, size_t count, float *high, float *squares) {
  high_pass(values, low, count, high, squares);
}

WIDE void strengths_avx2(float *powers, size_t width, size_t height, float *sums) {
  strengths(powers, width, height, sums);
}

WIDE void weigh_avx2(float *high, const float *strength, size_t count, const tm_residual_weights *weights) {
  weigh(high, strength, count, weights);
}
#endif

void tm_residual_high(const float *values, const float *low, size_t count, float *high, float *squares) {
  DISPATCH(high_pass, values, low, count, high, squares);
}

void tm_residual_strengths(float *powers, size_t width, size_t height, float *sums) {
  DISPATCH(strengths, powers, width, height, sums);
}

void tm_residual_weigh(float *high, const float *strength, size_t count, const tm_residual_weights *weights) {
  DISPATCH(weigh, high, strength, count, weights);
}
