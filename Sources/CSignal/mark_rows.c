#include "CSignal.h"
#include "sixteens.h"

#include <stddef.h>
#include <string.h>

// Rows of marks in whole numbers, sixteen pixels to a vector; compiled twice, the same results everywhere.
#pragma STDC FP_CONTRACT OFF

enum { LANES = sixteen_count, CELLS = 8, MOST = INT16_MAX, LEAST = INT16_MIN };
typedef int16_t cells_s __attribute__((vector_size(2 * CELLS)));

// `share` / 2¹⁵ of the way from `a` to `b`, twice as much of which than the numbers hold is not gone.
BODY void between(const sixteen *a, const sixteen *b, const sixteen *share, sixteen *result) {
  sixteen step = __builtin_elementwise_sub_sat(*b, *a);
  step = __builtin_elementwise_add_sat(step, step);
  upper_halves(&step, share, result);
  *result += *a;
}

BODY int16_t rounded(float value) {
  value += value < 0 ? -0.5f : 0.5f;
  return (int16_t)(value > MOST ? MOST : value < LEAST ? LEAST : value);
}

BODY void round_all(const float *restrict values, int count, float unit, int16_t *restrict result) {
  for (int i = 0; i < count; i++) result[i] = rounded(values[i] * unit);
}

BODY int has_any(const int16_t *values, int count) {
  int all = 0;
  for (int i = 0; i < count; i++) all |= values[i];
  return all != 0;
}

// The places of sixteen pixels between the middles of the cells to the left and the right of each.
#define SHARE(p) ((int16_t)((p) * (1 << 15) / 32))
static const int16_t shares_of_4[LANES] = {
    SHARE(20), SHARE(28), SHARE(4),  SHARE(12), SHARE(20), SHARE(28), SHARE(4),  SHARE(12),
    SHARE(20), SHARE(28), SHARE(4),  SHARE(12), SHARE(20), SHARE(28), SHARE(4),  SHARE(12)};
static const int16_t shares_of_8[LANES] = {
    SHARE(18), SHARE(22), SHARE(26), SHARE(30), SHARE(2),  SHARE(6),  SHARE(10), SHARE(14),
    SHARE(18), SHARE(22), SHARE(26), SHARE(30), SHARE(2),  SHARE(6),  SHARE(10), SHARE(14)};
static const int16_t shares_of_16[LANES] = {
    SHARE(17), SHARE(19), SHARE(21), SHARE(23), SHARE(25), SHARE(27), SHARE(29), SHARE(31),
    SHARE(1),  SHARE(3),  SHARE(5),  SHARE(7),  SHARE(9),  SHARE(11), SHARE(13), SHARE(15)};

#define OF_4(k)                                                                                                \
  (k), (k), 1 + (k), 1 + (k), 1 + (k), 1 + (k), 2 + (k), 2 + (k), 2 + (k), 2 + (k), 3 + (k), 3 + (k), 3 + (k), \
      3 + (k), 4 + (k), 4 + (k)
#define OF_8(k)                                                                                                \
  (k), (k), (k), (k), 1 + (k), 1 + (k), 1 + (k), 1 + (k), 1 + (k), 1 + (k), 1 + (k), 1 + (k), 2 + (k), 2 + (k), \
      2 + (k), 2 + (k)
#define OF_16(k)                                                                                               \
  (k), (k), (k), (k), (k), (k), (k), (k), 1 + (k), 1 + (k), 1 + (k), 1 + (k), 1 + (k), 1 + (k), 1 + (k), 1 + (k)

BODY void widen_cells(
    const int16_t *cells, int side, const int16_t *shares_from, int lanes, int16_t *restrict row) {
  sixteen shares, left, right, value;
  memcpy(&shares, shares_from, sizeof shares);
  for (int x = 0; x < lanes; x += LANES) {
    cells_s some;
    memcpy(&some, cells + x / side, sizeof some);
    if (side == 4) {
      left = __builtin_shufflevector(some, some, OF_4(0));
      right = __builtin_shufflevector(some, some, OF_4(1));
    } else if (side == 8) {
      left = __builtin_shufflevector(some, some, OF_8(0));
      right = __builtin_shufflevector(some, some, OF_8(1));
    } else {
      left = __builtin_shufflevector(some, some, OF_16(0));
      right = __builtin_shufflevector(some, some, OF_16(1));
    }
    between(&left, &right, &shares, &value);
    memcpy(row + x, &value, sizeof value);
  }
}

BODY int widen(
    const float *restrict cells, int columns, int side, float unit, int16_t *restrict scratch, int lanes,
    int16_t *restrict row) {
  round_all(cells, columns, unit, scratch + 1);
  if (!has_any(scratch + 1, columns)) {
    memset(row, 0, (size_t)lanes * sizeof *row);
    return 0;
  }
  // What lies beyond the middles of the first and the last has theirs.
  scratch[0] = scratch[1];
  for (int column = columns + 1; column < lanes / side + CELLS; column++) scratch[column] = scratch[columns];
  if (side == 4) {
    widen_cells(scratch, 4, shares_of_4, lanes, row);
  } else if (side == 8) {
    widen_cells(scratch, 8, shares_of_8, lanes, row);
  } else {
    widen_cells(scratch, 16, shares_of_16, lanes, row);
  }
  return 1;
}

BODY void row_of(
    const int16_t *tiles, const tm_mark_gains *gains, int is_shifted, int lanes, int16_t *restrict marks) {
  sixteen tile, above, below, gain, shift, zero = {0}, share = zero + gains->share;
  for (int x = 0; x < lanes; x += LANES) {
    memcpy(&above, gains->above + x, sizeof above);
    memcpy(&below, gains->below + x, sizeof below);
    between(&above, &below, &share, &gain);
    memcpy(&tile, tiles + x, sizeof tile);
    upper_halves(&tile, &gain, &tile);
    if (is_shifted) {
      memcpy(&above, gains->shift_above + x, sizeof above);
      memcpy(&below, gains->shift_below + x, sizeof below);
      between(&above, &below, &share, &shift);
      tile = __builtin_elementwise_add_sat(tile, shift);
    }
    memcpy(marks + x, &tile, sizeof tile);
  }
}

BODY void row_marks(const int16_t *tiles, const tm_mark_gains *gains, int lanes, int16_t *marks) {
  if (gains->shift_above != NULL) {
    row_of(tiles, gains, 1, lanes, marks);
  } else {
    row_of(tiles, gains, 0, lanes, marks);
  }
}

// A loop for each width of squares, so that their pixels are vectors.
BODY void spread_squares(const int16_t *restrict values, int block, int count, int adds, int16_t *restrict row) {
  int whole = count / block;
  for (int square = 0; square < whole; square++) {
    int16_t *pixels = row + square * block;
    for (int x = 0; x < block; x++) {
      int sum = adds ? pixels[x] + values[square] : values[square];
      pixels[x] = (int16_t)(sum > MOST ? MOST : sum < LEAST ? LEAST : sum);
    }
  }
  for (int x = whole * block; x < count; x++) {
    int sum = adds ? row[x] + values[whole] : values[whole];
    row[x] = (int16_t)(sum > MOST ? MOST : sum < LEAST ? LEAST : sum);
  }
}

BODY void spread_any(const int16_t *values, int block, int count, int adds, int16_t *row) {
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

BODY void spread(const int16_t *values, int block, int count, int adds, int16_t *row) {
  if (adds) {
    spread_any(values, block, count, 1, row);
  } else {
    spread_any(values, block, count, 0, row);
  }
}

#if defined(WIDE)
WIDE void round_all_avx2(const float *values, int count, float unit, int16_t *result) {
  round_all(values, count, unit, result);
}

WIDE int widen_avx2(
    const float *cells, int columns, int side, float unit, int16_t *scratch, int lanes, int16_t *row) {
  return widen(cells, columns, side, unit, scratch, lanes, row);
}

WIDE void row_marks_avx2(const int16_t *tiles, const tm_mark_gains *gains, int lanes, int16_t *marks) {
  row_marks(tiles, gains, lanes, marks);
}

WIDE void spread_avx2(const int16_t *values, int block, int count, int adds, int16_t *row) {
  spread(values, block, count, adds, row);
}
#endif

void tm_row_round(const float *values, int count, float unit, int16_t *result) {
  DISPATCH(round_all, values, count, unit, result);
}

int tm_cells_widen(
    const float *cells, int columns, int side, float unit, int16_t *scratch, int lanes, int16_t *row) {
  return DISPATCH(widen, cells, columns, side, unit, scratch, lanes, row);
}

void tm_row_marks(const int16_t *tiles, const tm_mark_gains *gains, int lanes, int16_t *marks) {
  DISPATCH(row_marks, tiles, gains, lanes, marks);
}

void tm_row_spread(const int16_t *values, int block, int count, int adds, int16_t *row) {
  DISPATCH(spread, values, block, count, adds, row);
}
