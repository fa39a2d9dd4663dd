#include "CSignal.h"
#include "octets.h"

#include <stddef.h>

// As in blocks.c: one order of operations, nothing fused.
#pragma STDC FP_CONTRACT OFF

// The values at eight frequencies: places first, then what is read there, then what lies between.
BODY void values_of_eight(const tm_spectrum *spectrum, const octet *x, const octet *y, octet *values) {
  octet across = *x, down = *y;
  const octet zero = {0}, one = zero + 1;
  places is_left = across < zero;
  octet column = CHOSEN(is_left, -across, across) * spectrum->width;
  octet line = CHOSEN(is_left, -down, down) * spectrum->height;
  octet distance = CHOSEN(line < zero, -line, line);
  places is_inside = (column < zero + 0.5f * spectrum->width) & (distance < zero + 0.5f * spectrum->height);
  column = CHOSEN(is_inside, column, zero);
  line = CHOSEN(is_inside, line, zero);
  octet row = CHOSEN(line < zero, line + spectrum->height, line);
  places left = __builtin_convertvector(column, places), top = __builtin_convertvector(row, places);
  octet u = column - __builtin_convertvector(left, octet), v = row - __builtin_convertvector(top, octet);
  places rows = (places){0} + (int32_t)spectrum->height;
  places upper = ((top & (top < rows)) * spectrum->pitch) + left;
  places lower = (((top + 1) & (top + 1 < rows)) * spectrum->pitch) + left;
  octet a, b, c, d;
  read_pairs(spectrum->power, &upper, &a, &b);
  read_pairs(spectrum->power, &lower, &c, &d);
  octet above = a + (b - a) * u, below = c + (d - c) * u;
  *values = CHOSEN(is_inside, above + (below - above) * v, one);
}

// The next of `left` values.
BODY void load_some(const float *values, int left, octet *some) {
  if (left >= octet_count) {
    memcpy(some, values, sizeof *some);
  } else {
    *some = (octet){0};
    memcpy(some, values, (size_t)left * sizeof(float));
  }
}

BODY void values_at(const tm_spectrum *spectrum, const float *across, const float *down, int count, float *values) {
  for (int index = 0; index < count; index += octet_count) {
    octet x, y, between;
    int left = count - index;
    load_some(across + index, left, &x);
    load_some(down + index, left, &y);
    values_of_eight(spectrum, &x, &y, &between);
    if (left >= octet_count) {
      memcpy(values + index, &between, sizeof between);
    } else {
      memcpy(values + index, &between, (size_t)left * sizeof(float));
    }
  }
}

BODY void values_of_waves(const tm_spectrum *spectrum, const octet *x, const octet *y, const float *unit, octet *values) {
  octet across = *x * unit[0] + *y * unit[1], down = *x * unit[2] + *y * unit[3];
  values_of_eight(spectrum, &across, &down, values);
}

BODY float sum_at(const tm_spectrum *spectrum, const float *x, const float *y, int count, const float *unit) {
  octet sums = {0}, u, v, between;
  int index = 0;
  float sum = 0;
  for (; index + octet_count <= count; index += octet_count) {
    memcpy(&u, x + index, sizeof u);
    memcpy(&v, y + index, sizeof v);
    values_of_waves(spectrum, &u, &v, unit, &between);
    sums += between;
  }
  for (int lane = 0; lane < octet_count; lane++) sum += sums[lane];
  if (index == count) return sum;
  load_some(x + index, count - index, &u);
  load_some(y + index, count - index, &v);
  values_of_waves(spectrum, &u, &v, unit, &between);
  for (int lane = 0; lane < count - index; lane++) sum += between[lane];
  return sum;
}

#if defined(__x86_64__)

WIDE float sum_at_avx2(const tm_spectrum *spectrum, const float *x, const float *y, int count, const float *unit) {
  return sum_at(spectrum, x, y, count, unit);
}

WIDE void values_at_avx2(
    const tm_spectrum *spectrum, const float *across, const float *down, int count, float *values) {
  values_at(spectrum, across, down, count, values);
}

#endif

void tm_spectrum_values(
    const tm_spectrum *spectrum, const float *across, const float *down, int count, float *values) {
  DISPATCH(values_at, spectrum, across, down, count, values);
}

float tm_spectrum_sum(const tm_spectrum *spectrum, const float *x, const float *y, int count, const float *unit) {
  return DISPATCH(sum_at, spectrum, x, y, count, unit);
}
