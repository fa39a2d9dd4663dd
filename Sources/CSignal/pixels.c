#include "CSignal.h"
#include "dispatch.h"

#include <stddef.h>
#include <string.h>

// As in blocks.c: compiled twice, nothing fused, the same results everywhere.
#pragma STDC FP_CONTRACT OFF

// BT.601 in 256ths, the channels of a pixel `step` bytes apart.
BODY void luma(const uint8_t *restrict row, int step, int count, float *restrict values) {
  for (int x = 0; x < count; x++) {
    int32_t sum = 77 * row[step * x] + 150 * row[step * x + 1] + 29 * row[step * x + 2];
    values[x] = (float)sum * 0x1p-8f;
  }
}

BODY void blueness(const uint8_t *restrict row, int step, int count, float *restrict values) {
  for (int x = 0; x < count; x++) {
    int32_t sum = 77 * row[step * x] + 150 * row[step * x + 1] + 29 * row[step * x + 2];
    values[x] = (float)row[step * x + 2] - (float)sum * 0x1p-8f;
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
typedef float half_row_f __attribute__((vector_size(16)));

// A cell whose pixels go from `gain` and `shift` on by steps, `stride` the share of them that four pixels are: what is added each time is
// rounded, so that eight lanes add it as four would.
BODY void scale_cell(float *row, int side, float gain, float gain_step, float shift, float shift_step) {
  const float stride = 4 / (float)side;
  float gain_stride = stride * gain_step, shift_stride = stride * shift_step;
  if (side % 8 == 0) {
    const row_f first = (row_f){0.5f, 1.5f, 2.5f, 3.5f, 0.5f, 1.5f, 2.5f, 3.5f} / (float)side;
    row_f gains = gain + first * gain_step, shifts = shift + first * shift_step, values;
    gains += (row_f){0, 0, 0, 0, gain_stride, gain_stride, gain_stride, gain_stride};
    shifts += (row_f){0, 0, 0, 0, shift_stride, shift_stride, shift_stride, shift_stride};
    for (int x = 0; x < side; x += 8) {
      memcpy(&values, row + x, sizeof values);
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
    memcpy(&values, row + x, sizeof values);
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
    memcpy(&values, row + 4 * (a), sizeof values);                                                             \
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
    memcpy(&values, row + 8 * (a), sizeof values);                                                             \
    values = values * gains + shifts;                                                                          \
    memcpy(row + 8 * (a), &values, sizeof values);                                                             \
  } while (0)

// Eight cells of four or eight pixels at once, to the same bits as one after the other; the gain and shift of the ninth are read.
BODY void scale_eight_cells(float *row, int side, const float *gains_from, const float *shifts_from) {
  row_f gain, shift, gain_step, shift_step;
  memcpy(&gain, gains_from, sizeof gain);
  memcpy(&shift, shifts_from, sizeof shift);
  memcpy(&gain_step, gains_from + 1, sizeof gain);
  memcpy(&shift_step, shifts_from + 1, sizeof shift);
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
    float *restrict row, const float *restrict gains, const float *restrict shifts, int cells, int side, int width) {
  int half = side / 2, last = cells - 1;
  int start = half < width ? half : width, end = half + last * side < width ? half + last * side : width;
  for (int x = 0; x < start; x++) row[x] = row[x] * gains[0] + shifts[0];
  int cell = 0;
  if (side == 4 || side == 8) {
    for (; cell + 8 <= last; cell += 8) scale_eight_cells(row + half + cell * side, side, gains + cell, shifts + cell);
  }
  for (; cell < last; cell++) {
    scale_cell(
        row + half + cell * side, side, gains[cell], gains[cell + 1] - gains[cell], shifts[cell],
        shifts[cell + 1] - shifts[cell]);
  }
  for (int x = end; x < width; x++) row[x] = row[x] * gains[last] + shifts[last];
}

// Cells are mostly eight pixels wide, or four in small pictures.
BODY void scale(float *row, const float *gains, const float *shifts, int cells, int side, int width) {
  if (side == 8) {
    scale_cells(row, gains, shifts, cells, 8, width);
  } else if (side == 4) {
    scale_cells(row, gains, shifts, cells, 4, width);
  } else {
    scale_cells(row, gains, shifts, cells, side, width);
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

WIDE void scale_avx2(float *row, const float *gains, const float *shifts, int cells, int side, int width) {
  scale(row, gains, shifts, cells, side, width);
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

void tm_row_scale(float *row, const float *gains, const float *shifts, int cells, int side, int width) {
  DISPATCH(scale, row, gains, shifts, cells, side, width);
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
