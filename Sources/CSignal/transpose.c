#include "CSignal.h"
#include "turned_rows.h"

#include <stddef.h>

enum { lanes = 8 };

BODY void transpose(const float *values, int stride, int columns, int rows, float *turned) {
  for (int y = 0; y < rows; y += lanes) {
    for (int x = 0; x < columns; x += lanes) {
      row_f block[lanes];
      for (int i = 0; i < lanes; i++) load(values + (size_t)stride * (y + i) + x, block + i);
      turn(block);
      for (int i = 0; i < lanes; i++) memcpy(turned + (size_t)rows * (x + i) + y, block + i, sizeof *block);
    }
  }
}

#if defined(__x86_64__)

WIDE void transpose_avx2(const float *values, int stride, int columns, int rows, float *turned) {
  transpose(values, stride, columns, rows, turned);
}

#endif

void tm_transpose(const float *values, int stride, int columns, int rows, float *turned) {
  DISPATCH(transpose, values, stride, columns, rows, turned);
}
