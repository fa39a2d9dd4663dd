#include "filters.h"
#include "../CSignal/dispatch.h"

#include <stdlib.h>
#include <string.h>

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

// Whether nothing differs from what is predicted in eight pixels whose row above goes on as it was: they are all like the one before, for
// where `above` equals `corner`, left wins. Most of a drawing is that way.
BODY int is_even(const uint8_t *row, const uint8_t *above, size_t unit) {
  uint64_t rows[4] = {0}, ups[4] = {0}, corners[4] = {0};
  memcpy(rows, row, 8 * unit);
  memcpy(ups, above, 8 * unit);
  memcpy(corners, above - unit, 8 * unit);
  uint64_t all = 0;
  for (int k = 0; k < 4; k++) all |= rows[k] | (ups[k] ^ corners[k]);
  return all == 0;
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

BODY void unfilter_any_two(uint8_t *first, const uint8_t *above, uint8_t *second, size_t size, size_t unit) {
  if (unit == 3) {
    unfilter_two(first, above, second, size, 3);
  } else if (unit == 4) {
    unfilter_two(first, above, second, size, 4);
  } else {
    unfilter_two(first, above, second, size, unit);
  }
}

BODY void unfilter_any(uint8_t *row, const uint8_t *above, size_t size, size_t unit) {
  if (unit == 3) {
    unfilter(row, above, size, 3);
  } else if (unit == 4) {
    unfilter(row, above, size, 4);
  } else {
    unfilter(row, above, size, unit);
  }
}

// As `is_even`, where nothing above matters.
BODY int is_still(const uint8_t *row, size_t unit) {
  uint64_t words[4] = {0};
  memcpy(words, row, 8 * unit);
  return (words[0] | words[1] | words[2] | words[3]) == 0;
}

BODY void unfilter_sub(uint8_t *row, size_t size, size_t unit) {
  size_t i = unit;
  if (unit == 3 || unit == 4) {
    bytes left = {0}, value = {0};
    memcpy(&left, row, size < 4 ? size : 4);
    // Four bytes are read, three written, as above.
    while (i + 4 <= size) {
      int is_whole = i + 8 * unit < size;
      if (is_whole && is_still(row + i, unit)) {
        repeat(row + i, unit);
        i += 8 * unit;
        continue;
      }
      for (size_t end = is_whole ? i + 8 * unit : size - 3; i < end; i += unit) {
        memcpy(&value, row + i, 4);
        left += value;
        memcpy(row + i, &left, unit == 4 ? 4 : 3);
      }
    }
  }
  for (; i < size; i++) row[i] = (uint8_t)(row[i] + row[i - unit]);
}

BODY void unfilter_sub_any(uint8_t *row, size_t size, size_t unit) {
  if (unit == 3) {
    unfilter_sub(row, size, 3);
  } else if (unit == 4) {
    unfilter_sub(row, size, 4);
  } else {
    unfilter_sub(row, size, unit);
  }
}

// As `predict_one`, within bytes: of how far corner is above the smaller and below the larger, neither less than nothing, the larger is
// predicted where twice the first is no more than the second, the smaller where twice the second is no more than the first.
enum { WIDTH = 32 };
typedef uint8_t wide_bytes __attribute__((vector_size(WIDTH)));

BODY void predict_bytes(wide_bytes *left, const wide_bytes *above, const wide_bytes *corner) {
  wide_bytes low = __builtin_elementwise_min(*left, *above), high = __builtin_elementwise_max(*left, *above);
  wide_bytes from_low = __builtin_elementwise_sub_sat(*corner, low);
  wide_bytes to_high = __builtin_elementwise_sub_sat(high, *corner);
  wide_bytes is_high = (wide_bytes)(__builtin_elementwise_add_sat(from_low, from_low) <= to_high);
  wide_bytes is_low = (wide_bytes)(__builtin_elementwise_add_sat(to_high, to_high) <= from_low);
  wide_bytes rest = (low & is_low) | (*corner & ~is_low);
  *left = (high & is_high) | (rest & ~is_high);
}

BODY void filter(
    const uint8_t *restrict row, const uint8_t *restrict above, uint8_t *restrict out, size_t size, size_t unit) {
  size_t i = 0;
  for (; i < unit && i < size; i++) out[i] = (uint8_t)(row[i] - above[i]);
  for (; i + WIDTH <= size; i += WIDTH) {
    wide_bytes values, left, up, corner;
    memcpy(&values, row + i, WIDTH);
    memcpy(&left, row + i - unit, WIDTH);
    memcpy(&up, above + i, WIDTH);
    memcpy(&corner, above + i - unit, WIDTH);
    predict_bytes(&left, &up, &corner);
    values -= left;
    memcpy(out + i, &values, WIDTH);
  }
  for (; i < size; i++) out[i] = (uint8_t)(row[i] - predict_one(row[i - unit], above[i], above[i - unit]));
}

BODY void average(
    const uint8_t *restrict row, const uint8_t *restrict above, uint8_t *restrict out, size_t size, size_t unit) {
  for (size_t i = 0; i < unit && i < size; i++) out[i] = (uint8_t)(row[i] - (above[i] >> 1));
  for (size_t i = unit; i < size; i++) out[i] = (uint8_t)(row[i] - ((row[i - unit] + above[i]) >> 1));
}

BODY uint64_t weigh(const uint8_t *bytes, size_t size) {
  uint64_t total = 0;
  // 2¹⁶ times 128 stay within 32 bits.
  for (size_t start = 0; start < size; start += 1 << 16) {
    size_t end = size - start < 1 << 16 ? size : start + (1 << 16);
    uint32_t sum = 0;
    for (size_t i = start; i < end; i++) {
      uint8_t value = bytes[i], other = (uint8_t)-value;
      sum += value < other ? value : other;
    }
    total += sum;
  }
  return total;
}

#if defined(WIDE)

WIDE void unfilter_any_avx2(
    uint8_t *row, const uint8_t *above, size_t size, size_t unit) {
  unfilter_any(row, above, size, unit);
}

WIDE void unfilter_any_two_avx2(
    uint8_t *first, const uint8_t *above, uint8_t *second, size_t size, size_t unit) {
  unfilter_any_two(first, above, second, size, unit);
}

WIDE void filter_avx2(
    const uint8_t *row, const uint8_t *above, uint8_t *out, size_t size, size_t unit) {
  filter(row, above, out, size, unit);
}

WIDE void average_avx2(
    const uint8_t *row, const uint8_t *above, uint8_t *out, size_t size, size_t unit) {
  average(row, above, out, size, unit);
}

WIDE uint64_t weigh_avx2(const uint8_t *bytes, size_t size) { return weigh(bytes, size); }

#endif

void tm_unfilter_paeth(uint8_t *row, const uint8_t *above, size_t size, size_t unit) {
  DISPATCH(unfilter_any, row, above, size, unit);
}

void tm_unfilter_paeth_two(uint8_t *first, const uint8_t *above, uint8_t *second, size_t size, size_t unit) {
  DISPATCH(unfilter_any_two, first, above, second, size, unit);
}

BODY void unfilter_up(uint8_t *restrict row, const uint8_t *restrict above, size_t size) {
  for (size_t i = 0; i < size; i++) row[i] = (uint8_t)(row[i] + above[i]);
}

#if defined(WIDE)
WIDE void unfilter_up_avx2(uint8_t *row, const uint8_t *above, size_t size) { unfilter_up(row, above, size); }
#endif

void tm_unfilter_up(uint8_t *row, const uint8_t *above, size_t size) { DISPATCH(unfilter_up, row, above, size); }

void tm_unfilter_sub(uint8_t *row, size_t size, size_t unit) { unfilter_sub_any(row, size, unit); }

void tm_filter_paeth(const uint8_t *row, const uint8_t *above, uint8_t *out, size_t size, size_t unit) {
  DISPATCH(filter, row, above, out, size, unit);
}

void tm_filter_average(const uint8_t *row, const uint8_t *above, uint8_t *out, size_t size, size_t unit) {
  DISPATCH(average, row, above, out, size, unit);
}

uint64_t tm_filter_weight(const uint8_t *bytes, size_t size) { return DISPATCH(weigh, bytes, size); }
