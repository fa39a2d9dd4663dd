#include "CSignal.h"

#include <string.h>

// As in blocks.c: one order of adding up, nothing fused.
#pragma STDC FP_CONTRACT OFF

#define BODY static inline __attribute__((always_inline))

enum { reach = 16 };
typedef float lanes __attribute__((vector_size(4 * reach)));

typedef struct {
  lanes re;
  lanes im;
} wave_row;

// Along the rows of the tile: of each row of coefficients what the waves of each frequency add up to.
BODY void across(const float *fold, int side, int depth, int pitch, const float *axis, wave_row *rows) {
  for (int row = 0; row < side; row++) {
    for (int v = 0; v < depth; v++) {
      lanes re = {0}, im = {0};
      for (int column = 0; column < side; column++) {
        const float *values = fold + ((size_t)row * side + column) * depth * pitch + v * pitch;
        const float *place = axis + (size_t)column * depth * 2 * reach;
        for (int u = 0; u < depth; u++) {
          lanes cosines, sines;
          memcpy(&cosines, place + 2 * reach * u, sizeof cosines);
          memcpy(&sines, place + 2 * reach * u + reach, sizeof sines);
          re += values[u] * cosines;
          im += values[u] * sines;
        }
      }
      rows[row * depth + v] = (wave_row){re, im};
    }
  }
}

// Down its columns.
BODY void down(const wave_row *rows, int count, const float *axis, float *sums) {
  for (int y = 0; y < reach; y++) {
    lanes rr = {0}, ii = {0}, ri = {0}, ir = {0};
    for (int row = 0; row < count; row++) {
      float c = axis[2 * reach * row + y], s = axis[2 * reach * row + reach + y];
      rr += c * rows[row].re;
      ii += s * rows[row].im;
      ri += c * rows[row].im;
      ir += s * rows[row].re;
    }
    float *target = sums + 4 * reach * y;
    memcpy(target, &rr, sizeof rr);
    memcpy(target + reach, &ii, sizeof ii);
    memcpy(target + 2 * reach, &ri, sizeof ri);
    memcpy(target + 3 * reach, &ir, sizeof ir);
  }
}

BODY void waves(const float *fold, int side, int depth, int pitch, const float *axis, void *rows, float *sums) {
  // Vectors have to be aligned, and the caller's memory need not be.
  wave_row *aligned = (wave_row *)(((uintptr_t)rows + sizeof(lanes) - 1) & ~(uintptr_t)(sizeof(lanes) - 1));
  across(fold, side, depth, pitch, axis, aligned);
  down(aligned, side * depth, axis, sums);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void waves_avx2(
    const float *fold, int side, int depth, int pitch, const float *axis, void *rows, float *sums) {
  waves(fold, side, depth, pitch, axis, rows, sums);
}
#endif

void tm_fold_waves(const float *fold, int side, int depth, int pitch, const float *axis, void *rows, float *sums) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) {
    waves_avx2(fold, side, depth, pitch, axis, rows, sums);
    return;
  }
#endif
  waves(fold, side, depth, pitch, axis, rows, sums);
}
