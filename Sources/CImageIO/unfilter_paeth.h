#pragma once
// How filters.c undoes Paeth's filter: pixel by pixel, and four rows at once.
#include <stdint.h>
#include <string.h>

#include "../CSignal/dispatch.h"

// All channels of a pixel side by side: each byte depends on its left neighbour, so that pixels come one after the other.
typedef int16_t pixel __attribute__((vector_size(16)));
typedef uint8_t bytes __attribute__((vector_size(8)));

BODY void load(const uint8_t *from, pixel *values) {
  bytes four = {0};
  memcpy(&four, from, 4);
  *values = __builtin_convertvector(four, pixel);
}

// PNG 9.4, for all 2²⁴ triples: the larger of left and above where 3 · corner - left - above is no more than the smaller, the smaller where it
// is no less than the larger, else corner. Three distances take more steps, one after the other, from left on.
BODY int16_t predict_one(int16_t left, int16_t above, int16_t corner) {
  int16_t threshold = (int16_t)(3 * corner - above - left);
  int16_t low = left < above ? left : above, high = left < above ? above : left;
  int16_t rest = high <= threshold ? low : corner;
  return threshold <= low ? high : rest;
}

// The same of all lanes.
BODY void predict(const pixel *left, const pixel *above, const pixel *corner, pixel *result) {
  pixel threshold = (*corner + *corner + *corner - *above) - *left;
  pixel low = __builtin_elementwise_min(*left, *above), high = __builtin_elementwise_max(*left, *above);
  pixel is_high = threshold < high, is_low = threshold > low;
  pixel rest = (*corner & is_high) | (low & ~is_high);
  *result = (rest & is_low) | (high & ~is_low);
}

// Whether eight pixels differ in nothing from what is predicted.
BODY int is_still(const uint8_t *row, size_t unit) {
  uint64_t words[4] = {0};
  memcpy(words, row, 8 * unit);
  return (words[0] | words[1] | words[2] | words[3]) == 0;
}

// Whether eight pixels are like the one before.
BODY int goes_on(const uint8_t *row, size_t unit) {
  uint64_t words[4] = {0}, before[4] = {0};
  memcpy(words, row, 8 * unit);
  memcpy(before, row - unit, 8 * unit);
  return ((words[0] ^ before[0]) | (words[1] ^ before[1]) | (words[2] ^ before[2]) | (words[3] ^ before[3])) == 0;
}

// Both: they are all like the one before, for where `above` equals `corner`, left wins. Most of a drawing is that way.
BODY int is_even(const uint8_t *row, const uint8_t *above, size_t unit) {
  return is_still(row, unit) && goes_on(above, unit);
}

// Eight pixels like the one before. Words are put together of it where bytes lie in memory the lowest first.
BODY void repeat(uint8_t *row, size_t unit) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  uint64_t pixel = 0, words[4];
  memcpy(&pixel, row - unit, unit);
  if (unit == 3) {
    words[0] = pixel * 0x0001000001000001;
    words[1] = pixel * 0x0100000100000100 | pixel >> 16;
    words[2] = pixel * 0x0000010000010000 | pixel >> 8;
  } else {
    for (int k = 0; k < 4; k++) words[k] = pixel | pixel << 32;
  }
  memcpy(row, words, 8 * unit);
#else
  for (size_t i = 0; i < 8 * unit; i++) row[i] = row[i - unit];
#endif
}

BODY void unfilter_first(uint8_t *row, const uint8_t *above, size_t size, size_t unit) {
  for (size_t i = 0; i < unit && i < size; i++) row[i] = (uint8_t)(row[i] + above[i]);
}

// From the pixel at `i` on, which has one to its left.
BODY void unfilter_from(size_t i, uint8_t *row, const uint8_t *above, size_t size, size_t unit) {
  if ((unit == 3 || unit == 4) && size >= i + 4) {
    pixel left, corner;
    // The fourth lane of three channels is never stored.
    load(row + i - unit, &left);
    load(above + i - unit, &corner);
    while (i + 4 <= size) {
      // A byte behind the eighth pixel is read with it.
      int is_whole = i + 8 * unit < size;
      if (is_whole && is_even(row + i, above + i, unit)) {
        repeat(row + i, unit);
        i += 8 * unit;
        load(above + i - unit, &corner);
        load(row + i - unit, &left);
        continue;
      }
      for (size_t end = is_whole ? i + 8 * unit : size - 3; i < end; i += unit) {
        pixel up, value, prediction;
        load(above + i, &up);
        load(row + i, &value);
        predict(&left, &up, &corner, &prediction);
        left = (value + prediction) & 0xFF;
        corner = up;
        bytes result = __builtin_convertvector(left, bytes);
        // Four bytes are read, three written: the last pixel is left to the plain loop.
        memcpy(row + i, &result, unit == 4 ? 4 : 3);
      }
    }
  }
  for (; i < size; i++) row[i] = (uint8_t)(row[i] + predict_one(row[i - unit], above[i], above[i - unit]));
}

BODY void unfilter(uint8_t *row, const uint8_t *above, size_t size, size_t unit) {
  unfilter_first(row, above, size, unit);
  unfilter_from(unit, row, above, size, unit);
}

// A pixel of each of two rows.
BODY void load_two(const uint8_t *first, const uint8_t *second, pixel *values) {
  bytes both;
  memcpy(&both, first, 4);
  memcpy((uint8_t *)&both + 4, second, 4);
  *values = __builtin_convertvector(both, pixel);
}

// Eight pixels of `first` from `i` on, and the eight before them of `second`, the row below, at the same time.
BODY void unfilter_eights(
    size_t i, uint8_t *first, const uint8_t *above, uint8_t *second, size_t unit, pixel *left, pixel *corner) {
  const size_t lag = 8 * unit, stored = unit == 4 ? 4 : 3;
  for (size_t end = i + lag; i < end; i += unit) {
    pixel up, value, prediction;
    load_two(above + i, first + i - lag, &up);
    load_two(first + i, second + i - lag, &value);
    predict(left, &up, corner, &prediction);
    *left = (value + prediction) & 0xFF;
    *corner = up;
    bytes result = __builtin_convertvector(*left, bytes);
    memcpy(first + i, &result, stored);
    memcpy(second + i - lag, (const uint8_t *)&result + 4, stored);
  }
}

// Pixels of one row wait for one another, but not for those of a row eight pixels behind.
BODY void unfilter_two(uint8_t *first, const uint8_t *above, uint8_t *second, size_t size, size_t unit) {
  const size_t lag = 8 * unit;
  // Four bytes of each pixel are read.
  if ((unit != 3 && unit != 4) || size <= unit + 2 * lag) {
    unfilter(first, above, size, unit);
    unfilter(second, first, size, unit);
    return;
  }
  unfilter_first(first, above, size, unit);
  unfilter_from(unit, first, above, unit + lag, unit);
  unfilter_first(second, first, size, unit);
  size_t i = unit + lag;
  pixel left, corner;
  int is_known = 0;
  for (; i + lag < size; i += lag) {
    if (is_even(first + i, above + i, unit) && is_even(second + i - lag, first + i - lag, unit)) {
      repeat(first + i, unit);
      repeat(second + i - lag, unit);
      is_known = 0;
      continue;
    }
    if (!is_known) {
      load_two(first + i - unit, second + i - lag - unit, &left);
      load_two(above + i - unit, first + i - lag - unit, &corner);
      is_known = 1;
    }
    unfilter_eights(i, first, above, second, unit, &left, &corner);
  }
  unfilter_from(i, first, above, size, unit);
  unfilter_from(i - lag, second, first, size, unit);
}

// Four pixels of each of four rows, or the other way round: a pixel of each row to a vector.
typedef uint8_t of_rows __attribute__((vector_size(16)));
typedef uint32_t whole_pixels __attribute__((vector_size(16)));

BODY void turn(of_rows *rows) {
  whole_pixels a = (whole_pixels)rows[0], b = (whole_pixels)rows[1], c = (whole_pixels)rows[2], d = (whole_pixels)rows[3];
  whole_pixels low = __builtin_shufflevector(a, b, 0, 4, 1, 5), high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  whole_pixels other_low = __builtin_shufflevector(c, d, 0, 4, 1, 5);
  whole_pixels other_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  rows[0] = (of_rows)__builtin_shufflevector(low, other_low, 0, 1, 4, 5);
  rows[1] = (of_rows)__builtin_shufflevector(low, other_low, 2, 3, 6, 7);
  rows[2] = (of_rows)__builtin_shufflevector(high, other_high, 0, 1, 4, 5);
  rows[3] = (of_rows)__builtin_shufflevector(high, other_high, 2, 3, 6, 7);
}

// Sixteen bytes are read.
BODY void load_pixels(const uint8_t *row, size_t unit, of_rows *pixels) {
  memcpy(pixels, row, 16);
  if (unit == 3) *pixels = __builtin_shufflevector(*pixels, *pixels, 0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1);
}

BODY void load_four(uint8_t *const *rows, size_t unit, of_rows *columns) {
  for (int k = 0; k < 4; k++) load_pixels(rows[k], unit, &columns[k]);
  turn(columns);
}

BODY void store_four(uint8_t *const *rows, size_t unit, of_rows *columns) {
  turn(columns);
  for (int k = 0; k < 4; k++) {
    if (unit == 3) {
      columns[k] =
          __builtin_shufflevector(columns[k], columns[k], 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
    }
    memcpy(rows[k], &columns[k], unit == 3 ? 12 : 16);
  }
}

// As `predict`, within bytes: of how far corner is above the smaller and below the larger, neither less than nothing, the larger is
// predicted where twice the first is no more than the second, the smaller where twice the second is no more than the first.
#define PREDICT_BYTES(type, left, above, corner)                                                                 \
  do {                                                                                                           \
    type low = __builtin_elementwise_min(left, above), high = __builtin_elementwise_max(left, above);            \
    type from_low = __builtin_elementwise_sub_sat(corner, low);                                                  \
    type to_high = __builtin_elementwise_sub_sat(high, corner);                                                  \
    type is_high = (type)(__builtin_elementwise_add_sat(from_low, from_low) <= to_high);                         \
    type is_low = (type)(__builtin_elementwise_add_sat(to_high, to_high) <= from_low);                           \
    type rest = (low & is_low) | (corner & ~is_low);                                                             \
    left = (high & is_high) | (rest & ~is_high);                                                                 \
  } while (0)

// Where four rows stand, the first in rows[1] and the one above it in rows[0]: each is eight pixels behind the row above it.
typedef struct {
  of_rows left, corner;
  // The eight columns that were done last. They are on the processor's way to memory, which takes as long as doing the next.
  of_rows done[8];
} front;

BODY void load_column(uint8_t *const *rows, size_t i, size_t unit, of_rows *column) {
  for (int k = 0; k < 4; k++) memcpy((uint8_t *)column + 4 * k, rows[k] + i - k * 8 * unit, 4);
}

// Of the last row only its last pixel is known to be there, and nothing else of it is needed.
BODY void load_front(size_t i, uint8_t *const *rows, size_t unit, front *front) {
  const size_t lag = 8 * unit;
  uint8_t *done[] = {rows[1] + i - lag, rows[2] + i - 2 * lag, rows[3] + i - 3 * lag, rows[3] + i - 3 * lag};
  load_four(done, unit, front->done);
  for (int k = 0; k < 4; k++) done[k] += 4 * unit;
  load_four(done, unit, front->done + 4);
  load_column(rows + 1, i - unit, unit, &front->left);
  load_column(rows, i - unit, unit, &front->corner);
}

// Eight pixels of the first row from `i` on, and of each further row the eight before them.
BODY void unfilter_eights_of_four(size_t i, uint8_t *const *rows, size_t unit, front *front) {
  uint8_t *own[4];
  for (int k = 0; k < 4; k++) own[k] = rows[k + 1] + i - k * 8 * unit;
  of_rows left = front->left, corner = front->corner;
  for (int half = 0; half < 2; half++) {
    of_rows above, value[4];
    load_pixels(rows[0] + i + half * 4 * unit, unit, &above);
    load_four(own, unit, value);
    for (int j = 0; j < 4; j++) {
      of_rows *done = &front->done[4 * half + j];
      of_rows up = (of_rows)__builtin_shufflevector((whole_pixels)above, (whole_pixels)*done, 0, 4, 5, 6);
      above = (of_rows)__builtin_shufflevector((whole_pixels)above, (whole_pixels)above, 1, 2, 3, 0);
      PREDICT_BYTES(of_rows, left, up, corner);
      left += value[j];
      *done = value[j] = left;
      corner = up;
    }
    store_four(own, unit, value);
    for (int k = 0; k < 4; k++) own[k] += 4 * unit;
  }
  front->left = left;
  front->corner = corner;
}

// What is read of the rows above was stored a moment ago, and is not waited for where a row's own bytes say no.
BODY int are_even(size_t i, uint8_t *const *rows, size_t unit) {
  const size_t lag = 8 * unit;
  for (int k = 0; k < 4; k++) {
    if (!is_still(rows[k + 1] + i - k * lag, unit)) return 0;
  }
  for (int k = 0; k < 4; k++) {
    if (!goes_on(rows[k] + i - k * lag, unit)) return 0;
  }
  return 1;
}

// `rows` is the row above and four below it.
BODY void unfilter_four(uint8_t *const *rows, size_t size, size_t unit) {
  const size_t lag = 8 * unit;
  size_t i = unit + 3 * lag;
  for (int k = 1; k <= 4; k++) {
    unfilter_first(rows[k], rows[k - 1], size, unit);
    unfilter_from(unit, rows[k], rows[k - 1], i - (k - 1) * lag, unit);
  }
  front front;
  int is_known = 0;
  // Four bytes behind the eighth pixel are read.
  for (; i + lag + 4 <= size; i += lag) {
    if (are_even(i, rows, unit)) {
      for (int k = 0; k < 4; k++) repeat(rows[k + 1] + i - k * lag, unit);
      is_known = 0;
      continue;
    }
    if (!is_known) load_front(i, rows, unit, &front);
    is_known = 1;
    unfilter_eights_of_four(i, rows, unit, &front);
  }
  for (int k = 0; k < 4; k++) unfilter_from(i - k * lag, rows[k + 1], rows[k], size, unit);
}

// Pixels of one row wait for one another, but not for those of rows eight pixels behind.
BODY void unfilter_rows(uint8_t *row, uint8_t *above, size_t count, size_t stride, size_t size, size_t unit) {
  while (count > 0) {
    size_t done = 1;
    if ((unit == 3 || unit == 4) && count >= 4 && size > unit + 32 * unit) {
      uint8_t *rows[] = {above, row, row + stride, row + 2 * stride, row + 3 * stride};
      unfilter_four(rows, size, unit);
      done = 4;
    } else if (count >= 2) {
      unfilter_two(row, above, row + stride, size, unit);
      done = 2;
    } else {
      unfilter(row, above, size, unit);
    }
    count -= done;
    row += done * stride;
    above = row - stride;
  }
}
