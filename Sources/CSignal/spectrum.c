#include "CSignal.h"
#include "dispatch.h"

#include <stddef.h>
#include <string.h>

// As in blocks.c: one order of operations, nothing fused.
#pragma STDC FP_CONTRACT OFF

enum { octet_count = 8 };
typedef float octet __attribute__((vector_size(4 * octet_count)));
typedef int32_t places __attribute__((vector_size(4 * octet_count)));

BODY octet chosen(places which, octet a, octet b) {
  return (octet)(((places)a & which) | ((places)b & ~which));
}

// The values at eight frequencies: places first, then what is read there, then what lies between.
BODY void values_of_eight(const tm_spectrum *spectrum, octet across, octet down, float *values) {
  const octet zero = {0}, one = zero + 1;
  places is_left = across < zero;
  octet column = chosen(is_left, -across, across) * spectrum->width;
  octet line = chosen(is_left, -down, down) * spectrum->height;
  octet distance = chosen(line < zero, -line, line);
  places is_inside = (column < zero + 0.5f * spectrum->width) & (distance < zero + 0.5f * spectrum->height);
  column = chosen(is_inside, column, zero);
  line = chosen(is_inside, line, zero);
  octet row = chosen(line < zero, line + spectrum->height, line);
  places left = __builtin_convertvector(column, places), top = __builtin_convertvector(row, places);
  octet u = column - __builtin_convertvector(left, octet), v = row - __builtin_convertvector(top, octet);
  places rows = (places){0} + (int32_t)spectrum->height;
  places upper = ((top & (top < rows)) * spectrum->pitch) + left;
  places lower = (((top + 1) & (top + 1 < rows)) * spectrum->pitch) + left;
  octet a, b, c, d;
  for (int lane = 0; lane < octet_count; lane++) {
    const float *above = spectrum->power + upper[lane], *below = spectrum->power + lower[lane];
    a[lane] = above[0];
    b[lane] = above[1];
    c[lane] = below[0];
    d[lane] = below[1];
  }
  octet above = a + (b - a) * u, below = c + (d - c) * u;
  octet between = chosen(is_inside, above + (below - above) * v, one);
  memcpy(values, &between, sizeof between);
}

BODY void values_at(const tm_spectrum *spectrum, const float *across, const float *down, int count, float *values) {
  int index = 0;
  octet x, y;
  for (; index + octet_count <= count; index += octet_count) {
    memcpy(&x, across + index, sizeof x);
    memcpy(&y, down + index, sizeof y);
    values_of_eight(spectrum, x, y, values + index);
  }
  if (index == count) return;
  float last[octet_count];
  octet none = {0};
  x = y = none;
  memcpy(&x, across + index, (size_t)(count - index) * sizeof(float));
  memcpy(&y, down + index, (size_t)(count - index) * sizeof(float));
  values_of_eight(spectrum, x, y, last);
  memcpy(values + index, last, (size_t)(count - index) * sizeof(float));
}

#if defined(__x86_64__)

WIDE void values_at_avx2(
    const tm_spectrum *spectrum, const float *across, const float *down, int count, float *values) {
  values_at(spectrum, across, down, count, values);
}

#endif

void tm_spectrum_values(
    const tm_spectrum *spectrum, const float *across, const float *down, int count, float *values) {
  DISPATCH(values_at, spectrum, across, down, count, values);
}
