#include "CSignal.h"
#include "dispatch.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

// As in blocks.c: one order of adding up, nothing fused.
#pragma STDC FP_CONTRACT OFF

// ln (1 + exp(-x)) of a positive x, to a hundredth: without a logarithm, for it is asked for millions of times.
BODY float rest(float x) {
  float part = 1 - x * 0.12022f;
  part = part > 0 ? part : 0;
  float cube = part * part * part;
  return 0.693147f * cube * cube;
}

BODY void polar_left(const float *restrict above, int count, int is_exact, float *restrict own) {
  const float *other = above + count;
  for (int i = 0; i < count; i++) {
    float a = above[i], b = other[i], x = fabsf(a), y = fabsf(b);
    float least = x < y ? x : y;
    own[i] = (a < 0) == (b < 0) ? least : -least;
  }
  if (!is_exact) return;
  for (int i = 0; i < count; i++) {
    float a = above[i], b = other[i];
    own[i] += rest(fabsf(a + b)) - rest(fabsf(a - b));
  }
}

BODY void polar_right(const float *restrict above, const uint8_t *restrict sums, int count, float *restrict own) {
  const float *other = above + count;
  for (int i = 0; i < count; i++) own[i] = sums[i] == 0 ? other[i] + above[i] : other[i] - above[i];
}

BODY void polar_right_of_one(
    const float *restrict above, const uint8_t *restrict sums, int size, int width, float *restrict own) {
  for (int k = 0; k < size; k++) {
    float sum = above[size + k] + above[k], difference = above[size + k] - above[k];
    const uint8_t *line = sums + (size_t)k * width;
    float *target = own + (size_t)k * width;
    for (int lane = 0; lane < width; lane++) target[lane] = line[lane] == 0 ? sum : difference;
  }
}

// Of four sums at a time, from the largest down: those that are added must not have been added to before.
BODY void count_sums(double *counts, int count, int size) {
  int i = count;
  if (size >= 4) {
    for (; i - 4 >= size; i -= 4) {
      double *at = counts + i - 4;
      double added[4];
      memcpy(added, at - size, sizeof added);
      for (int k = 0; k < 4; k++) at[k] += added[k];
    }
  }
  for (i--; i >= size; i--) counts[i] += counts[i - size];
}

#if defined(WIDE)

WIDE void polar_left_avx2(const float *above, int count, int is_exact, float *own) {
  polar_left(above, count, is_exact, own);
}

WIDE void polar_right_avx2(const float *above, const uint8_t *sums, int count, float *own) {
  polar_right(above, sums, count, own);
}

WIDE void polar_right_of_one_avx2(const float *above, const uint8_t *sums, int size, int width, float *own) {
  polar_right_of_one(above, sums, size, width, own);
}

WIDE void count_sums_avx2(double *counts, int count, int size) { count_sums(counts, count, size); }

#endif

void tm_polar_left(const float *above, int count, int is_exact, float *own) {
  DISPATCH(polar_left, above, count, is_exact, own);
}

void tm_polar_right(const float *above, const uint8_t *sums, int count, float *own) {
  DISPATCH(polar_right, above, sums, count, own);
}

void tm_polar_right_of_one(const float *above, const uint8_t *sums, int size, int width, float *own) {
  DISPATCH(polar_right_of_one, above, sums, size, width, own);
}

void tm_count_sums(double *counts, int count, int size) { DISPATCH(count_sums, counts, count, size); }
