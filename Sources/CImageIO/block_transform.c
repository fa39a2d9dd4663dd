#include "block_transform.h"
#include "../CSignal/dispatch.h"

#include <string.h>

// Nothing is fused and sums have one order, so that results are the same everywhere.
#pragma STDC FP_CONTRACT OFF

typedef float row_f __attribute__((vector_size(32)));
typedef int32_t row_i __attribute__((vector_size(32)));
typedef int16_t row_s __attribute__((vector_size(16)));
typedef uint16_t row_u __attribute__((vector_size(16)));

BODY void samples_of(const tm_block_waves *waves, const int16_t *coefficients, const float *steps, row_f *samples) {
  row_f columns[8];
  memset(columns, 0, sizeof columns);
  for (int v = 0; v < 8; v++) {
    uint64_t halves[2];
    memcpy(halves, coefficients + 8 * v, sizeof halves);
    // High rows of most blocks hold nothing.
    if ((halves[0] | halves[1]) == 0) continue;
    row_s line;
    row_f step;
    memcpy(&line, coefficients + 8 * v, sizeof line);
    memcpy(&step, steps + 8 * v, sizeof step);
    row_f row = __builtin_convertvector(line, row_f) * step;
    for (int y = 0; y < 8; y++) columns[y] += waves->basis[8 * v + y] * row;
  }
  row_f basis[8];
  memcpy(basis, waves->basis, sizeof basis);
  for (int y = 0; y < 8; y++) {
    float row[8];
    memcpy(row, columns + y, sizeof row);
    row_f sum = {128, 128, 128, 128, 128, 128, 128, 128};
    for (int u = 0; u < 8; u++) sum += row[u] * basis[u];
    samples[y] = sum;
  }
}

// The nearest integers 0 … 255: added to 2²³ they stand in a float's last bits.
BODY void rounded(const row_f *samples, row_u *pixels) {
  const row_f zero = {0};
  row_f high = zero + 255.0f, value = *samples;
  row_i is_low = value < zero, is_high = value > high;
  value = (row_f)(~is_low & (row_i)value);
  value = (row_f)((is_high & (row_i)high) | (~is_high & (row_i)value));
  *pixels = __builtin_convertvector((row_i)(value + 0x1p23f), row_u);
}

BODY void block_samples(
    const tm_block_waves *waves, const int16_t *coefficients, const float *steps, float *samples) {
  row_f rows[8];
  samples_of(waves, coefficients, steps, rows);
  memcpy(samples, rows, sizeof rows);
}

BODY void block_pixels(
    const tm_block_waves *waves, const int16_t *coefficients, const float *steps, uint16_t *pixels, size_t pitch) {
  row_f rows[8];
  samples_of(waves, coefficients, steps, rows);
  for (int y = 0; y < 8; y++) {
    row_u line;
    rounded(rows + y, &line);
    memcpy(pixels + pitch * y, &line, sizeof line);
  }
}

BODY int block_replace(float *samples, const uint16_t *pixels, size_t pitch) {
  row_i any = {0};
  for (int y = 0; y < 8; y++) {
    row_f value;
    row_u old, new;
    memcpy(&value, samples + 8 * y, sizeof value);
    memcpy(&new, pixels + pitch * y, sizeof new);
    rounded(&value, &old);
    row_i is_new = __builtin_convertvector(old != new, row_i);
    row_f replaced = __builtin_convertvector(new, row_f);
    value = (row_f)((is_new & (row_i)replaced) | (~is_new & (row_i)value));
    memcpy(samples + 8 * y, &value, sizeof value);
    any |= is_new;
  }
  int64_t halves[4];
  memcpy(halves, &any, sizeof halves);
  return (halves[0] | halves[1] | halves[2] | halves[3]) != 0;
}

BODY void block_coefficients(
    const tm_block_waves *waves, const float *samples, const float *steps, int16_t *coefficients) {
  row_f lines[8], transposed[8];
  memcpy(lines, samples, sizeof lines);
  memcpy(transposed, waves->transposed, sizeof transposed);
  // AC coefficients of 8-bit samples have at most ten bits, DC differences eleven (T.81 table F.1, F.2).
  row_f bound = {1024, 1023, 1023, 1023, 1023, 1023, 1023, 1023};
  // The 128 that samples lie around is a constant, which only the first coefficient sees.
  row_f constant = {1024};
  for (int v = 0; v < 8; v++) {
    row_f sum = {0}, row = {0}, step;
    for (int y = 0; y < 8; y++) sum += waves->basis[8 * v + y] * lines[y];
    float column[8];
    memcpy(column, &sum, sizeof column);
    for (int x = 0; x < 8; x++) row += column[x] * transposed[x];
    memcpy(&step, steps + 8 * v, sizeof step);
    row = (row - constant) / step;
    row_i is_low = row < -bound, is_high = row > bound;
    row = (row_f)((is_low & (row_i)-bound) | (~is_low & (row_i)row));
    row = (row_f)((is_high & (row_i)bound) | (~is_high & (row_i)row));
    // Added to 1.5 · 2²³ the nearest integer stands in a float's last bits.
    row_s line = __builtin_convertvector((row_i)(row + 0x1.8p23f), row_s);
    memcpy(coefficients + 8 * v, &line, sizeof line);
    constant = (row_f){0};
    bound[0] = 1023;
  }
}

#if defined(WIDE)

WIDE void block_samples_avx2(
    const tm_block_waves *waves, const int16_t *coefficients, const float *steps, float *samples) {
  block_samples(waves, coefficients, steps, samples);
}

WIDE void block_pixels_avx2(
    const tm_block_waves *waves, const int16_t *coefficients, const float *steps, uint16_t *pixels, size_t pitch) {
  block_pixels(waves, coefficients, steps, pixels, pitch);
}

WIDE int block_replace_avx2(float *samples, const uint16_t *pixels, size_t pitch) {
  return block_replace(samples, pixels, pitch);
}

WIDE void block_coefficients_avx2(
    const tm_block_waves *waves, const float *samples, const float *steps, int16_t *coefficients) {
  block_coefficients(waves, samples, steps, coefficients);
}

#endif

void tm_block_samples(const tm_block_waves *waves, const int16_t *coefficients, const float *steps, float *samples) {
  DISPATCH(block_samples, waves, coefficients, steps, samples);
}

void tm_block_pixels(
    const tm_block_waves *waves, const int16_t *coefficients, const float *steps, uint16_t *pixels, size_t pitch) {
  DISPATCH(block_pixels, waves, coefficients, steps, pixels, pitch);
}

int tm_block_replace(float *samples, const uint16_t *pixels, size_t pitch) {
  return DISPATCH(block_replace, samples, pixels, pitch);
}

void tm_block_coefficients(
    const tm_block_waves *waves, const float *samples, const float *steps, int16_t *coefficients) {
  DISPATCH(block_coefficients, waves, samples, steps, coefficients);
}
