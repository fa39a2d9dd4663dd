#pragma once
#include <stddef.h>
#include <stdint.h>

#include "pixel_rows.h"

/// What a block of 8 × 8 samples shows, by its quantised cosine transform: Σ y, Σ y², Σ y · x, Σ y · y.
typedef struct {
  float sum;
  float squares;
  float along_x;
  float along_y;
} tm_block_moments;

/// Where the moments of a row of blocks go, one a column, and the first coefficient of each.
typedef struct {
  float *sum;
  float *squares;
  float *along_x;
  float *along_y;
  float *means;
} tm_moment_rows;

/// How coefficients of blocks are held: `depth` rows of `pitch`, 4 or 8; four in a row where there are at most four rows.
typedef struct {
  int depth;
  int pitch;
} tm_block_shape;

/// The first coefficients of each of `columns` blocks, no longer quantised.
void tm_blocks_take(
    const int16_t *blocks, int columns, const float *steps, const tm_block_shape *shape, float *values);

/// The same but for the means, each at most `bound` from nothing, and the moments of each block in natural order, quantised in `steps`, grey
/// levels around 128 put back. `slope` is what the wave of each frequency adds to Σ y · distance from the middle.
/// Without a `shape` moments are all that is set: there are no `values` and no means then.
void tm_blocks_survey(
    const int16_t *blocks, int columns, const float *steps, const float *slope, const tm_block_shape *shape, float bound,
    float *values, const tm_moment_rows *rows);

/// Takes from `columns` blocks of values their means, and bounds the others as above.
void tm_blocks_bound(float *values, int columns, const tm_block_shape *shape, float bound, float *means);

/// Adds what `shape` keeps of `columns` blocks held as `held`, times the weights of the blocks where there are any, to `sums`.
void tm_blocks_add(
    const float *values, const tm_block_shape *held, const float *weights, int columns, const tm_block_shape *shape,
    float *sums);

/// The same of blocks as they are quantised, which count without their means.
void tm_blocks_add_quantised(
    const int16_t *blocks, const float *steps, const float *weights, int columns, const tm_block_shape *shape,
    float *sums);

/// Takes from `columns` blocks of values their means, and Σ of the squares of the others.
void tm_blocks_measure(float *values, int columns, const tm_block_shape *shape, float *means, float *squares);

/// The same of what `shape` keeps of blocks as they are quantised.
void tm_blocks_measure_quantised(
    const int16_t *blocks, int columns, const float *steps, const tm_block_shape *shape, float *means, float *squares);

/// Means over (2 `radius` + 1)² of `width` × `height` values, of those that lie inside. `scratch` holds as many values as `tm_box_scratch` says.
void tm_box_means(const float *values, int width, int height, int radius, float *scratch, float *means);
int64_t tm_box_scratch(int width);

/// Adds `count` values times `scale` to `sums`.
void tm_add_scaled(const float *values, float scale, float *sums, int count);

/// Adds `factor` · a / (b + `factor` · a) of each of `count` pairs to eight sums in turn, b positive.
void tm_add_shares(const float *a, const float *b, int count, float factor, float *sums);

/// Adds a · b of each of `count` pairs to eight sums in turn, or a where there is no b.
void tm_add_products(const float *a, const float *b, int count, float *sums);

/// Counts those of `count` values that lie between `above` and `below` in eight sums in turn.
void tm_add_counts(const float *values, int count, float above, float below, float *sums);

/// Sums over blocks, to be added up by whoever reads them.
typedef struct {
  /// Squares of what was added.
  float squares[8];
  /// What was added times what was to be, but for its mean.
  float products[8];
} tm_block_sums;

/// What is the same for all blocks that are marked.
typedef struct {
  /// Those of quantisation, 8 of each of `rows` rows.
  const float *steps;
  /// Rows of coefficients that are changed, at least one.
  int rows;
  /// What a coefficient that is zero has to change by at least.
  float dead_zone;
} tm_block_mark;

/// Marks `columns` blocks: adds to the coefficients of each its gain times its `waves`, 8 of each row, and to the mean its shift, which
/// is in grey levels of the transform, in whole steps: nothing to a coefficient that is to change by less than half a step or, where
/// it is zero, by less than the dead zone. Coefficients keep within what 8-bit samples have (T.81 tables F.1, F.2). `changed` says of
/// each block whether anything was.
void tm_blocks_mark(
    int16_t *blocks, int columns, const tm_block_mark *mark, const float *waves, const float *gains,
    const float *shifts, uint8_t *changed, tm_block_sums *sums);

/// Adds to `sums` what marking would, and leaves the blocks as they are.
void tm_blocks_rehearse(
    const int16_t *blocks, int columns, const tm_block_mark *mark, const float *waves, const float *gains,
    const float *shifts, tm_block_sums *sums);

/// Bytes of scratch memory that `tm_fold_waves` takes for each row of coefficients of a tile, and once more.
enum { tm_fold_row_bytes = 128 };

/// The waves of a tile of `side` × `side` blocks, of each `depth` rows of `pitch` coefficients: for each of 16 frequencies down the
/// tile and for each of 16 across it Σ c c, Σ s s, Σ c s, Σ s c, 64 values a frequency. `axis` has for each block along a side and
/// each of its coefficients the cosines of 16 frequencies, then the sines.
void tm_fold_waves(const float *fold, int side, int depth, int pitch, const float *axis, void *rows, float *sums);

/// Encoded tones 0 … 1 of every `step`th of a row's pixels, `count` in all: each of `samples` covers 1 << `shift` pixels.
void tm_tones_load(
    const uint16_t *samples, int count, int step, int shift, float black, float scale, float *row);

/// Luma, Cb and Cr, whose middle is `middle`, to red, green and blue.
void tm_tones_from_ycbcr(float *red, float *green, float *blue, int count, float middle);

/// Steps of the table of linear light, and bins of luminance.
enum { tm_tone_steps = 1025, tm_luminance_bins = 4096 };

/// The bin of each pixel's relative luminance (WCAG 2); `tables` have what encoded tones of red, of green and of blue add to it.
void tm_tones_luminance(
    const float *red, const float *green, const float *blue, int count, const float *tables, uint16_t *bins);

/// Bytes times `scale`.
void tm_scale_bytes(const uint8_t *bytes, int count, float scale, float *values);

/// Sums of two by two bytes of two rows, times `scale`.
void tm_scale_quarters(const uint8_t *top, const uint8_t *bottom, int columns, float scale, float *values);

/// Adds `re` + i `im` times the wave whose cosines and sines, times `sign`, are given to a line of pixels.
void tm_add_wave(
    const float *cosines, const float *sines, float re, float im, float sign, float *line_re, float *line_im,
    int count);

/// Adds the real part of a line, times the cosine and `sign` times the sine of each row, to `side` rows of as many pixels.
void tm_add_lines(
    const float *line_re, const float *line_im, const float *cosines, const float *sines, float sign, float *plane,
    int side);

/// The 8 × 8 cosine transforms of a plane of `side` × `side` values, block by block; `across` has frequency u at place x at 8 x + u, `down`
/// at 8 u + x.
void tm_transform_blocks(
    const float *plane, int side, const float *across, const float *down, float *coefficients);

/// Where the sums of a row of cells go, one a column: Σ y, Σ y², Σ y · distance from the cell's middle to the right, and down.
typedef struct {
  float *sum;
  float *squares;
  float *along_x;
  float *along_y;
} tm_cell_sums;

/// The moments of a row of `columns` cells, `cell` x `cell` values each, a multiple of 4, of rows of `pitch` values.
void tm_moments_of(const float *rows, int pitch, int columns, int cell, tm_cell_sums sums);

/// The standard deviation about a plane, and the variance, of each window of 2 x 2 of `columns` x `rows` cells, two at least each way.
void tm_windows_of_cells(
    tm_cell_sums cells, int columns, int rows, int cell, float *deviation, float *variance);

/// What the windows say of the cells they share: the least deviation, and means of deviation and variance.
void tm_cells_of_windows(
    const float *deviation, const float *variance, int columns, int rows, float *calm, float *busy,
    float *spread);

/// How gains follow activity: one and `slope` times it, but no more than `steepest` times what a neighbour has.
typedef struct {
  float slope;
  float steepest;
} tm_shape;

/// The gains of `columns` x `rows` cells, two at least each way, times their `tones`; `across` has room for as many.
void tm_cells_shape(
    const float *activity, const float *tones, const tm_shape *which, int columns, int rows, float *across,
    float *gain);

/// Where goes what limits marks, one a cell each: see `EmbeddingStrength.Trial`.
typedef struct {
  float *activity;
  float *tones;
  float *steadiness;
  float *clarity;
} tm_cell_limits;

/// Constants of those limits.
typedef struct {
  float near_white;
  float on_white;
  float stabiliser;
  float noise;
} tm_limit_constants;

/// What limits the marks of `count` cells.
void tm_cells_limits(
    const float *mean, const float *calm, const float *busy, const float *variance, int count,
    const tm_limit_constants *constants, tm_cell_limits to);

/// The share of a mark's power that is left of it in `count` cells: all of it up to a mean of `near_white`, `on_white` of it on white.
void tm_cells_left(const float *mean, int count, float near_white, float on_white, float *to);

/// How strongly copies in blue are drawn in a cell by its luma: see `BlueMark`.
typedef struct {
  float black;
  float bright;
  float in_dark;
  float in_light;
  float strength;
  float room;
  float lift;
} tm_blue_strength;

/// The gains and shifts of copies in blue in `count` cells whose luma is `mean`.
void tm_cells_blue(
    const float *mean, int count, const tm_blue_strength *strength, float *gain, float *shift);

/// `values` less `low`, and the squares of that.
void tm_residual_high(const float *values, const float *low, size_t count, float *high, float *squares);

/// Makes strengths of `powers`, their roots, and adds 1 / (strength + 1) to the sum of each column.
void tm_residual_strengths(float *powers, size_t width, size_t height, float *sums);

/// What `tm_residual_weigh` holds values within and weighs them by.
typedef struct {
  float floor;
  float clip;
  float calm;
  float busy_share;
} tm_residual_weights;

/// `high` over the strength and a floor, held within `clip`, times `calm` over the strength and `calm`, and a share more.
void tm_residual_weigh(float *high, const float *strength, size_t count, const tm_residual_weights *weights);

/// The cosine transforms of the first `columns` blocks of eight rows of `pitch` values: of the first `depth` coefficients down them, 2 to 8,
/// the first four along them, or eight for more than four; `basis` has frequency u at place x at 8 x + u.
void tm_band_transform(
    const float *rows, int pitch, int columns, const float *basis, int depth, float *blocks);

/// What there is at each frequency of a plane, half of them, for the others are the same.
typedef struct {
  const float *power;
  /// Values to a row, one for each of the columns 0 … width / 2 of frequencies.
  int32_t pitch;
  /// Whole numbers: points of the transform, of which rows are kept all.
  float width;
  float height;
} tm_spectrum;

/// The values at `count` frequencies (`across`, `down`), cycles a pixel, each between the four that are next to it; 1 where there is none.
void tm_spectrum_values(
    const tm_spectrum *spectrum, const float *across, const float *down, int count, float *values);

/// The sum of `tm_spectrum_values` at the frequencies of `count` waves of (`x`, `y`) cycles a tile: across by `unit` 0 and 1 for each
/// of x and y, down by 2 and 3.
float tm_spectrum_sum(const tm_spectrum *spectrum, const float *x, const float *y, int count, const float *unit);

/// One pass of Stockham's transforms of `length` points side by side: of groups of `points`, each of `stride` values, a multiple of
/// four. `cosines` and `sines` are those of -2πk / `length` for k up to three quarters of it.
typedef struct {
  int32_t length;
  int32_t points;
  int32_t stride;
  const float *cosines;
  const float *sines;
} tm_fourier_pass;

/// The radix-4 pass of x to y, which do not overlap.
void tm_fourier_radix4(const tm_fourier_pass *pass, const float *xr, const float *xi, float *yr, float *yi);

/// Of `count` values, whole eights: the largest and the smallest, 0 where none is above or below it, and the sum of their squares.
typedef struct {
  float most;
  float least;
  float squares;
} tm_extent;

tm_extent tm_extent_of(const float *values, int count);

/// The first of `count` values, whole eights, that is `value`; `count` where none is.
int tm_place_of(float value, const float *values, int count);

/// `count` places along a line over a plane `width` pixels wide, of which all have neighbours right and down.
typedef struct {
  const float *plane;
  int32_t width;
  int32_t count;
  float x;
  float y;
  float step_x;
  float step_y;
} tm_sample_line;

/// The values along `line`, each between four pixels.
void tm_sample(const tm_sample_line *line, float *values);

/// Adds them to `sums`, of which there are `side`, a power of two and at least eight: from `first` on, round and round.
void tm_sample_add(const tm_sample_line *line, int first, int side, float *sums);

/// Values at shifts: rows of no shift to `reach` down, columns of `reach` to the left to as much to the right.
typedef struct {
  const float *values;
  int32_t reach;
} tm_lags;

/// The values at `count` shifts, whole eights, of (`x`, `y`) times `scale`, each between four; nothing out of reach.
void tm_lag_values(const tm_lags *lags, const float *x, const float *y, float scale, int count, float *values);

/// For each of `count` values its sum with those that stand as far behind each of `place_count` places `from` `values`.
void tm_sums_at(const float *values, const int32_t *from, int place_count, int count, float *sums);

/// Columns of `values`, `rows` rows of which one begins `stride` values behind the other, to rows of `turned`. Columns and rows are
/// whole eights.
void tm_transpose(const float *values, int stride, int columns, int rows, float *turned);

/// One step down a polar code's tree, to the left: of `count` pairs of log-likelihood ratios, one after the other in `above`, that of the
/// sum of both bits, by the min-sum rule or nearly exactly.
void tm_polar_left(const float *above, int count, int is_exact, float *own);

/// To the right: of `count` pairs that of the second bit, the sums of both being known.
void tm_polar_right(const float *above, const uint8_t *sums, int count, float *own);

/// The same of `size` pairs that `width` paths share, each with sums of its own, beside one another.
void tm_polar_right_of_one(const float *above, const uint8_t *sums, int size, int width, float *own);

/// Adds to each of `count` counts of sums that of the sum less by `size`.
void tm_count_sums(double *counts, int count, int size);
