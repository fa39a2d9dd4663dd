#include "CSignal.h"

#include <math.h>
#include <string.h>

// All bodies are compiled twice on x86-64, for the processors that have AVX2 as well. Lanes are added up in one order and
// nothing is fused, so that the results are the same bit for bit everywhere.
#pragma STDC FP_CONTRACT OFF

#define BODY static inline __attribute__((always_inline))

BODY void add_squares(const float *row, float *lanes) {
  for (int u = 0; u < 8; u++) lanes[u] += row[u] * row[u];
}

BODY void take_row(const int16_t *block, const float *steps, float *row) {
  for (int u = 0; u < 8; u++) row[u] = (float)block[u] * steps[u];
}

// `lanes` are the squares of the coefficients by column.
BODY tm_block_moments moments(const int16_t *block, const float *steps, const float *slope, const float *lanes) {
  float squares = ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
  float along_x = 0, along_y = 0;
  for (int u = 1; u < 8; u += 2) {
    along_x += slope[u] * (float)block[u] * steps[u];
    along_y += slope[u] * (float)block[8 * u] * steps[8 * u];
  }
  float first = (float)block[0] * steps[0];
  // Coefficients are of samples around 128.
  float sum = 8 * first + 64 * 128;
  return (tm_block_moments){sum, squares - first * first + sum * sum / 64, along_x, along_y};
}

BODY void take(const int16_t *block, const float *steps, int depth, int pitch, float *values) {
  if (pitch == 8) {
    for (int v = 0; v < depth; v++) take_row(block + 8 * v, steps + 8 * v, values + 8 * v);
    return;
  }
  for (int v = 0; v < depth; v++) {
    for (int u = 0; u < 4; u++) values[4 * v + u] = (float)block[8 * v + u] * steps[8 * v + u];
  }
}

BODY tm_block_moments survey(
    const int16_t *block, const float *steps, const float *slope, int depth, int pitch, float *values) {
  float lanes[8] = {0}, row[8];
  for (int v = 0; v < 8; v++) {
    take_row(block + 8 * v, steps + 8 * v, row);
    add_squares(row, lanes);
    if (v >= depth) continue;
    if (pitch == 8) {
      memcpy(values + 8 * v, row, 8 * sizeof *row);
    } else {
      memcpy(values + 4 * v, row, 4 * sizeof *row);
    }
  }
  return moments(block, steps, slope, lanes);
}

BODY void add_bounded(const float *restrict values, float *restrict sums, int count, float bound) {
  for (int i = 0; i < count; i++) {
    float value = values[i] < -bound ? -bound : values[i];
    sums[i] += value > bound ? bound : value;
  }
}

BODY int mark(
    int16_t *block, const float *waves, const float *steps, int rows, float gain, float offset, float dead_zone,
    tm_block_sums *sums) {
  // Added to a float and taken off again it leaves the nearest integer.
  const float magic = 0x1.8p23f;
  float squares[8], products[8], bounds[8], offsets[8] = {0};
  int changed[8] = {0};
  for (int u = 0; u < 8; u++) {
    squares[u] = sums->squares[u];
    products[u] = sums->products[u];
    bounds[u] = u == 0 ? 1024 : 1023;
  }
  offsets[0] = offset;
  for (int v = 0; v < rows; v++) {
    int16_t *line = block + 8 * v;
    const float *wave = waves + 8 * v, *step = steps + 8 * v;
    for (int u = 0; u < 8; u++) {
      float old = (float)line[u];
      float wanted = gain * wave[u];
      float change = wanted + offsets[u];
      float least = old == 0 ? dead_zone : 0.5f;
      float moved = fabsf(change) < least ? 0 : (change + magic) - magic;
      float now = old + moved;
      now = now > bounds[u] ? bounds[u] : now;
      now = now < -bounds[u] ? -bounds[u] : now;
      now = moved == 0 ? old : now;
      float difference = (now - old) * step[u];
      squares[u] += difference * difference;
      products[u] += difference * wanted * step[u];
      changed[u] |= now != old;
      line[u] = (int16_t)(int32_t)now;
    }
    if (v == 0) {
      offsets[0] = 0;
      bounds[0] = 1023;
    }
  }
  int any = 0;
  for (int u = 0; u < 8; u++) {
    sums->squares[u] = squares[u];
    sums->products[u] = products[u];
    any |= changed[u];
  }
  return any;
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void take_avx2(
    const int16_t *block, const float *steps, int depth, int pitch, float *values) {
  take(block, steps, depth, pitch, values);
}

__attribute__((target("avx2"))) static tm_block_moments survey_avx2(
    const int16_t *block, const float *steps, const float *slope, int depth, int pitch, float *values) {
  return survey(block, steps, slope, depth, pitch, values);
}

__attribute__((target("avx2"))) static void add_bounded_avx2(
    const float *values, float *sums, int count, float bound) {
  add_bounded(values, sums, count, bound);
}

__attribute__((target("avx2"))) static int mark_avx2(
    int16_t *block, const float *waves, const float *steps, int rows, float gain, float offset, float dead_zone,
    tm_block_sums *sums) {
  return mark(block, waves, steps, rows, gain, offset, dead_zone, sums);
}

static int has_avx2(void) { return __builtin_cpu_supports("avx2"); }
#endif

void tm_block_take(const int16_t *block, const float *steps, int depth, int pitch, float *values) {
#if defined(__x86_64__)
  if (has_avx2()) {
    take_avx2(block, steps, depth, pitch, values);
    return;
  }
#endif
  take(block, steps, depth, pitch, values);
}

tm_block_moments tm_block_survey(
    const int16_t *block, const float *steps, const float *slope, int depth, int pitch, float *values) {
#if defined(__x86_64__)
  if (has_avx2()) return survey_avx2(block, steps, slope, depth, pitch, values);
#endif
  return survey(block, steps, slope, depth, pitch, values);
}

void tm_add_bounded(const float *values, float *sums, int count, float bound) {
#if defined(__x86_64__)
  if (has_avx2()) {
    add_bounded_avx2(values, sums, count, bound);
    return;
  }
#endif
  add_bounded(values, sums, count, bound);
}

int tm_block_mark(
    int16_t *block, const float *waves, const float *steps, int rows, float gain, float offset, float dead_zone,
    tm_block_sums *sums) {
#if defined(__x86_64__)
  if (has_avx2()) return mark_avx2(block, waves, steps, rows, gain, offset, dead_zone, sums);
#endif
  return mark(block, waves, steps, rows, gain, offset, dead_zone, sums);
}
