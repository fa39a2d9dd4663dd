#include "CSignal.h"
#include "dispatch.h"

#include <stddef.h>
#include <string.h>

// As in blocks.c: compiled twice, nothing fused, the same results everywhere.
#pragma STDC FP_CONTRACT OFF

typedef float lanes __attribute__((vector_size(16)));
typedef float wide __attribute__((vector_size(32)));

// The lanes of each of four added up, from the first on.
BODY lanes total(lanes a, lanes b, lanes c, lanes d) {
  lanes low_ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), high_ab = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  lanes low_cd = __builtin_shufflevector(c, d, 0, 4, 1, 5), high_cd = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  lanes sum = __builtin_shufflevector(low_ab, low_cd, 0, 1, 4, 5) + __builtin_shufflevector(low_ab, low_cd, 2, 3, 6, 7);
  sum += __builtin_shufflevector(high_ab, high_cd, 0, 1, 4, 5);
  return sum + __builtin_shufflevector(high_ab, high_cd, 2, 3, 6, 7);
}

// Σ over the rows of a cell of eight pixels of each: of what they are, of their squares, and times the distance down.
typedef struct {
  wide sum;
  wide squares;
  wide down;
} columns_of_eight;

BODY void add_down(const float *rows, size_t pitch, int cell, columns_of_eight *columns) {
  *columns = (columns_of_eight){{0}, {0}, {0}};
  for (int y = 0; y < cell; y++) {
    wide values;
    memcpy(&values, rows + y * pitch, sizeof values);
    columns->sum += values;
    columns->squares += values * values;
    columns->down += values * ((float)y + 0.5f - (float)cell / 2);
  }
}

#define LOWER(w) __builtin_shufflevector(w, w, 0, 1, 2, 3)
#define UPPER(w) __builtin_shufflevector(w, w, 4, 5, 6, 7)

// Four cells: what of each is to be added up is left in four lanes.
BODY void close_four(const float *rows, size_t pitch, int column, int cell, tm_cell_sums sums) {
  lanes sum[4] = {{0}}, squares[4] = {{0}}, along[4] = {{0}}, down[4] = {{0}};
  const lanes first = (lanes){0.5f, 1.5f, 2.5f, 3.5f} - (float)cell / 2;
  for (int x = 0; x < 4 * cell; x += 8) {
    columns_of_eight eight;
    add_down(rows + (size_t)column * cell + x, pitch, cell, &eight);
    int k = x / cell, next = (x + 4) / cell;
    float at = (float)(x % cell), after = (float)((x + 4) % cell);
    sum[k] += LOWER(eight.sum);
    along[k] += LOWER(eight.sum) * (first + at);
    squares[k] += LOWER(eight.squares);
    down[k] += LOWER(eight.down);
    sum[next] += UPPER(eight.sum);
    along[next] += UPPER(eight.sum) * (first + after);
    squares[next] += UPPER(eight.squares);
    down[next] += UPPER(eight.down);
  }
  lanes all = total(sum[0], sum[1], sum[2], sum[3]);
  memcpy(sums.sum + column, &all, sizeof all);
  all = total(squares[0], squares[1], squares[2], squares[3]);
  memcpy(sums.squares + column, &all, sizeof all);
  all = total(along[0], along[1], along[2], along[3]);
  memcpy(sums.along_x + column, &all, sizeof all);
  all = total(down[0], down[1], down[2], down[3]);
  memcpy(sums.along_y + column, &all, sizeof all);
}

// The last of a row, by itself.
BODY void close_one(const float *rows, size_t pitch, int column, int cell, tm_cell_sums sums) {
  float sum = 0, squares = 0, along = 0, down = 0, middle = 0.5f - (float)cell / 2;
  for (int y = 0; y < cell; y++) {
    const float *values = rows + y * pitch + (size_t)column * cell;
    for (int x = 0; x < cell; x++) {
      sum += values[x];
      squares += values[x] * values[x];
      along += values[x] * (middle + (float)x);
      down += values[x] * (middle + (float)y);
    }
  }
  sums.sum[column] = sum;
  sums.squares[column] = squares;
  sums.along_x[column] = along;
  sums.along_y[column] = down;
}

BODY void close_cells(const float *rows, size_t pitch, int columns, int cell, tm_cell_sums sums) {
  int column = 0;
  for (; column + 4 <= columns; column += 4) close_four(rows, pitch, column, cell, sums);
  for (; column < columns; column++) close_one(rows, pitch, column, cell, sums);
}

// Cells are mostly four or eight pixels wide.
BODY void close_any(const float *rows, size_t pitch, int columns, int cell, tm_cell_sums sums) {
  if (cell == 4) {
    close_cells(rows, pitch, columns, 4, sums);
  } else if (cell == 8) {
    close_cells(rows, pitch, columns, 8, sums);
  } else {
    close_cells(rows, pitch, columns, cell, sums);
  }
}

#if defined(__x86_64__)

WIDE void close_any_avx2(const float *rows, size_t pitch, int columns, int cell, tm_cell_sums sums) {
  close_any(rows, pitch, columns, cell, sums);
}

#endif

void tm_moments_of(const float *rows, int pitch, int columns, int cell, tm_cell_sums sums) {
  DISPATCH(close_any, rows, (size_t)pitch, columns, cell, sums);
}
