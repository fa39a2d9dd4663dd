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

BODY void luma(const uint8_t *restrict row, int step, int count, float *restrict values) {
  int x = 0;
  for (int end = end_of_eights(step, count); x <= end; x += 8) {
    pixels_f some;
    pixels_i blue;
    luma_of_some(row + step * x, step, &some, &blue);
    memcpy(values + x, &some, sizeof some);
  }
  for (; x < count; x++) values[x] = luma_of(row + step * x);
}

BODY void blueness(const uint8_t *restrict row, int step, int count, float *restrict values) {
  int x = 0;
  for (int end = end_of_eights(step, count); x <= end; x += 8) {
    pixels_f some;
    pixels_i blue;
    luma_of_some(row + step * x, step, &some, &blue);
    some = __builtin_convertvector(blue, pixels_f) - some;
    memcpy(values + x, &some, sizeof some);
  }
  for (; x < count; x++) values[x] = (float)row[step * x + 2] - luma_of(row + step * x);
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
typedef float half_row_f __attribute__((vector_size(16)));

// Between those of the cells above and below, by `share`.
BODY float gain_at(const tm_cell_gains *cells, int cell) {
  return cells->above[cell] + (cells->below[cell] - cells->above[cell]) * cells->share;
}

BODY float shift_at(const tm_cell_gains *cells, int cell) {
  return cells->shift_above[cell] + (cells->shift_below[cell] - cells->shift_above[cell]) * cells->share;
}

// The same of eight cells.
BODY void eight_between(const float *above, const float *below, float share, row_f *between) {
  row_f upper, lower;
  memcpy(&upper, above, sizeof upper);
  memcpy(&lower, below, sizeof lower);
  *between = upper + (lower - upper) * share;
}

// A cell whose pixels go from `gain` and `shift` on by steps, `stride` the share of them that four pixels are: what is added each time is
// rounded, so that eight lanes add it as four would.
BODY void scale_cell(
    const float *restrict marks, float *restrict row, int side, float gain, float gain_step, float shift,
    float shift_step) {
  const float stride = 4 / (float)side;
  float gain_stride = stride * gain_step, shift_stride = stride * shift_step;
  if (side % 8 == 0) {
    const row_f first = (row_f){0.5f, 1.5f, 2.5f, 3.5f, 0.5f, 1.5f, 2.5f, 3.5f} / (float)side;
    row_f gains = gain + first * gain_step, shifts = shift + first * shift_step, values;
    gains += (row_f){0, 0, 0, 0, gain_stride, gain_stride, gain_stride, gain_stride};
    shifts += (row_f){0, 0, 0, 0, shift_stride, shift_stride, shift_stride, shift_stride};
    for (int x = 0; x < side; x += 8) {
      memcpy(&values, marks + x, sizeof values);
      values = values * gains + shifts;
      memcpy(row + x, &values, sizeof values);
      gains = (gains + gain_stride) + gain_stride;
      shifts = (shifts + shift_stride) + shift_stride;
    }
    return;
  }
  const half_row_f first = (half_row_f){0.5f, 1.5f, 2.5f, 3.5f} / (float)side;
  half_row_f gains = gain + first * gain_step, shifts = shift + first * shift_step, values;
  for (int x = 0; x < side; x += 4) {
    memcpy(&values, marks + x, sizeof values);
    values = values * gains + shifts;
    memcpy(row + x, &values, sizeof values);
    gains += gain_stride;
    shifts += shift_stride;
  }
}

// Two cells of four pixels, those at `a` and `b` of eight whose gains and shifts, and what they go up by, stand in vectors.
#define SCALE_FOURS(a, b)                                                                                      \
  do {                                                                                                         \
    row_f values, gains = __builtin_shufflevector(gain, gain, a, a, a, a, b, b, b, b);                         \
    row_f shifts = __builtin_shufflevector(shift, shift, a, a, a, a, b, b, b, b);                              \
    gains += first * __builtin_shufflevector(gain_step, gain_step, a, a, a, a, b, b, b, b);                    \
    shifts += first * __builtin_shufflevector(shift_step, shift_step, a, a, a, a, b, b, b, b);                 \
    memcpy(&values, marks + 4 * (a), sizeof values);                                                           \
    values = values * gains + shifts;                                                                          \
    memcpy(row + 4 * (a), &values, sizeof values);                                                             \
  } while (0)

// One cell of eight pixels, that at `a`: as in `scale_cell`.
#define SCALE_EIGHT(a)                                                                                         \
  do {                                                                                                         \
    row_f values, gains = __builtin_shufflevector(gain, gain, a, a, a, a, a, a, a, a);                         \
    row_f shifts = __builtin_shufflevector(shift, shift, a, a, a, a, a, a, a, a);                              \
    gains += first * __builtin_shufflevector(gain_step, gain_step, a, a, a, a, a, a, a, a);                    \
    shifts += first * __builtin_shufflevector(shift_step, shift_step, a, a, a, a, a, a, a, a);                 \
    gains += __builtin_shufflevector(none, gain_stride, 0, 0, 0, 0, 8 + a, 8 + a, 8 + a, 8 + a);               \
    shifts += __builtin_shufflevector(none, shift_stride, 0, 0, 0, 0, 8 + a, 8 + a, 8 + a, 8 + a);             \
    memcpy(&values, marks + 8 * (a), sizeof values);                                                           \
    values = values * gains + shifts;                                                                          \
    memcpy(row + 8 * (a), &values, sizeof values);                                                             \
  } while (0)

// Eight cells of four or eight pixels at once, to the same bits as one after the other; the gain and shift of the ninth are read.
BODY void scale_eight_cells(
    const float *restrict marks, float *restrict row, int side, const tm_cell_gains *cells, int cell) {
  row_f gain, shift, gain_step, shift_step;
  eight_between(cells->above + cell, cells->below + cell, cells->share, &gain);
  eight_between(cells->above + cell + 1, cells->below + cell + 1, cells->share, &gain_step);
  eight_between(cells->shift_above + cell, cells->shift_below + cell, cells->share, &shift);
  eight_between(cells->shift_above + cell + 1, cells->shift_below + cell + 1, cells->share, &shift_step);
  gain_step -= gain;
  shift_step -= shift;
  const row_f first = (row_f){0.5f, 1.5f, 2.5f, 3.5f, 0.5f, 1.5f, 2.5f, 3.5f} / (float)side;
  if (side == 4) {
    SCALE_FOURS(0, 1);
    SCALE_FOURS(2, 3);
    SCALE_FOURS(4, 5);
    SCALE_FOURS(6, 7);
    return;
  }
  const row_f none = {0}, gain_stride = 0.5f * gain_step, shift_stride = 0.5f * shift_step;
  SCALE_EIGHT(0);
  SCALE_EIGHT(1);
  SCALE_EIGHT(2);
  SCALE_EIGHT(3);
  SCALE_EIGHT(4);
  SCALE_EIGHT(5);
  SCALE_EIGHT(6);
  SCALE_EIGHT(7);
}

BODY void scale_cells(
    const float *restrict marks, float *restrict row, const tm_cell_gains *cells, int side, int width) {
  int half = side / 2, last = cells->count - 1;
  int start = half < width ? half : width, end = half + last * side < width ? half + last * side : width;
  float gain = gain_at(cells, 0), shift = shift_at(cells, 0);
  for (int x = 0; x < start; x++) row[x] = marks[x] * gain + shift;
  int cell = 0;
  if (side == 4 || side == 8) {
    for (; cell + 8 <= last; cell += 8) {
      int x = half + cell * side;
      scale_eight_cells(marks + x, row + x, side, cells, cell);
    }
  }
  for (; cell < last; cell++) {
    int x = half + cell * side;
    gain = gain_at(cells, cell);
    shift = shift_at(cells, cell);
    scale_cell(
        marks + x, row + x, side, gain, gain_at(cells, cell + 1) - gain, shift, shift_at(cells, cell + 1) - shift);
  }
  gain = gain_at(cells, last);
  shift = shift_at(cells, last);
  for (int x = end; x < width; x++) row[x] = marks[x] * gain + shift;
}

// Cells are mostly eight pixels wide, or four in small pictures.
BODY void scale(const float *marks, float *row, const tm_cell_gains *cells, int width) {
  if (cells->side == 8) {
    scale_cells(marks, row, cells, 8, width);
  } else if (cells->side == 4) {
    scale_cells(marks, row, cells, 4, width);
  } else {
    scale_cells(marks, row, cells, cells->side, width);
  }
}

// A loop for each width of squares, so that their pixels are vectors.
BODY void spread_squares(const float *restrict values, int block, int count, int adds, float *restrict row) {
  int whole = count / block;
  for (int square = 0; square < whole; square++) {
    float *pixels = row + square * block;
    for (int x = 0; x < block; x++) pixels[x] = adds ? pixels[x] + values[square] : values[square];
  }
  for (int x = whole * block; x < count; x++) row[x] = adds ? row[x] + values[whole] : values[whole];
}

BODY void spread_any(const float *values, int block, int count, int adds, float *row) {
  if (block == 1) {
    spread_squares(values, 1, count, adds, row);
  } else if (block == 2) {
    spread_squares(values, 2, count, adds, row);
  } else if (block == 4) {
    spread_squares(values, 4, count, adds, row);
  } else if (block == 8) {
    spread_squares(values, 8, count, adds, row);
  } else {
    spread_squares(values, block, count, adds, row);
  }
}

BODY void spread(const float *values, int block, int count, int adds, float *row) {
  if (adds) {
    spread_any(values, block, count, 1, row);
  } else {
    spread_any(values, block, count, 0, row);
  }
}

BODY void add_line(
    const float *restrict values, int count, const float *restrict shares, int depth, int is_first,
    float *restrict lines) {
  for (int v = 0; v < depth; v++) {
    float *line = lines + (size_t)v * count, share = shares[v];
    if (is_first) {
      for (int x = 0; x < count; x++) line[x] = values[x] * share;
    } else {
      for (int x = 0; x < count; x++) line[x] += values[x] * share;
    }
  }
}

BODY void close_lines(const float *lines, int columns, const float *basis, int depth, int pitch, float *blocks) {
  row_f waves[8];
  memcpy(waves, basis, sizeof waves);
  for (int column = 0; column < columns; column++) {
    for (int v = 0; v < depth; v++) {
      const float *line = lines + (size_t)v * columns * 8 + 8 * column;
      row_f sum = {0};
      for (int x = 0; x < 8; x++) sum += line[x] * waves[x];
      memcpy(blocks + ((size_t)column * depth + v) * pitch, &sum, pitch == 8 ? sizeof sum : sizeof sum / 2);
    }
  }
}

// A loop for each pitch: of a size that is not known, a copy is a call.
BODY void close_lines_any(
    const float *lines, int columns, const float *basis, int depth, int pitch, float *blocks) {
  if (pitch == 8) {
    close_lines(lines, columns, basis, depth, 8, blocks);
  } else {
    close_lines(lines, columns, basis, depth, 4, blocks);
  }
}

#if defined(__x86_64__)

WIDE void luma_any_avx2(const uint8_t *row, int channels, int count, float *values) {
  luma_any(row, channels, count, values);
}

WIDE void blueness_any_avx2(const uint8_t *row, int channels, int count, float *values) {
  blueness_any(row, channels, count, values);
}

WIDE void scale_avx2(const float *marks, float *row, const tm_cell_gains *cells, int width) {
  scale(marks, row, cells, width);
}

WIDE void spread_avx2(const float *values, int block, int count, int adds, float *row) {
  spread(values, block, count, adds, row);
}

WIDE void add_line_avx2(
    const float *values, int count, const float *shares, int depth, int is_first, float *lines) {
  add_line(values, count, shares, depth, is_first, lines);
}

WIDE void close_lines_any_avx2(
    const float *lines, int columns, const float *basis, int depth, int pitch, float *blocks) {
  close_lines_any(lines, columns, basis, depth, pitch, blocks);
}
#endif

void tm_pixels_luma(const uint8_t *row, int channels, int count, float *values) {
  DISPATCH(luma_any, row, channels, count, values);
}

void tm_pixels_blueness(const uint8_t *row, int channels, int count, float *values) {
  DISPATCH(blueness_any, row, channels, count, values);
}

void tm_row_scale(const float *marks, float *row, const tm_cell_gains *cells, int width) {
  DISPATCH(scale, marks, row, cells, width);
}

void tm_row_spread(const float *values, int block, int count, int adds, float *row) {
  DISPATCH(spread, values, block, count, adds, row);
}

void tm_lines_add(const float *values, int count, const float *shares, int depth, int is_first, float *lines) {
  DISPATCH(add_line, values, count, shares, depth, is_first, lines);
}

void tm_lines_close(const float *lines, int columns, const float *basis, int depth, int pitch, float *blocks) {
  DISPATCH(close_lines_any, lines, columns, basis, depth, pitch, blocks);
}
