#pragma once
#include <stdint.h>

/// What a block of 8 × 8 samples shows, by its quantised cosine transform: Σ y, Σ y², Σ y · x, Σ y · y.
typedef struct {
  float sum;
  float squares;
  float along_x;
  float along_y;
} tm_block_moments;

/// The first coefficients of `block`, no longer quantised: of `depth` rows the first `pitch`, 4 or 8.
void tm_block_take(const int16_t *block, const float *steps, int depth, int pitch, float *values);

/// The same, and the moments of `block` in natural order, quantised in `steps`, grey levels around 128 put back. `slope` is what the
/// wave of each frequency adds to Σ y · distance from the middle.
tm_block_moments tm_block_survey(
    const int16_t *block, const float *steps, const float *slope, int depth, int pitch, float *values);

/// Adds `count` values, each at most `bound` from nothing, to `sums`.
void tm_add_bounded(const float *values, float *sums, int count, float bound);

/// Sums over blocks, to be added up by whoever reads them.
typedef struct {
  /// Squares of what was added.
  float squares[8];
  /// What was added times what was to be, but for its mean.
  float products[8];
} tm_block_sums;

/// Adds `gain` times `waves` and, to the mean, `offset`, all in quantisation steps, to the first `rows` rows of coefficients of
/// `block`, in whole steps: nothing to a coefficient that is to change by less than half a step or, where it is zero, by less
/// than `dead_zone`. Coefficients keep within what 8-bit samples have (T.81 tables F.1, F.2). Returns whether anything changed.
int tm_block_mark(
    int16_t *block, const float *waves, const float *steps, int rows, float gain, float offset, float dead_zone,
    tm_block_sums *sums);

/// Of the samples in a row of a block: Σ y, Σ y², Σ y · x with x twice the distance from the middle.
typedef struct {
  int32_t sum;
  int32_t squares;
  int32_t along;
} tm_row_moments;

/// The `moments` of `count` blocks of `row`, `side` samples wide (8 or 16).
void tm_row_measure(const uint8_t *row, int side, int count, tm_row_moments *moments);

/// Writes `tile` times a gain, which lies `share` of the way from `upper` to `lower`, to `row` in whole numbers. Returns the sum of their
/// squares, `count` of at most 2³¹ together.
int64_t tm_row_draw(
    const float *tile, const float *upper, const float *lower, float share, int16_t *row, int count);
