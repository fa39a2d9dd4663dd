#pragma once
#include <stddef.h>
#include <stdint.h>

/// The waves of the 8 × 8 cosine transform (T.81 A.3.3): of frequency u at place x, at 8 u + x, and at 8 x + u.
typedef struct {
  float basis[64];
  float transposed[64];
} tm_block_waves;

/// Samples around 128, row by row, of quantised coefficients in natural order.
void tm_block_samples(const tm_block_waves *waves, const int16_t *coefficients, const float *steps, float *samples);

/// The same as integers 0 … 255, rows `pitch` apart.
void tm_block_pixels(
    const tm_block_waves *waves, const int16_t *coefficients, const float *steps, uint16_t *pixels, size_t pitch);

/// Puts new integers, rows `pitch` apart, over those samples that are not rounded to them. Returns whether any was.
int tm_block_replace(float *samples, const uint16_t *pixels, size_t pitch);

/// Quantised coefficients of samples around 128.
void tm_block_coefficients(
    const tm_block_waves *waves, const float *samples, const float *steps, int16_t *coefficients);
