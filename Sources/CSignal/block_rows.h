#pragma once
// Rows of coefficients of blocks, for loops over blocks.
#include <stdint.h>
#include <string.h>

#include "dispatch.h"

// A row of eight coefficients; compilers split it where registers are narrower.
typedef float row_f __attribute__((vector_size(32)));
typedef int32_t row_i __attribute__((vector_size(32)));
typedef int16_t row_s __attribute__((vector_size(16)));

// Rows are handed on by pointer: as arguments their passing would depend on the processor.
BODY void load(const float *values, row_f *row) { memcpy(row, values, sizeof *row); }

BODY void load_coefficients(const int16_t *line, row_f *row) {
  row_s narrow;
  memcpy(&narrow, line, sizeof narrow);
  *row = __builtin_convertvector(narrow, row_f);
}

BODY void load_steps(const float *steps, row_f *rows) {
  for (int v = 0; v < 8; v++) load(steps + 8 * v, rows + v);
}

// A loop of its own for each shape that there is.
#define FOR_SHAPE(shape, call) \
  switch ((shape)->depth) { \
    case 2: call(2, 4); break; \
    case 3: call(3, 4); break; \
    case 4: call(4, 4); break; \
    case 5: call(5, 8); break; \
    case 6: call(6, 8); break; \
    case 7: call(7, 8); break; \
    default: call(8, 8); \
  }
