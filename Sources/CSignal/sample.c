#include "CSignal.h"
#include "octets.h"

#include <stddef.h>

// As in blocks.c: one order of operations, nothing fused.
#pragma STDC FP_CONTRACT OFF

// The values at eight places inside the plane, each between four pixels.
BODY void between(const float *plane, int width, const octet *x, const octet *y, octet *values) {
  places left = __builtin_convertvector(*x, places), top = __builtin_convertvector(*y, places);
  octet u = *x - __builtin_convertvector(left, octet), v = *y - __builtin_convertvector(top, octet);
  places place = top * width + left;
  octet a, b, c, d;
  read_pairs(plane, &place, &a, &b);
  read_pairs(plane + width, &place, &c, &d);
  octet above = a + (b - a) * u, below = c + (d - c) * u;
  *values = above + (below - above) * v;
}

// The values at `index` … of `line`; what is behind its end is read at its first place.
BODY void along(const tm_sample_line *line, int index, octet *values) {
  const octet lanes = {0, 1, 2, 3, 4, 5, 6, 7}, zero = {0};
  octet step = lanes + (float)index, count = zero + (float)line->count;
  step = CHOSEN(step < count, step, zero);
  octet x = step * line->step_x + line->x, y = step * line->step_y + line->y;
  between(line->plane, line->width, &x, &y, values);
}

BODY void sample(const tm_sample_line *line, float *values) {
  octet value;
  int index = 0;
  for (; index + octet_count <= line->count; index += octet_count) {
    along(line, index, &value);
    memcpy(values + index, &value, sizeof value);
  }
  if (index == line->count) return;
  along(line, index, &value);
  memcpy(values + index, &value, sizeof(float) * (size_t)(line->count - index));
}

BODY void add_sampled(const tm_sample_line *line, int first, int side, float *sums) {
  octet value, sum;
  for (int index = 0; index < line->count; index += octet_count) {
    along(line, index, &value);
    int at = (first + index) & (side - 1);
    if (at + octet_count <= side && index + octet_count <= line->count) {
      memcpy(&sum, sums + at, sizeof sum);
      sum += value;
      memcpy(sums + at, &sum, sizeof sum);
      continue;
    }
    for (int lane = 0; lane < octet_count && index + lane < line->count; lane++) {
      sums[(at + lane) & (side - 1)] += value[lane];
    }
  }
}

BODY void lag_octet(const tm_lags *lags, const octet *across, const octet *down, octet *values) {
  const octet zero = {0}, reach = zero + (float)lags->reach;
  // The other half of the plane is its mirror image.
  places is_above = *down < zero;
  octet x = reach + CHOSEN(is_above, -*across, *across), y = CHOSEN(is_above, -*down, *down);
  places is_inside = (x >= zero) & (x < reach + reach) & (y < reach);
  x = CHOSEN(is_inside, x, zero);
  y = CHOSEN(is_inside, y, zero);
  octet value;
  between(lags->values, 2 * lags->reach + 1, &x, &y, &value);
  *values = CHOSEN(is_inside, value, zero);
}

BODY void lag_values(const tm_lags *lags, const float *x, const float *y, float scale, int count, float *values) {
  octet across, down, value;
  for (int index = 0; index < count; index += octet_count) {
    memcpy(&across, x + index, sizeof across);
    memcpy(&down, y + index, sizeof down);
    across *= scale;
    down *= scale;
    lag_octet(lags, &across, &down, &value);
    memcpy(values + index, &value, sizeof value);
  }
}

#if defined(__x86_64__)

WIDE void sample_avx2(const tm_sample_line *line, float *values) { sample(line, values); }

WIDE void add_sampled_avx2(const tm_sample_line *line, int first, int side, float *sums) {
  add_sampled(line, first, side, sums);
}

WIDE void lag_values_avx2(
    const tm_lags *lags, const float *x, const float *y, float scale, int count, float *values) {
  lag_values(lags, x, y, scale, count, values);
}

#endif

void tm_sample(const tm_sample_line *line, float *values) { DISPATCH(sample, line, values); }

void tm_sample_add(const tm_sample_line *line, int first, int side, float *sums) {
  DISPATCH(add_sampled, line, first, side, sums);
}

void tm_lag_values(const tm_lags *lags, const float *x, const float *y, float scale, int count, float *values) {
  DISPATCH(lag_values, lags, x, y, scale, count, values);
}
