#include "CSignal.h"
#include "octets.h"

#include <stddef.h>

// As in blocks.c: compiled twice, one order of operations, nothing fused.
#pragma STDC FP_CONTRACT OFF

BODY float at_least_none(float value) { return value > 0 ? value : 0; }

// The windows of 2 x 2 cells whose left ones are at `a` and `c`, below it.
BODY void window_row(
    const tm_cell_sums *cells, size_t a, size_t c, int count, float half, float *restrict deviation,
    float *restrict variance) {
  const float *sum = cells->sum, *squares = cells->squares, *along_x = cells->along_x, *along_y = cells->along_y;
  // A slope over a side of n pixels explains 12 (Σ y x / n²)² / (n² - 1) of the variance.
  float share = 1 / (16 * half * half), unit = 12 / (16 * half * half - 1);
  for (int i = 0; i < count; i++) {
    size_t p = a + (size_t)i, q = c + (size_t)i;
    float mean = (sum[p] + sum[p + 1] + sum[q] + sum[q + 1]) * share;
    float square = (squares[p] + squares[p + 1] + squares[q] + squares[q + 1]) * share;
    float right = sum[p + 1] + sum[q + 1], left = sum[p] + sum[q];
    float lower = sum[q] + sum[q + 1], upper = sum[p] + sum[p + 1];
    float x = (along_x[p] + along_x[p + 1] + along_x[q] + along_x[q + 1] + half * (right - left)) * share;
    float y = (along_y[p] + along_y[p + 1] + along_y[q] + along_y[q + 1] + half * (lower - upper)) * share;
    float spread = at_least_none(square - mean * mean);
    variance[i] = spread;
    deviation[i] = at_least_none(spread - (x * x + y * y) * unit);
  }
  octet some;
  int i = 0;
  for (; i + octet_count <= count; i += octet_count) {
    memcpy(&some, deviation + i, sizeof some);
    some = __builtin_elementwise_sqrt(some);
    memcpy(deviation + i, &some, sizeof some);
  }
  for (; i < count; i++) deviation[i] = __builtin_sqrtf(deviation[i]);
}

BODY void windows(tm_cell_sums cells, int columns, int rows, int cell, float *deviation, float *variance) {
  for (int row = 0; row + 1 < rows; row++) {
    size_t a = (size_t)row * columns, target = (size_t)row * (columns - 1);
    window_row(&cells, a, a + columns, columns - 1, (float)cell / 2, deviation + target, variance + target);
  }
}

BODY float less(float a, float b) { return b < a ? b : a; }

typedef struct {
  float *calm;
  float *busy;
  float *variance;
} cell_row;

// A cell of the windows upper left, upper right, lower left and lower right of it: places in rows of them.
BODY void cell_of(
    const float *restrict deviation, const float *restrict variance, size_t a, size_t b, size_t c, size_t d,
    const cell_row *to, int column) {
  float left = less(deviation[a], deviation[b]), right = less(deviation[c], deviation[d]);
  to->calm[column] = less(left, right);
  to->busy[column] = 0.25f * (deviation[a] + deviation[b] + deviation[c] + deviation[d]);
  to->variance[column] = 0.25f * (variance[a] + variance[b] + variance[c] + variance[d]);
}

BODY void shared_row(
    const float *restrict deviation, const float *restrict variance, size_t upper, size_t lower, int columns,
    const cell_row *to) {
  float *restrict calm = to->calm, *restrict busy = to->busy, *restrict spread = to->variance;
  const float *restrict above = deviation + upper, *restrict below = deviation + lower;
  const float *restrict variance_above = variance + upper, *restrict variance_below = variance + lower;
  for (int i = 1; i < columns - 1; i++) {
    float first = less(above[i - 1], above[i]), second = less(below[i - 1], below[i]);
    calm[i] = less(first, second);
    busy[i] = 0.25f * (above[i - 1] + above[i] + below[i - 1] + below[i]);
    spread[i] = 0.25f * (variance_above[i - 1] + variance_above[i] + variance_below[i - 1] + variance_below[i]);
  }
  // Cells of the first and the last column are part of two windows, each of which counts twice.
  cell_of(deviation, variance, upper, upper, lower, lower, to, 0);
  size_t last = (size_t)columns - 2;
  cell_of(deviation, variance, upper + last, upper + last, lower + last, lower + last, to, columns - 1);
}

BODY void shared(
    const float *deviation, const float *variance, int columns, int rows, float *calm, float *busy,
    float *spread) {
  for (int row = 0; row < rows; row++) {
    size_t pitch = (size_t)columns - 1, to = (size_t)row * columns;
    size_t upper = pitch * (size_t)(row > 0 ? row - 1 : 0), lower = pitch * (size_t)(row < rows - 1 ? row : rows - 2);
    cell_row cells = {calm + to, busy + to, spread + to};
    shared_row(deviation, variance, upper, lower, columns, &cells);
  }
}

// What `raw` has, but no more than `most` times the lesser of its neighbours.
BODY void bounded_across(const float *restrict raw, int columns, float most, float *restrict bounded) {
  int last = columns - 1;
  bounded[0] = less(raw[0], most * raw[1]);
  for (int i = 1; i < last; i++) bounded[i] = less(raw[i], most * less(raw[i - 1], raw[i + 1]));
  bounded[last] = less(raw[last], most * raw[last - 1]);
}

BODY void bounded_down(
    const float *restrict above, const float *restrict raw, const float *restrict below, int columns, float most,
    float *restrict bounded) {
  for (int i = 0; i < columns; i++) bounded[i] = less(raw[i], most * less(above[i], below[i]));
}

BODY void shape(
    const float *restrict activity, const float *restrict tones, const tm_shape *shape, int columns, int rows,
    float *restrict across, float *restrict gain) {
  float slope = shape->slope, most = shape->steepest;
  size_t pitch = (size_t)columns, last = pitch * (size_t)(rows - 1);
  for (size_t at = 0; at <= last; at += pitch) {
    // Until all rows are bounded across, the first of the result holds one that is not.
    for (int i = 0; i < columns; i++) gain[i] = (1 + slope * activity[at + (size_t)i]) * tones[at + (size_t)i];
    bounded_across(gain, columns, most, across + at);
  }
  for (size_t at = 0; at <= last; at += pitch) {
    const float *above = across + (at > 0 ? at - pitch : pitch), *below = across + (at < last ? at + pitch : at - pitch);
    bounded_down(above, across + at, below, columns, most, gain + at);
  }
}

BODY float greater(float a, float b) { return b > a ? b : a; }

BODY float whiteness(float mean, float near_white) { return less(1, greater(0, (mean - near_white) / (255 - near_white))); }

BODY void left(const float *restrict mean, int count, float near_white, float on_white, float *restrict to) {
  for (int i = 0; i < count; i++) to[i] = 1 - (1 - on_white) * whiteness(mean[i], near_white);
}

BODY void limits(
    const float *restrict mean, const float *restrict calm, const float *restrict busy, const float *restrict variance,
    int count, const tm_limit_constants *constants, tm_cell_limits to) {
  float *restrict activity = to.activity, *restrict tones = to.tones;
  float *restrict steadiness = to.steadiness, *restrict clarity = to.clarity;
  tm_limit_constants c = *constants;
  for (int i = 0; i < count; i++) {
    activity[i] = less(40, 0.9f * calm[i] + 0.1f * less(busy[i], 2.5f * calm[i] + 2));
    // Noise shows most in the dark.
    tones[i] = less(1, greater(0.3f, (mean[i] + 1) / 8)) * (1 + (c.on_white - 1) * whiteness(mean[i], c.near_white));
    steadiness[i] = 2 * variance[i] + c.stabiliser;
    clarity[i] = 1 / ((busy[i] + c.noise) * (busy[i] + c.noise));
  }
}

BODY void blue(
    const float *restrict mean, int count, const tm_blue_strength *strength, float *restrict gain,
    float *restrict shift) {
  tm_blue_strength s = *strength;
  for (int i = 0; i < count; i++) {
    float blackness = greater(0, 1 - mean[i] / s.black);
    float light = (s.in_light - s.in_dark) * less(1, mean[i] / s.bright);
    gain[i] = s.strength * (s.in_dark + greater(light, (1 - s.in_dark) * blackness));
    shift[i] = s.lift * blackness - less(s.room, greater(0, mean[i] + s.room - 255));
  }
}

#if defined(WIDE)
WIDE void blue_avx2(const float *mean, int count, const tm_blue_strength *strength, float *gain, float *shift) {
  blue(mean, count, strength, gain, shift);
}

WIDE void left_avx2(const float *mean, int count, float near_white, float on_white, float *to) {
  left(mean, count, near_white, on_white, to);
}

WIDE void limits_avx2(
    const float *mean, const float *calm, const float *busy, const float *variance, int count,
    const tm_limit_constants *constants, tm_cell_limits to) {
  limits(mean, calm, busy, variance, count, constants, to);
}

WIDE void shape_avx2(
    const float *activity, const float *tones, const tm_shape *which, int columns, int rows, float *across,
    float *gain) {
  shape(activity, tones, which, columns, rows, across, gain);
}

WIDE void windows_avx2(tm_cell_sums cells, int columns, int rows, int cell, float *deviation, float *variance) {
  windows(cells, columns, rows, cell, deviation, variance);
}

WIDE void shared_avx2(
    const float *deviation, const float *variance, int columns, int rows, float *calm, float *busy,
    float *spread) {
  shared(deviation, variance, columns, rows, calm, busy, spread);
}
#endif

void tm_windows_of_cells(
    tm_cell_sums cells, int columns, int rows, int cell, float *deviation, float *variance) {
  DISPATCH(windows, cells, columns, rows, cell, deviation, variance);
}

void tm_cells_of_windows(
    const float *deviation, const float *variance, int columns, int rows, float *calm, float *busy,
    float *spread) {
  DISPATCH(shared, deviation, variance, columns, rows, calm, busy, spread);
}

void tm_cells_limits(
    const float *mean, const float *calm, const float *busy, const float *variance, int count,
    const tm_limit_constants *constants, tm_cell_limits to) {
  DISPATCH(limits, mean, calm, busy, variance, count, constants, to);
}

void tm_cells_left(const float *mean, int count, float near_white, float on_white, float *to) {
  DISPATCH(left, mean, count, near_white, on_white, to);
}

void tm_cells_blue(
    const float *mean, int count, const tm_blue_strength *strength, float *gain, float *shift) {
  DISPATCH(blue, mean, count, strength, gain, shift);
}

void tm_cells_shape(
    const float *activity, const float *tones, const tm_shape *which, int columns, int rows, float *across,
    float *gain) {
  DISPATCH(shape, activity, tones, which, columns, rows, across, gain);
}
