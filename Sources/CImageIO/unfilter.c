#include "unfilter.h"

#include <stdlib.h>
#include <string.h>

// All channels of a pixel side by side: each byte depends on its left neighbour, so that pixels come one after the other.
typedef int16_t pixel __attribute__((vector_size(8)));
typedef uint8_t bytes __attribute__((vector_size(4)));

static inline pixel load(const uint8_t *from) {
  bytes four;
  memcpy(&four, from, sizeof four);
  return __builtin_convertvector(four, pixel);
}

static inline pixel magnitude(pixel value) {
  pixel sign = value >> 15;
  return (value ^ sign) - sign;
}

// The neighbour nearest to left + above - corner; left wins ties, then above (PNG 9.4).
static inline pixel predict(pixel left, pixel above, pixel corner) {
  pixel to_left = above - corner, to_above = left - corner;
  pixel a = magnitude(to_left), b = magnitude(to_above), c = magnitude(to_left + to_above);
  pixel takes_left = (a <= b) & (a <= c), takes_above = b <= c;
  pixel rest = (above & takes_above) | (corner & ~takes_above);
  return (left & takes_left) | (rest & ~takes_left);
}

static uint8_t predict_one(int left, int above, int corner) {
  int a = abs(above - corner), b = abs(left - corner), c = abs(left + above - 2 * corner);
  if (a <= b && a <= c) return (uint8_t)left;
  return (uint8_t)(b <= c ? above : corner);
}

void tm_unfilter_paeth(uint8_t *row, const uint8_t *above, size_t size, size_t unit) {
  size_t i = 0;
  for (; i < unit && i < size; i++) row[i] = (uint8_t)(row[i] + above[i]);
  if ((unit == 3 || unit == 4) && size >= unit) {
    pixel left = {row[0], row[1], row[2], unit == 4 ? row[3] : 0};
    pixel corner = {above[0], above[1], above[2], unit == 4 ? above[3] : 0};
    // Four bytes are read, three written: the last pixel is left to the plain loop.
    for (; i + 4 <= size; i += unit) {
      pixel up = load(above + i);
      left = (load(row + i) + predict(left, up, corner)) & 0xFF;
      corner = up;
      bytes result = __builtin_convertvector(left, bytes);
      if (unit == 4) {
        memcpy(row + i, &result, 4);
      } else {
        memcpy(row + i, &result, 3);
      }
    }
  }
  for (; i < size; i++) row[i] = (uint8_t)(row[i] + predict_one(row[i - unit], above[i], above[i - unit]));
}
