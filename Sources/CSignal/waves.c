#include "CSignal.h"
#include "dispatch.h"

#include <stddef.h>
#include <string.h>

// As in blocks.c: one order of adding up, nothing fused.
#pragma STDC FP_CONTRACT OFF

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

BODY void add_wave(
    const float *restrict cosines, const float *restrict sines, float re, float im, float sign,
    float *restrict line_re, float *restrict line_im, int count) {
  for (int x = 0; x < count; x++) {
    float c = cosines[x], s = sign * sines[x];
    line_re[x] += re * c - im * s;
    line_im[x] += re * s + im * c;
  }
}

BODY void add_lines(
    const float *restrict line_re, const float *restrict line_im, const float *cosines, const float *sines, float sign,
    float *restrict plane, int side) {
  for (int y = 0; y < side; y++) {
    float c = cosines[y], s = sign * sines[y];
    float *restrict row = plane + (size_t)y * side;
    for (int x = 0; x < side; x++) row[x] += line_re[x] * c - line_im[x] * s;
  }
}

typedef float octet __attribute__((vector_size(32)));

BODY void transform_blocks(
    const float *plane, int side, const float *across, const float *down, float *coefficients) {
  octet waves_across[8];
  memcpy(waves_across, across, sizeof waves_across);
  for (int block = 0; block < side / 8 * (side / 8); block++) {
    const float *corner = plane + (size_t)8 * (block / (side / 8) * side + block % (side / 8));
    octet sums[8];
    memset(sums, 0, sizeof sums);
    for (int y = 0; y < 8; y++) {
      octet line = {0};
      for (int x = 0; x < 8; x++) line += corner[(size_t)y * side + x] * waves_across[x];
      for (int v = 0; v < 8; v++) sums[v] += down[8 * v + y] * line;
    }
    memcpy(coefficients + (size_t)64 * block, sums, sizeof sums);
  }
}

#if defined(__x86_64__)

WIDE void waves_avx2(
    const float *fold, int side, int depth, int pitch, const float *axis, void *rows, float *sums) {
  waves(fold, side, depth, pitch, axis, rows, sums);
}

WIDE void add_wave_avx2(
    const float *cosines, const float *sines, float re, float im, float sign, float *line_re, float *line_im,
    int count) {
  add_wave(cosines, sines, re, im, sign, line_re, line_im, count);
}

WIDE void add_lines_avx2(
    const float *line_re, const float *line_im, const float *cosines, const float *sines, float sign, float *plane,
    int side) {
  add_lines(line_re, line_im, cosines, sines, sign, plane, side);
}

WIDE void transform_blocks_avx2(
    const float *plane, int side, const float *across, const float *down, float *coefficients) {
  transform_blocks(plane, side, across, down, coefficients);
}

#endif

void tm_fold_waves(const float *fold, int side, int depth, int pitch, const float *axis, void *rows, float *sums) {
  DISPATCH(waves, fold, side, depth, pitch, axis, rows, sums);
}

void tm_add_wave(
    const float *cosines, const float *sines, float re, float im, float sign, float *line_re, float *line_im,
    int count) {
  DISPATCH(add_wave, cosines, sines, re, im, sign, line_re, line_im, count);
}

void tm_add_lines(
    const float *line_re, const float *line_im, const float *cosines, const float *sines, float sign, float *plane,
    int side) {
  DISPATCH(add_lines, line_re, line_im, cosines, sines, sign, plane, side);
}

void tm_transform_blocks(
    const float *plane, int side, const float *across, const float *down, float *coefficients) {
  DISPATCH(transform_blocks, plane, side, across, down, coefficients);
}
