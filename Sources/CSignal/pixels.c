#include "CSignal.h"
#include "dispatch.h"

#include <stddef.h>
#include <string.h>

// As in blocks.c: compiled twice, nothing fused, the same results everywhere.
#pragma STDC FP_CONTRACT OFF

// BT.601 in 256ths.
BODY float luma_of(const uint8_t *pixel) {
  int32_t sum = 77 * pixel[0] + 150 * pixel[1] + 29 * pixel[2];
  return (float)sum * 0x1p-8f;
}

// Eight pixels at a time. A channel of them, bytes of whole numbers whose others are 0, is picked from four in each half of a vector, which
// processors shuffle by itself.
typedef uint8_t pixels_b __attribute__((vector_size(32)));
typedef uint8_t half_pixels_b __attribute__((vector_size(16)));
typedef int32_t pixels_i __attribute__((vector_size(32)));
typedef float pixels_f __attribute__((vector_size(32)));
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define NUMBER_OF(byte) byte, 32, 32, 32
#else
#define NUMBER_OF(byte) 32, 32, 32, byte
#endif
#define CHANNEL(C, step)                                                                                       \
  (pixels_i) __builtin_shufflevector(                                                                          \
      bytes, none, NUMBER_OF(C), NUMBER_OF((step) + (C)), NUMBER_OF(2 * (step) + (C)),                         \
      NUMBER_OF(3 * (step) + (C)), NUMBER_OF(16 + (C)), NUMBER_OF(16 + (step) + (C)),                          \
      NUMBER_OF(16 + 2 * (step) + (C)), NUMBER_OF(16 + 3 * (step) + (C)))

// The luma of eight pixels, and their blue.
BODY void luma_of_some(const uint8_t *row, int step, pixels_f *values, pixels_i *blue) {
  half_pixels_b first, second;
  memcpy(&first, row, sizeof first);
  memcpy(&second, row + 4 * step, sizeof second);
  const pixels_b none = {0};
  pixels_b bytes = __builtin_shufflevector(
      first, second, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
      27, 28, 29, 30, 31);
  pixels_i red = step == 3 ? CHANNEL(0, 3) : CHANNEL(0, 4), green = step == 3 ? CHANNEL(1, 3) : CHANNEL(1, 4);
  *blue = step == 3 ? CHANNEL(2, 3) : CHANNEL(2, 4);
  *values = __builtin_convertvector(red * 77 + green * 150 + *blue * 29, pixels_f) * 0x1p-8f;
}

// Pixels that are read as eight: of three bytes, four more of a row are.
BODY int end_of_eights(int step, int count) { return step == 3 ? count - 10 : count - 8; }

// What pixels of `alpha` 0 … 255 show on white, of `values`.
BODY void show_some(pixels_f *values, const pixels_i *alpha) {
  *values = 255 + (*values - 255) * (__builtin_convertvector(*alpha, pixels_f) / 255);
}

BODY float shown_of(float value, uint8_t alpha) { return 255 + (value - 255) * ((float)alpha / 255); }

// The opacity of eight pixels of four bytes.
BODY void alpha_of_some(const uint8_t *row, pixels_i *alpha) {
  memcpy(alpha, row, sizeof *alpha);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  *alpha = *alpha >> 24 & 255;
#else
  *alpha &= 255;
#endif
}

BODY void luma(const uint8_t *restrict row, int step, int count, float *restrict values) {
  int x = 0;
  for (int end = end_of_eights(step, count); x <= end; x += 8) {
    pixels_f some;
    pixels_i blue;
    luma_of_some(row + step * x, step, &some, &blue);
    if (step == 4) {
      pixels_i alpha;
      alpha_of_some(row + step * x, &alpha);
      show_some(&some, &alpha);
    }
    memcpy(values + x, &some, sizeof some);
  }
  for (; x < count; x++) {
    float one = luma_of(row + step * x);
    values[x] = step == 4 ? shown_of(one, row[step * x + 3]) : one;
  }
}

BODY void blueness(const uint8_t *restrict row, int step, int count, float *restrict values) {
  int x = 0;
  for (int end = end_of_eights(step, count); x <= end; x += 8) {
    pixels_f some;
    pixels_i blue;
    luma_of_some(row + step * x, step, &some, &blue);
    pixels_f blues = __builtin_convertvector(blue, pixels_f);
    if (step == 4) {
      pixels_i alpha;
      alpha_of_some(row + step * x, &alpha);
      show_some(&some, &alpha);
      show_some(&blues, &alpha);
    }
    some = blues - some;
    memcpy(values + x, &some, sizeof some);
  }
  for (; x < count; x++) {
    float one = luma_of(row + step * x), blue = (float)row[step * x + 2];
    values[x] = step == 4 ? shown_of(blue, row[step * x + 3]) - shown_of(one, row[step * x + 3]) : blue - one;
  }
}

// Adds how many of four pixels of `step` bytes are not fully transparent.
BODY void count_shown(const uint8_t *row, int step, int32_t *count) {
  for (int x = 0; x < 4; x++) *count += row[step * x + step - 1] != 0;
}

BODY void shown_cells(const uint8_t *row, int step, int cell, int columns, int32_t *counts) {
  int x = 0, end = cell * columns;
  for (; step == 4 && x + 8 <= end; x += 8) {
    pixels_i shown;
    alpha_of_some(row + 4 * x, &shown);
    shown = shown != 0;
    counts[x / cell] -= shown[0] + shown[1] + shown[2] + shown[3];
    counts[(x + 4) / cell] -= shown[4] + shown[5] + shown[6] + shown[7];
  }
  for (; x < end; x += 4) count_shown(row + step * x, step, counts + x / cell);
}

BODY void shown_any(const uint8_t *row, int channels, int cell, int columns, int32_t *counts) {
  if (channels == 4) {
    shown_cells(row, 4, cell, columns, counts);
  } else {
    shown_cells(row, 2, cell, columns, counts);
  }
}

BODY void luma_any(const uint8_t *row, int channels, int count, float *values) {
  if (channels == 3) {
    luma(row, 3, count, values);
  } else {
    luma(row, 4, count, values);
  }
}

BODY void blueness_any(const uint8_t *row, int channels, int count, float *values) {
  if (channels == 3) {
    blueness(row, 3, count, values);
  } else {
    blueness(row, 4, count, values);
  }
}

typedef float row_f __attribute__((vector_size(32)));

BODY void halve(const float *restrict values, int count, float share, float *restrict halves) {
  for (int x = 0; x < count; x++) halves[x] = (values[2 * x] + values[2 * x + 1]) * share;
}

// Σ of one coefficient down the columns of eight rows, of whose upper and lower halves `sums` or `differences` are made.
BODY void down(const row_f *halves, const float *basis, int v, row_f *result) {
  row_f sum = halves[0] * basis[v] + halves[1] * basis[8 + v];
  sum += halves[2] * basis[16 + v];
  *result = sum + halves[3] * basis[24 + v];
}

#define WAVE(i)                                                                                                \
  (__builtin_shufflevector(both, both, (i), 7 - (i), (i), 7 - (i), (i), 7 - (i), (i), 7 - (i)) * waves[i])

// All coefficients along a row of eight. Even ones are those of what is alike on both sides, odd ones of what differs.
BODY void along(const row_f *row, const row_f *waves, row_f *result) {
  row_f turned = __builtin_shufflevector(*row, *row, 7, 6, 5, 4, 3, 2, 1, 0);
  row_f sums = *row + turned, differences = turned - *row;
  row_f both = __builtin_shufflevector(sums, differences, 0, 1, 2, 3, 12, 13, 14, 15);
  *result = WAVE(0) + WAVE(1);
  *result += WAVE(2);
  *result += WAVE(3);
}

// Every second coefficient down, from `first` on.
BODY void transform_each(
    const row_f *halves, int first, const row_f *waves, const float *basis, int depth, int pitch, float *block) {
  for (int v = first; v < depth; v += 2) {
    row_f line, values;
    down(halves, basis, v, &line);
    along(&line, waves, &values);
    memcpy(block + v * pitch, &values, pitch == 8 ? sizeof values : sizeof values / 2);
  }
}

BODY void transform(
    const float *rows, size_t stride, int columns, const float *basis, int depth, int pitch, float *blocks) {
  row_f waves[4];
  memcpy(waves, basis, sizeof waves);
  for (int column = 0; column < columns; column++) {
    row_f sums[4], differences[4];
    for (int y = 0; y < 4; y++) {
      row_f upper, lower;
      memcpy(&upper, rows + y * stride + 8 * column, sizeof upper);
      memcpy(&lower, rows + (7 - y) * stride + 8 * column, sizeof lower);
      sums[y] = upper + lower;
      differences[y] = upper - lower;
    }
    float *block = blocks + (size_t)column * depth * pitch;
    transform_each(sums, 0, waves, basis, depth, pitch, block);
    transform_each(differences, 1, waves, basis, depth, pitch, block);
  }
}

// A loop for each depth: halves of blocks that are not known by then are kept in memory.
BODY void transform_any(
    const float *rows, size_t stride, int columns, const float *basis, int depth, float *blocks) {
  switch (depth) {
    case 2: return transform(rows, stride, columns, basis, 2, 4, blocks);
    case 3: return transform(rows, stride, columns, basis, 3, 4, blocks);
    case 4: return transform(rows, stride, columns, basis, 4, 4, blocks);
    case 5: return transform(rows, stride, columns, basis, 5, 8, blocks);
    case 6: return transform(rows, stride, columns, basis, 6, 8, blocks);
    case 7: return transform(rows, stride, columns, basis, 7, 8, blocks);
    default: return transform(rows, stride, columns, basis, 8, 8, blocks);
  }
}

#if defined(__x86_64__)

WIDE void luma_any_avx2(const uint8_t *row, int channels, int count, float *values) {
  luma_any(row, channels, count, values);
}

WIDE void shown_any_avx2(const uint8_t *row, int channels, int cell, int columns, int32_t *counts) {
  shown_any(row, channels, cell, columns, counts);
}

WIDE void blueness_any_avx2(const uint8_t *row, int channels, int count, float *values) {
  blueness_any(row, channels, count, values);
}

WIDE void halve_avx2(const float *values, int count, float share, float *halves) {
  halve(values, count, share, halves);
}

WIDE void transform_any_avx2(
    const float *rows, size_t stride, int columns, const float *basis, int depth, float *blocks) {
  transform_any(rows, stride, columns, basis, depth, blocks);
}
#endif

void tm_pixels_luma(const uint8_t *row, int channels, int count, float *values) {
  DISPATCH(luma_any, row, channels, count, values);
}

void tm_pixels_shown(const uint8_t *row, int channels, int cell, int columns, int32_t *counts) {
  DISPATCH(shown_any, row, channels, cell, columns, counts);
}

void tm_pixels_blueness(const uint8_t *row, int channels, int count, float *values) {
  DISPATCH(blueness_any, row, channels, count, values);
}

void tm_row_halve(const float *values, int count, float share, float *halves) {
  DISPATCH(halve, values, count, share, halves);
}

void tm_band_transform(
    const float *rows, int pitch, int columns, const float *basis, int depth, float *blocks) {
  DISPATCH(transform_any, rows, (size_t)pitch, columns, basis, depth, blocks);
}
