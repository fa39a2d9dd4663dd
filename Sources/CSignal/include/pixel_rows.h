#pragma once
#include <stdint.h>

/// Of the samples in a row of a block: Σ y, Σ y², Σ y · x with x twice the distance from the middle.
typedef struct {
  int32_t sum;
  int32_t squares;
  int32_t along;
} tm_row_moments;

/// The `moments` of `count` blocks of `row`, `side` samples wide (8 or 16).
void tm_row_measure(const uint8_t *row, int side, int count, tm_row_moments *moments);

/// Writes the gains of a row's `count` blocks, `side` samples wide, to its `width` samples: interpolated between the blocks' middles.
void tm_row_gains(const float *blocks, int count, int side, float *row, int width);

/// Adds `marks` to `row`, held between 0 and 255; no mark may be more than 2¹⁴ away from 0.
void tm_row_add(uint8_t *row, const int16_t *marks, int count);

/// Adds by how much every `step`th sample of `row`, from the middle of the first step on, differs from `last` to `changes`, and leaves
/// it there. At most 257 rows may be added up.
void tm_row_follow(const uint8_t *row, int step, int count, uint16_t *last, uint16_t *changes);

/// Writes `tile` times a gain, which lies `share` of the way from `upper` to `lower`, to `row` in whole numbers. Returns the sum of their
/// squares, `count` of at most 2³¹ together.
int64_t tm_row_draw(
    const float *tile, const float *upper, const float *lower, float share, int16_t *row, int count);

/// BT.601 luma in 256ths, 0 … 255, of pixels of `channels` bytes, 3 or 4, red first; on white where the fourth, opacity, is not 255.
void tm_pixels_luma(const uint8_t *row, int channels, int count, float *values);

/// Blue, on white as well, less that.
void tm_pixels_blueness(const uint8_t *row, int channels, int count, float *values);

/// Adds to each of `columns` counts how many of its `cell` pixels, a multiple of four, are not fully transparent: of `channels` bytes, 2 or
/// 4, the last of them opacity.
void tm_pixels_shown(const uint8_t *row, int channels, int cell, int columns, int32_t *counts);

/// Adds `count` samples of a row to sums, of at most `TM_ROWS_GATHERED` rows.
void tm_row_gather(const uint8_t *row, int count, uint16_t *sums);

/// The luma of `count` pixels of rows that were added up, of 1 or 3 `channels`: the sum of that of the rows.
void tm_gathered_luma(const uint16_t *sums, int channels, int count, float *values);

/// Rows of bytes whose sums fit in 16 bits.
enum { TM_ROWS_GATHERED = 257 };

/// Bits behind the point of marks and of what is added to a picture's cells, of tiles, and of gains.
enum { TM_MARK_BITS = 7, TM_TILE_BITS = 12, TM_GAIN_BITS = 11 };

/// Adds to each pixel of 1 … 4 `channels` (grey or red, green and blue, then opacity) its mark, rounded to whole numbers from -127 to 127,
/// held between 0 and 255; where there is `blue`, that to blue as well and `green` / 2¹⁶ times it to green. Nothing to opacity, nor to what
/// is fully transparent. Returns Σ of the squares of what was added.
int64_t tm_pixels_mark(
    uint8_t *row, int channels, int count, const int16_t *marks, const int16_t *blue, int16_t green);

/// The sums of `count` pairs of neighbours, times `share`.
void tm_row_halve(const float *values, int count, float share, float *halves);

/// `count` values times `unit`, rounded to whole numbers as far as those go.
void tm_row_round(const float *values, int count, float unit, int16_t *result);

/// Writes a row of `columns` cells, 4, 8 or 16 pixels (`side`) wide, times `unit`, to `lanes` pixels, a multiple of 16: between the middles
/// of cells they go over from one to the next. `scratch` has room for lanes / 4 + 16. Whether any is not 0.
int tm_cells_widen(
    const float *cells, int columns, int side, float unit, int16_t *scratch, int lanes, int16_t *row);

/// The gains and shifts of the pixels of two rows, above and below one that is `share` / 2¹⁵ of the way from one to the other. Without
/// shifts above there are none.
typedef struct {
  const int16_t *above;
  const int16_t *below;
  const int16_t *shift_above;
  const int16_t *shift_below;
  int16_t share;
} tm_mark_gains;

/// Sets a row of `lanes` marks, a multiple of 16, to that of the `tiles` times the gains, plus the shifts; what is lost of them is less than
/// a hundredth of a grey level, always to the same side.
void tm_row_marks(const int16_t *tiles, const tm_mark_gains *gains, int lanes, int16_t *marks);

/// Each of `values` over `block` pixels of `row`, `count` pixels in all; where it `adds`, to what is there, as far as that goes.
void tm_row_spread(const int16_t *values, int block, int count, int adds, int16_t *row);
