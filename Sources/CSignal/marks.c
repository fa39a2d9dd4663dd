#include "CSignal.h"
#include "sixteens.h"

#include <stddef.h>
#include <string.h>

// As in blocks.c: compiled twice, nothing fused, the same results everywhere.
#pragma STDC FP_CONTRACT OFF

enum { LEAST = -128, MOST = 127, MIDDLE = -128, HALF = 1 << (TM_MARK_BITS - 1) };

BODY int16_t saturated(int32_t value) {
  return (int16_t)(value < INT16_MIN ? INT16_MIN : value > INT16_MAX ? INT16_MAX : value);
}

BODY int whole(int16_t mark) {
  int number = saturated(mark + HALF) >> TM_MARK_BITS;
  return number < LEAST ? LEAST : number > MOST ? MOST : number;
}

BODY uint32_t change(uint8_t *sample, int by) {
  int old = *sample, sum = old + by;
  sum = sum < 0 ? 0 : sum > 255 ? 255 : sum;
  *sample = (uint8_t)sum;
  return (uint32_t)((sum - old) * (sum - old));
}

// What is added to pixel `x`: its colours come first, and what is fully transparent shows nothing.
BODY uint32_t mark_pixel(
    uint8_t *pixel, int channels, int x, const int16_t *marks, const int16_t *blue, int16_t green) {
  int mask = channels % 2 == 0 && pixel[channels - 1] == 0 ? 0 : -1;
  uint32_t squares = change(pixel, whole(marks[x]) & mask);
  if (channels < 3) return squares;
  int16_t extra = blue ? blue[x] : 0;
  squares += change(pixel + 1, whole(saturated(marks[x] + upper_half(extra, green))) & mask);
  return squares + change(pixel + 2, whole(saturated(marks[x] + extra)) & mask);
}

// Sixteen pixels at a time: what is added to them channel by channel, then woven into their order.
enum { FEW = sixteen_count };
typedef int8_t few_b __attribute__((vector_size(FEW)));
// What is added squared, at most 128², three times at most, for opacity stays; then two neighbours in one word, whichever is the upper.
typedef uint16_t few_w __attribute__((vector_size(2 * FEW)));
typedef uint32_t squares_w __attribute__((vector_size(2 * FEW)));

BODY void few_whole(const sixteen *marks, few_b *result) {
  sixteen zero = {0};
  sixteen number = __builtin_elementwise_add_sat(*marks, zero + HALF) >> TM_MARK_BITS;
  number = __builtin_elementwise_max(__builtin_elementwise_min(number, zero + MOST), zero + LEAST);
  *result = __builtin_convertvector(number, few_b);
}

// Samples less 128 add up as signed bytes do, and are held between the same bounds.
BODY void few_change(uint8_t *samples, const few_b *by, few_w *squares) {
  few_b old, zero = {0}, middle = zero + (int8_t)MIDDLE;
  memcpy(&old, samples, sizeof old);
  few_b now = __builtin_elementwise_add_sat(old ^ middle, *by) ^ middle;
  memcpy(samples, &now, sizeof now);
  sixteen difference = __builtin_convertvector(now - old, sixteen);
  *squares += (few_w)(difference * difference);
}

// Three channels: `red`, `green` and `blue` of sixteen pixels in turn.
BODY void few_colors(uint8_t *row, const few_b *red, const few_b *green, const few_b *blue, few_w *squares) {
  few_b r = *red, g = *green, b = *blue;
  few_b first = __builtin_shufflevector(r, g, 0, 16, 0, 1, 17, 0, 2, 18, 0, 3, 19, 0, 4, 20, 0, 5);
  first = __builtin_shufflevector(first, b, 0, 1, 16, 3, 4, 17, 6, 7, 18, 9, 10, 19, 12, 13, 20, 15);
  few_b second = __builtin_shufflevector(g, b, 5, 21, 0, 6, 22, 0, 7, 23, 0, 8, 24, 0, 9, 25, 0, 10);
  second = __builtin_shufflevector(second, r, 0, 1, 22, 3, 4, 23, 6, 7, 24, 9, 10, 25, 12, 13, 26, 15);
  few_b third = __builtin_shufflevector(b, r, 10, 27, 0, 11, 28, 0, 12, 29, 0, 13, 30, 0, 14, 31, 0, 15);
  third = __builtin_shufflevector(third, g, 0, 1, 27, 3, 4, 28, 6, 7, 29, 9, 10, 30, 12, 13, 31, 15);
  few_change(row, &first, squares);
  few_change(row + FEW, &second, squares);
  few_change(row + 2 * FEW, &third, squares);
}

// Four pixels of four channels, of what is added to sixteen those from `a` on.
#define CHANGE_FOUR(a)                                                                                         \
  do {                                                                                                         \
    few_b by = __builtin_shufflevector(                                                                        \
        rg, bn, 2 * (a), 2 * (a) + 1, 2 * (a) + 32, 2 * (a) + 33, 2 * (a) + 2, 2 * (a) + 3, 2 * (a) + 34,      \
        2 * (a) + 35, 2 * (a) + 4, 2 * (a) + 5, 2 * (a) + 36, 2 * (a) + 37, 2 * (a) + 6, 2 * (a) + 7,          \
        2 * (a) + 38, 2 * (a) + 39);                                                                           \
    few_b old;                                                                                                 \
    memcpy(&old, row + 4 * (a), sizeof old);                                                                   \
    by &= __builtin_shufflevector(old, old, 3, 3, 3, 3, 7, 7, 7, 7, 11, 11, 11, 11, 15, 15, 15, 15) != 0;      \
    few_change(row + 4 * (a), &by, squares);                                                                   \
  } while (0)

BODY void few_opaque(uint8_t *row, const few_b *red, const few_b *green, const few_b *blue, few_w *squares) {
  typedef int8_t pairs __attribute__((vector_size(2 * FEW)));
  const few_b none = {0};
  pairs rg = __builtin_shufflevector(
      *red, *green, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28,
      13, 29, 14, 30, 15, 31);
  pairs bn = __builtin_shufflevector(
      *blue, none, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28,
      13, 29, 14, 30, 15, 31);
  CHANGE_FOUR(0);
  CHANGE_FOUR(4);
  CHANGE_FOUR(8);
  CHANGE_FOUR(12);
}

BODY void mark_few(
    uint8_t *row, int channels, const int16_t *marks, const int16_t *blue, int16_t green, few_w *squares) {
  sixteen mark, extra, sum, zero = {0}, share = zero + green;
  few_b parts[3];
  memcpy(&mark, marks, sizeof mark);
  few_whole(&mark, &parts[0]);
  if (channels == 1) return few_change(row, &parts[0], squares);
  if (blue) {
    memcpy(&extra, blue, sizeof extra);
    upper_halves(&extra, &share, &sum);
    sum = __builtin_elementwise_add_sat(mark, sum);
    few_whole(&sum, &parts[1]);
    sum = __builtin_elementwise_add_sat(mark, extra);
    few_whole(&sum, &parts[2]);
  } else {
    parts[1] = parts[2] = parts[0];
  }
  if (channels == 3) {
    few_colors(row, &parts[0], &parts[1], &parts[2], squares);
  } else {
    few_opaque(row, &parts[0], &parts[1], &parts[2], squares);
  }
}

BODY int64_t mark(
    uint8_t *restrict row, int channels, int count, const int16_t *restrict marks, const int16_t *restrict blue,
    int16_t green) {
  int64_t total = 0;
  // The squares of 2¹³ pixels, three of 255 at most in each, stay within 32 bits.
  for (int start = 0; start < count; start += 1 << 13) {
    int end = count - start < 1 << 13 ? count : start + (1 << 13), x = start;
    squares_w squares = {0};
    // Grey ones beside their opacity are rare.
    for (; channels != 2 && x + FEW <= end; x += FEW) {
      few_w some = {0};
      mark_few(row + channels * x, channels, marks + x, blue ? blue + x : NULL, green, &some);
      squares += ((squares_w)some & 0xFFFF) + ((squares_w)some >> 16);
    }
    uint32_t rest = 0;
    for (; x < end; x++) rest += mark_pixel(row + channels * x, channels, x, marks, blue, green);
    for (int i = 0; i < FEW / 2; i++) total += squares[i];
    total += rest;
  }
  return total;
}

// A loop for each kind of pixel, so that none asks.
BODY int64_t mark_any(
    uint8_t *row, int channels, int count, const int16_t *marks, const int16_t *blue, int16_t green) {
  if (channels == 3 && blue) return mark(row, 3, count, marks, blue, green);
  if (channels == 3) return mark(row, 3, count, marks, NULL, 0);
  if (channels == 4 && blue) return mark(row, 4, count, marks, blue, green);
  if (channels == 4) return mark(row, 4, count, marks, NULL, 0);
  return channels == 2 ? mark(row, 2, count, marks, NULL, 0) : mark(row, 1, count, marks, NULL, 0);
}

#if defined(__x86_64__)

WIDE int64_t mark_any_avx2(
    uint8_t *row, int channels, int count, const int16_t *marks, const int16_t *blue, int16_t green) {
  return mark_any(row, channels, count, marks, blue, green);
}
#endif

int64_t tm_pixels_mark(
    uint8_t *row, int channels, int count, const int16_t *marks, const int16_t *blue, int16_t green) {
  return DISPATCH(mark_any, row, channels, count, marks, blue, green);
}
