#include "CSignal.h"
#include "block_rows.h"

#include <stddef.h>

// All bodies are compiled twice on x86-64, for the processors that have AVX2 as well. Lanes are added up in one order and
// nothing is fused, so that the results are the same bit for bit everywhere.
#pragma STDC FP_CONTRACT OFF

BODY void choose(const row_i *mask, const row_f *yes, const row_f *no, row_f *result) {
  *result = (row_f)((*mask & (row_i)*yes) | (~*mask & (row_i)*no));
}

BODY void keep(const row_f *row, int pitch, float *values) {
  if (pitch == 8) {
    memcpy(values, row, sizeof *row);
  } else {
    memcpy(values, row, sizeof *row / 2);
  }
}

BODY void take_row(
    const int16_t *blocks, int columns, const float *steps, const tm_block_shape *shape, float *values) {
  row_f rows[8];
  load_steps(steps, rows);
  int depth = shape->depth, pitch = shape->pitch;
  for (int column = 0; column < columns; column++, blocks += 64, values += depth * pitch) {
    for (int v = 0; v < depth; v++) {
      row_f row;
      load_coefficients(blocks + 8 * v, &row);
      row *= rows[v];
      keep(&row, pitch, values + pitch * v);
    }
  }
}

// `squares` are those of the coefficients by column.
BODY void moments(
    const int16_t *block, const float *steps, const float *slope, const row_f *squares, tm_block_moments *result) {
  row_f lanes = *squares;
  float all = ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
  row_f across, slopes, step;
  load_coefficients(block, &across);
  load(slope, &slopes);
  load(steps, &step);
  across = slopes * across * step;
  float along_x = 0, along_y = 0;
  for (int u = 1; u < 8; u += 2) {
    along_x += across[u];
    along_y += slope[u] * (float)block[8 * u] * steps[8 * u];
  }
  float first = (float)block[0] * steps[0];
  // Coefficients are of samples around 128.
  float sum = 8 * first + 64 * 128;
  *result = (tm_block_moments){sum, all - first * first + sum * sum / 64, along_x, along_y};
}

BODY void bound_row(row_f *row, float bound) {
  row_f most = {bound, bound, bound, bound, bound, bound, bound, bound};
  *row = __builtin_elementwise_max(__builtin_elementwise_min(*row, most), -most);
}

// Whether `count` coefficients, a multiple of eight, are nothing.
BODY int is_empty(const int16_t *values, int count) {
  uint64_t any = 0, halves[2];
  for (int i = 0; i < count; i += 8) {
    memcpy(halves, values + i, sizeof halves);
    any |= halves[0] | halves[1];
  }
  return any == 0;
}

// Row `v` of a block: what is kept of it goes to `kept`.
BODY void survey_line(
    const int16_t *line, const row_f *step, int v, int depth, int pitch, float bound, float *kept, float *mean,
    row_f *squares) {
  row_f row;
  load_coefficients(line, &row);
  row *= *step;
  *squares += row * row;
  if (v >= depth) return;
  if (v == 0) {
    *mean = row[0];
    row[0] = 0;
  }
  bound_row(&row, bound);
  keep(&row, pitch, kept + pitch * v);
}

BODY void survey_blocks(
    const int16_t *blocks, int columns, const float *steps, const float *slope, int depth, int pitch, float bound,
    float *values, const tm_moment_rows *rows) {
  row_f step_rows[8];
  load_steps(steps, step_rows);
  for (int column = 0; column < columns; column++) {
    const int16_t *block = blocks + 64 * column;
    float *kept = depth ? values + (size_t)column * depth * pitch : NULL, *mean = depth ? rows->means + column : NULL;
    row_f squares = {0};
    for (int v = 0; v < 4; v++) {
      survey_line(block + 8 * v, step_rows + v, v, depth, pitch, bound, kept, mean, &squares);
    }
    // The lower half of most blocks holds nothing.
    if (depth > 4 || !is_empty(block + 32, 32)) {
      for (int v = 4; v < 8; v++) {
        survey_line(block + 8 * v, step_rows + v, v, depth, pitch, bound, kept, mean, &squares);
      }
    }
    tm_block_moments found;
    moments(block, steps, slope, &squares, &found);
    rows->sum[column] = found.sum;
    rows->squares[column] = found.squares;
    rows->along_x[column] = found.along_x;
    rows->along_y[column] = found.along_y;
  }
}

BODY void survey_row(
    const int16_t *blocks, int columns, const float *steps, const float *slope, const tm_block_shape *shape, float bound,
    float *values, const tm_moment_rows *rows) {
#define SURVEY(d, p) survey_blocks(blocks, columns, steps, slope, d, p, bound, values, rows)
  if (!shape) {
    SURVEY(0, 0);
    return;
  }
  FOR_SHAPE(shape, SURVEY)
#undef SURVEY
}

BODY void add_scaled(const float *restrict values, float scale, float *restrict sums, int count) {
  for (int i = 0; i < count; i++) sums[i] += scale * values[i];
}

BODY void add_shares(const float *a, const float *b, int count, float factor, float *sums) {
  row_f total, zero = {0};
  load(sums, &total);
  for (int i = 0; i < count; i += 8) {
    row_f part = zero, over = zero + 1;
    size_t bytes = sizeof(float) * (count - i < 8 ? count - i : 8);
    if (bytes == sizeof part) {
      load(a + i, &part);
      load(b + i, &over);
    } else {
      memcpy(&part, a + i, bytes);
      memcpy(&over, b + i, bytes);
    }
    part *= factor;
    total += part / (over + part);
  }
  memcpy(sums, &total, sizeof total);
}

// What marking one block takes from one row of coefficients to the next.
typedef struct {
  row_f squares;
  row_f products;
  row_i changed;
} mark_state;

BODY void mark_line(
    int16_t *line, const float *waves, const float *steps, float gain, const row_f *offset, const row_f *dead,
    const row_f *bound, int is_drawn, mark_state *state) {
  // Added to a float and taken off again it leaves the nearest integer.
  const float magic = 0x1.8p23f;
  const row_f zero = {0};
  row_f old, wave, step, least, moved, now;
  load_coefficients(line, &old);
  load(waves, &wave);
  load(steps, &step);
  row_f wanted = gain * wave;
  row_f change = offset == NULL ? wanted : wanted + *offset;
  row_i is_zero = old == zero;
  row_f half = zero + 0.5f;
  choose(&is_zero, dead, &half, &least);
  row_f size = (row_f)((row_i)change & INT32_MAX);
  row_i is_small = size < least;
  row_f whole = (change + magic) - magic;
  choose(&is_small, &zero, &whole, &moved);
  now = old + moved;
  row_i is_above = now > *bound;
  choose(&is_above, bound, &now, &now);
  row_f lowest = -*bound;
  row_i is_below = now < lowest;
  choose(&is_below, &lowest, &now, &now);
  row_i is_still = moved == zero;
  choose(&is_still, &old, &now, &now);
  row_f difference = (now - old) * step;
  state->squares += difference * difference;
  state->products += difference * wanted * step;
  if (!is_drawn) return;
  state->changed |= now != old;
  row_s narrow = __builtin_convertvector(__builtin_convertvector(now, row_i), row_s);
  memcpy(line, &narrow, sizeof narrow);
}

BODY void mark_row(
    int16_t *blocks, int columns, const tm_block_mark *mark, const float *waves, const float *gains,
    const float *shifts, int is_drawn, uint8_t *changed, tm_block_sums *sums) {
  mark_state state;
  load(sums->squares, &state.squares);
  load(sums->products, &state.products);
  row_f bound = {1023, 1023, 1023, 1023, 1023, 1023, 1023, 1023}, first_bound = bound;
  first_bound[0] = 1024;
  row_f none = {0}, dead = none + mark->dead_zone;
  for (int column = 0; column < columns; column++) {
    int16_t *block = blocks + 64 * column;
    const float *wave = waves + (size_t)column * 8 * mark->rows;
    row_f offset = {shifts[column] / mark->steps[0]};
    state.changed = (row_i){0};
    mark_line(block, wave, mark->steps, gains[column], &offset, &dead, &first_bound, is_drawn, &state);
    for (int v = 1; v < mark->rows; v++) {
      mark_line(
          block + 8 * v, wave + 8 * v, mark->steps + 8 * v, gains[column], NULL, &dead, &bound, is_drawn, &state);
    }
    if (!is_drawn) continue;
    int64_t halves[4];
    memcpy(halves, &state.changed, sizeof halves);
    changed[column] = (halves[0] | halves[1] | halves[2] | halves[3]) != 0;
  }
  memcpy(sums->squares, &state.squares, sizeof sums->squares);
  memcpy(sums->products, &state.products, sizeof sums->products);
}

#if defined(__x86_64__)

WIDE void take_row_avx2(
    const int16_t *blocks, int columns, const float *steps, const tm_block_shape *shape, float *values) {
  take_row(blocks, columns, steps, shape, values);
}

WIDE void survey_row_avx2(
    const int16_t *blocks, int columns, const float *steps, const float *slope, const tm_block_shape *shape, float bound,
    float *values, const tm_moment_rows *rows) {
  survey_row(blocks, columns, steps, slope, shape, bound, values, rows);
}

WIDE void add_scaled_avx2(const float *values, float scale, float *sums, int count) {
  add_scaled(values, scale, sums, count);
}

WIDE void add_shares_avx2(const float *a, const float *b, int count, float factor, float *sums) {
  add_shares(a, b, count, factor, sums);
}

WIDE void mark_row_avx2(
    int16_t *blocks, int columns, const tm_block_mark *mark, const float *waves, const float *gains,
    const float *shifts, int is_drawn, uint8_t *changed, tm_block_sums *sums) {
  if (is_drawn) {
    mark_row(blocks, columns, mark, waves, gains, shifts, 1, changed, sums);
  } else {
    mark_row(blocks, columns, mark, waves, gains, shifts, 0, changed, sums);
  }
}
#endif

void tm_blocks_take(
    const int16_t *blocks, int columns, const float *steps, const tm_block_shape *shape, float *values) {
  DISPATCH(take_row, blocks, columns, steps, shape, values);
}

void tm_blocks_survey(
    const int16_t *blocks, int columns, const float *steps, const float *slope, const tm_block_shape *shape, float bound,
    float *values, const tm_moment_rows *rows) {
  DISPATCH(survey_row, blocks, columns, steps, slope, shape, bound, values, rows);
}

void tm_add_scaled(const float *values, float scale, float *sums, int count) {
  DISPATCH(add_scaled, values, scale, sums, count);
}

void tm_add_shares(const float *a, const float *b, int count, float factor, float *sums) {
  DISPATCH(add_shares, a, b, count, factor, sums);
}

void tm_blocks_mark(
    int16_t *blocks, int columns, const tm_block_mark *mark, const float *waves, const float *gains,
    const float *shifts, uint8_t *changed, tm_block_sums *sums) {
  DISPATCH(mark_row, blocks, columns, mark, waves, gains, shifts, 1, changed, sums);
}

void tm_blocks_rehearse(
    const int16_t *blocks, int columns, const tm_block_mark *mark, const float *waves, const float *gains,
    const float *shifts, tm_block_sums *sums) {
  // Nothing is written to blocks that are not drawn on.
  int16_t *rehearsed = (int16_t *)blocks;
  DISPATCH(mark_row, rehearsed, columns, mark, waves, gains, shifts, 0, NULL, sums);
}
