#include "CSignal.h"
#include "block_rows.h"
#include "turned_rows.h"

#include <stddef.h>

// As in blocks.c: one order of adding up, nothing fused.
#pragma STDC FP_CONTRACT OFF

// Sums along a row wait for one another, so that so many rows are added up side by side.
enum { lanes = 8 };

// The means of eight columns from `x` on, of rows that sums along are of in `prefix`.
BODY void mean_rows(
    const float *prefix, int radius, int width, int x, const float *across, const row_f *scale, row_f *rows) {
  for (int i = 0; i < lanes; i++) {
    int first = x + i < radius ? 0 : x + i - radius, end = x + i + radius + 1 < width ? x + i + radius + 1 : width;
    row_f before, all;
    load(prefix + (size_t)lanes * first, &before);
    load(prefix + (size_t)lanes * end, &all);
    rows[i] = (all - before) * across[x + i] * *scale;
  }
  turn(rows);
}

// `lines` of sums down the columns, each `stride` long, to the means of `count` rows.
BODY void smooth(
    const float *lines, int stride, int radius, const float *across, const float *scales, float *prefix, int count,
    int width, float *means) {
  row_f sum = {0}, scale;
  load(scales, &scale);
  memcpy(prefix, &sum, sizeof sum);
  for (int x = 0; x < stride; x += lanes) {
    row_f columns[lanes];
    for (int i = 0; i < lanes; i++) load(lines + (size_t)stride * i + x, columns + i);
    turn(columns);
    for (int i = 0; i < lanes; i++) {
      sum += columns[i];
      memcpy(prefix + (size_t)lanes * (x + i + 1), &sum, sizeof sum);
    }
  }
  int x = 0;
  row_f rows[lanes];
  for (; x + lanes <= width; x += lanes) {
    mean_rows(prefix, radius, width, x, across, &scale, rows);
    for (int i = 0; i < count; i++) memcpy(means + (size_t)width * i + x, rows + i, sizeof *rows);
  }
  if (x == width) return;
  mean_rows(prefix, radius, width, x, across, &scale, rows);
  for (int i = 0; i < count; i++) {
    float *target = means + (size_t)width * i + x;
    for (int column = 0; column < width - x; column++) target[column] = rows[i][column];
  }
}

BODY float part_of(int place, int count, int radius) {
  int first = place < radius ? 0 : place - radius, last = place + radius < count ? place + radius : count - 1;
  return 1 / (float)(last - first + 1);
}

BODY void box_means(const float *values, int width, int height, int radius, float *scratch, float *means) {
  int stride = (width + lanes - 1) / lanes * lanes;
  float *sums = scratch, *across = sums + stride, *lines = across + stride, *prefix = lines + (size_t)lanes * stride;
  memset(scratch, 0, sizeof(float) * (2 + lanes) * stride);
  for (int x = 0; x < width; x++) across[x] = part_of(x, width, radius);
  for (int y = 0; y < radius && y < height; y++) {
    for (int x = 0; x < width; x++) sums[x] += values[(size_t)width * y + x];
  }
  float scales[lanes] = {0};
  for (int y = 0; y < height; y++) {
    int lane = y % lanes;
    if (y + radius < height) {
      const float *added = values + (size_t)width * (y + radius);
      for (int x = 0; x < width; x++) sums[x] += added[x];
    }
    if (y > radius) {
      const float *taken = values + (size_t)width * (y - radius - 1);
      for (int x = 0; x < width; x++) sums[x] -= taken[x];
    }
    memcpy(lines + (size_t)stride * lane, sums, sizeof(float) * width);
    scales[lane] = part_of(y, height, radius);
    if (lane < lanes - 1 && y < height - 1) continue;
    smooth(lines, stride, radius, across, scales, prefix, lane + 1, width, means + (size_t)width * (y - lane));
  }
}

#if defined(__x86_64__)

WIDE void box_means_avx2(const float *values, int width, int height, int radius, float *scratch, float *means) {
  box_means(values, width, height, radius, scratch, means);
}

#endif

int64_t tm_box_scratch(int width) { return 18 * ((int64_t)width + lanes) + lanes; }

void tm_box_means(const float *values, int width, int height, int radius, float *scratch, float *means) {
  DISPATCH(box_means, values, width, height, radius, scratch, means);
}
