#include "filters.h"

#include <stdlib.h>
#include <string.h>

#include "unfilter_paeth.h"

BODY void unfilter_any(uint8_t *row, uint8_t *above, size_t count, size_t stride, size_t size, size_t unit) {
  if (unit == 3) {
    unfilter_rows(row, above, count, stride, size, 3);
  } else if (unit == 4) {
    unfilter_rows(row, above, count, stride, size, 4);
  } else {
    unfilter_rows(row, above, count, stride, size, unit);
  }
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

enum { WIDTH = 32 };
typedef uint8_t wide_bytes __attribute__((vector_size(WIDTH)));

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
    PREDICT_BYTES(wide_bytes, left, up, corner);
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
    uint8_t *row, uint8_t *above, size_t count, size_t stride, size_t size, size_t unit) {
  unfilter_any(row, above, count, stride, size, unit);
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

void tm_unfilter_paeth(
    uint8_t *row, const uint8_t *above, size_t count, size_t stride, size_t size, size_t unit) {
  // Nothing is written to the row above.
  DISPATCH(unfilter_any, row, (uint8_t *)above, count, stride, size, unit);
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
