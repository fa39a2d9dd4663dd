#include "CSignal.h"
#include "dispatch.h"

#include <stddef.h>
#include <string.h>

// As in blocks.c: compiled twice, nothing fused, the same results everywhere.
#pragma STDC FP_CONTRACT OFF

typedef float lanes __attribute__((vector_size(16)));

BODY void add(const float *restrict row, int count, float down, int is_first, float *restrict lines) {
  float *restrict squares = lines + count, *restrict downs = lines + 2 * (size_t)count;
  if (is_first) {
    for (int x = 0; x < count; x++) {
      lines[x] = row[x];
      squares[x] = row[x] * row[x];
      downs[x] = row[x] * down;
    }
  } else {
    for (int x = 0; x < count; x++) {
      lines[x] += row[x];
      squares[x] += row[x] * row[x];
      downs[x] += row[x] * down;
    }
  }
}

// The lanes of each of four added up, from the first on.
BODY lanes total(lanes a, lanes b, lanes c, lanes d) {
  lanes low_ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), high_ab = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  lanes low_cd = __builtin_shufflevector(c, d, 0, 4, 1, 5), high_cd = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  lanes sum = __builtin_shufflevector(low_ab, low_cd, 0, 1, 4, 5) + __builtin_shufflevector(low_ab, low_cd, 2, 3, 6, 7);
  sum += __builtin_shufflevector(high_ab, high_cd, 0, 1, 4, 5);
  return sum + __builtin_shufflevector(high_ab, high_cd, 2, 3, 6, 7);
}

BODY lanes lanes_of(const float *line, int cell) {
  lanes sum = {0}, values;
  for (int x = 0; x < cell; x += 4) {
    memcpy(&values, line + x, sizeof values);
    sum += values;
  }
  return sum;
}

BODY lanes lanes_along(const float *line, int cell) {
  lanes sum = {0}, values, place = (lanes){0.5f, 1.5f, 2.5f, 3.5f} - (float)cell / 2;
  for (int x = 0; x < cell; x += 4) {
    memcpy(&values, line + x, sizeof values);
    sum += values * place;
    place += 4;
  }
  return sum;
}

// `used` cells, four at most, `count` values a line.
BODY void close_few(const float *lines, size_t count, int column, int used, int cell, tm_cell_sums sums) {
  lanes sum[4] = {{0}}, squares[4] = {{0}}, along[4] = {{0}}, down[4] = {{0}};
  for (int k = 0; k < used; k++) {
    const float *line = lines + (size_t)(column + k) * cell;
    sum[k] = lanes_of(line, cell);
    along[k] = lanes_along(line, cell);
    squares[k] = lanes_of(line + count, cell);
    down[k] = lanes_of(line + 2 * count, cell);
  }
  size_t size = (size_t)used * sizeof(float);
  lanes all = total(sum[0], sum[1], sum[2], sum[3]);
  memcpy(sums.sum + column, &all, size);
  all = total(squares[0], squares[1], squares[2], squares[3]);
  memcpy(sums.squares + column, &all, size);
  all = total(along[0], along[1], along[2], along[3]);
  memcpy(sums.along_x + column, &all, size);
  all = total(down[0], down[1], down[2], down[3]);
  memcpy(sums.along_y + column, &all, size);
}

BODY void close_cells(const float *lines, int columns, int cell, tm_cell_sums sums) {
  size_t count = (size_t)columns * cell;
  int column = 0;
  for (; column + 4 <= columns; column += 4) close_few(lines, count, column, 4, cell, sums);
  if (column < columns) close_few(lines, count, column, columns - column, cell, sums);
}

// Cells are mostly four or eight pixels wide.
BODY void close_any(const float *lines, int columns, int cell, tm_cell_sums sums) {
  if (cell == 4) {
    close_cells(lines, columns, 4, sums);
  } else if (cell == 8) {
    close_cells(lines, columns, 8, sums);
  } else {
    close_cells(lines, columns, cell, sums);
  }
}

#if defined(__x86_64__)

WIDE void add_avx2(const float *row, int count, float down, int is_first, float *lines) {
  add(row, count, down, is_first, lines);
}

WIDE void close_any_avx2(const float *lines, int columns, int cell, tm_cell_sums sums) {
  close_any(lines, columns, cell, sums);
}

#endif

void tm_moments_add(const float *row, int count, float down, int is_first, float *lines) {
  DISPATCH(add, row, count, down, is_first, lines);
}

void tm_moments_close(const float *lines, int columns, int cell, tm_cell_sums sums) {
  DISPATCH(close_any, lines, columns, cell, sums);
}
