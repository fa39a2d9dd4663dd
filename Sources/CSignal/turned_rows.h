#pragma once
// Rows turned to columns.
#include "block_rows.h"

#define LOW_PAIRS(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13)
#define HIGH_PAIRS(a, b) __builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15)
#define LOW_FOURS(a, b) __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13)
#define HIGH_FOURS(a, b) __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15)
#define LOW_HALVES(a, b) __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11)
#define HIGH_HALVES(a, b) __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15)

// Eight rows of eight values to their columns.
BODY void turn(row_f *rows) {
  enum { lanes = 8 };
  row_f pairs[lanes], fours[lanes];
  for (int i = 0; i < lanes; i += 2) {
    pairs[i] = LOW_PAIRS(rows[i], rows[i + 1]);
    pairs[i + 1] = HIGH_PAIRS(rows[i], rows[i + 1]);
  }
  for (int i = 0; i < lanes; i += 4) {
    for (int half = 0; half < 2; half++) {
      fours[i + 2 * half] = LOW_FOURS(pairs[i + half], pairs[i + half + 2]);
      fours[i + 2 * half + 1] = HIGH_FOURS(pairs[i + half], pairs[i + half + 2]);
    }
  }
  for (int i = 0; i < lanes / 2; i++) {
    rows[i] = LOW_HALVES(fours[i], fours[i + 4]);
    rows[i + 4] = HIGH_HALVES(fours[i], fours[i + 4]);
  }
}
