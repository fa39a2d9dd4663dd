#include "CSignal.h"
#include "octets.h"

#include <stddef.h>

// As in blocks.c: one order of operations, nothing fused.
#pragma STDC FP_CONTRACT OFF

// So many sums are held at a time while the values of all places are added to them.
enum { held = 8 };

BODY void sums_of(const float *values, const int32_t *from, int place_count, int octets, float *sums) {
  octet sum[held] = {{0}}, value;
  for (int place = 0; place < place_count; place++) {
    for (int i = 0; i < octets; i++) {
      memcpy(&value, values + from[place] + octet_count * i, sizeof value);
      sum[i] += value;
    }
  }
  memcpy(sums, sum, (size_t)octets * sizeof value);
}

BODY void sums_at(const float *values, const int32_t *from, int place_count, int count, float *sums) {
  int index = 0;
  for (; index + held * octet_count <= count; index += held * octet_count) {
    sums_of(values + index, from, place_count, held, sums + index);
  }
  for (; index + octet_count <= count; index += octet_count) {
    sums_of(values + index, from, place_count, 1, sums + index);
  }
  for (; index < count; index++) {
    float sum = 0;
    for (int place = 0; place < place_count; place++) sum += values[from[place] + index];
    sums[index] = sum;
  }
}

BODY tm_extent extent_of(const float *values, int count) {
  octet most = {0}, least = {0}, squares = {0}, value;
  for (int index = 0; index < count; index += octet_count) {
    memcpy(&value, values + index, sizeof value);
    squares += value * value;
    most = CHOSEN(value > most, value, most);
    least = CHOSEN(value < least, value, least);
  }
  tm_extent extent = {most[0], least[0], 0};
  for (int lane = 0; lane < octet_count; lane++) {
    extent.squares += squares[lane];
    if (most[lane] > extent.most) extent.most = most[lane];
    if (least[lane] < extent.least) extent.least = least[lane];
  }
  return extent;
}

BODY int place_of(float wanted, const float *values, int count) {
  octet value;
  for (int index = 0; index < count; index += octet_count) {
    memcpy(&value, values + index, sizeof value);
    places is_found = value == wanted;
    int any = 0;
    for (int lane = 0; lane < octet_count; lane++) any |= is_found[lane];
    if (!any) continue;
    for (int lane = 0; lane < octet_count; lane++) {
      if (is_found[lane]) return index + lane;
    }
  }
  return count;
}

// The last values of a row, and 0 in lanes that there are none for.
BODY void load_last(const float *values, int count, octet *result) {
  *result = (octet){0};
  memcpy(result, values, (size_t)count * sizeof *values);
}

BODY void add_products(const float *a, const float *b, int count, float *sums) {
  octet total, first, second;
  memcpy(&total, sums, sizeof total);
  int i = 0;
  for (; i + octet_count <= count; i += octet_count) {
    memcpy(&first, a + i, sizeof first);
    memcpy(&second, b + i, sizeof second);
    total += first * second;
  }
  load_last(a + i, count - i, &first);
  load_last(b + i, count - i, &second);
  total += first * second;
  memcpy(sums, &total, sizeof total);
}

BODY void add_values(const float *values, int count, float *sums) {
  octet total, value;
  memcpy(&total, sums, sizeof total);
  int i = 0;
  for (; i + octet_count <= count; i += octet_count) {
    memcpy(&value, values + i, sizeof value);
    total += value;
  }
  load_last(values + i, count - i, &value);
  total += value;
  memcpy(sums, &total, sizeof total);
}

BODY void add_counts(const float *values, int count, float above, float below, float *sums) {
  octet total, value, one = {1, 1, 1, 1, 1, 1, 1, 1};
  memcpy(&total, sums, sizeof total);
  int i = 0;
  for (; i + octet_count <= count; i += octet_count) {
    memcpy(&value, values + i, sizeof value);
    total += (octet)((places)one & (value > above) & (value < below));
  }
  for (; i < count; i++) total[i % octet_count] += values[i] > above && values[i] < below;
  memcpy(sums, &total, sizeof total);
}

#if defined(__x86_64__)

WIDE void add_products_avx2(const float *a, const float *b, int count, float *sums) { add_products(a, b, count, sums); }

WIDE void add_values_avx2(const float *values, int count, float *sums) { add_values(values, count, sums); }

WIDE void add_counts_avx2(const float *values, int count, float above, float below, float *sums) {
  add_counts(values, count, above, below, sums);
}

WIDE int place_of_avx2(float value, const float *values, int count) { return place_of(value, values, count); }

WIDE void sums_at_avx2(const float *values, const int32_t *from, int place_count, int count, float *sums) {
  sums_at(values, from, place_count, count, sums);
}

WIDE tm_extent extent_of_avx2(const float *values, int count) { return extent_of(values, count); }

#endif

void tm_add_products(const float *a, const float *b, int count, float *sums) {
  if (b != NULL) {
    DISPATCH(add_products, a, b, count, sums);
  } else {
    DISPATCH(add_values, a, count, sums);
  }
}

void tm_add_counts(const float *values, int count, float above, float below, float *sums) {
  DISPATCH(add_counts, values, count, above, below, sums);
}

int tm_place_of(float value, const float *values, int count) { return DISPATCH(place_of, value, values, count); }

tm_extent tm_extent_of(const float *values, int count) { return DISPATCH(extent_of, values, count); }

void tm_sums_at(const float *values, const int32_t *from, int place_count, int count, float *sums) {
  DISPATCH(sums_at, values, from, place_count, count, sums);
}
