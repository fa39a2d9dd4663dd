#include "CSignal.h"
#include "block_rows.h"

#include <stddef.h>

// As in blocks.c: one order of adding up, nothing fused.
#pragma STDC FP_CONTRACT OFF

typedef float four_f __attribute__((vector_size(16)));

BODY void take_means(float *values, int columns, const tm_block_shape *shape, float *means) {
  int count = shape->depth * shape->pitch;
  for (int column = 0; column < columns; column++) {
    means[column] = values[column * count];
    values[column * count] = 0;
  }
}

BODY void bound_blocks(float *values, int columns, const tm_block_shape *shape, float bound, float *means) {
  take_means(values, columns, shape, means);
  for (int i = 0; i < columns * shape->depth * shape->pitch; i++) {
    float value = values[i] < -bound ? -bound : values[i];
    values[i] = value > bound ? bound : value;
  }
}

BODY void add_four(const float *values, float weight, float *sums) {
  four_f value, sum;
  memcpy(&value, values, sizeof value);
  memcpy(&sum, sums, sizeof sum);
  sum += value * weight;
  memcpy(sums, &sum, sizeof sum);
}

BODY void add_eight(const row_f *value, float weight, float *sums) {
  row_f sum;
  load(sums, &sum);
  sum += *value * weight;
  memcpy(sums, &sum, sizeof sum);
}

BODY void add_held(
    const float *values, int count, int held, const float *weights, int columns, int depth, int pitch, float *sums) {
  for (int column = 0; column < columns; column++, values += count, sums += depth * pitch) {
    float weight = weights == NULL ? 1 : weights[column];
    for (int v = 0; v < depth; v++) {
      if (pitch == 8) {
        row_f value;
        load(values + v * held, &value);
        add_eight(&value, weight, sums + 8 * v);
      } else {
        add_four(values + v * held, weight, sums + 4 * v);
      }
    }
  }
}

BODY void add_quantised_blocks(
    const int16_t *blocks, const row_f *steps, const float *weights, int columns, int depth, int pitch, float *sums) {
  for (int column = 0; column < columns; column++, blocks += 64, sums += depth * pitch) {
    for (int v = 0; v < depth; v++) {
      row_f value;
      load_coefficients(blocks + 8 * v, &value);
      value *= steps[v];
      if (pitch == 8) {
        add_eight(&value, weights[column], sums + 8 * v);
      } else {
        add_four((const float *)&value, weights[column], sums + 4 * v);
      }
    }
  }
}

BODY void add_blocks(
    const float *values, const tm_block_shape *held, const float *weights, int columns, const tm_block_shape *shape,
    float *sums) {
  int count = held->depth * held->pitch;
#define ADD(d, p) add_held(values, count, held->pitch, weights, columns, d, p, sums)
  FOR_SHAPE(shape, ADD)
#undef ADD
}

BODY void add_quantised(
    const int16_t *blocks, const float *steps, const float *weights, int columns, const tm_block_shape *shape,
    float *sums) {
  row_f rows[8];
  load_steps(steps, rows);
  rows[0][0] = 0;
#define ADD(d, p) add_quantised_blocks(blocks, rows, weights, columns, d, p, sums)
  FOR_SHAPE(shape, ADD)
#undef ADD
}

// Four sums, in the order that rows of four and of eight both come in.
BODY void measure_blocks(float *values, int columns, const tm_block_shape *shape, float *means, float *squares) {
  take_means(values, columns, shape, means);
  int count = shape->depth * shape->pitch;
  for (int column = 0; column < columns; column++) {
    four_f sums = {0};
    for (int i = 0; i < count; i += 4, values += 4) {
      four_f value;
      memcpy(&value, values, sizeof value);
      sums += value * value;
    }
    squares[column] = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  }
}

BODY void measure_quantised_blocks(
    const int16_t *blocks, const row_f *steps, int columns, int depth, int pitch, float *means, float *squares) {
  for (int column = 0; column < columns; column++, blocks += 64) {
    four_f sums = {0};
    for (int v = 0; v < depth; v++) {
      row_f value;
      load_coefficients(blocks + 8 * v, &value);
      value *= steps[v];
      if (v == 0) {
        means[column] = value[0];
        value[0] = 0;
      }
      value *= value;
      four_f halves[2];
      memcpy(halves, &value, sizeof halves);
      sums += halves[0];
      if (pitch == 8) sums += halves[1];
    }
    squares[column] = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  }
}

BODY void measure_quantised(
    const int16_t *blocks, int columns, const float *steps, const tm_block_shape *shape, float *means, float *squares) {
  row_f rows[8];
  load_steps(steps, rows);
#define MEASURE(d, p) measure_quantised_blocks(blocks, rows, columns, d, p, means, squares)
  FOR_SHAPE(shape, MEASURE)
#undef MEASURE
}

#if defined(__x86_64__)

WIDE void bound_blocks_avx2(float *values, int columns, const tm_block_shape *shape, float bound, float *means) {
  bound_blocks(values, columns, shape, bound, means);
}

WIDE void add_blocks_avx2(
    const float *values, const tm_block_shape *held, const float *weights, int columns, const tm_block_shape *shape,
    float *sums) {
  add_blocks(values, held, weights, columns, shape, sums);
}

WIDE void add_quantised_avx2(
    const int16_t *blocks, const float *steps, const float *weights, int columns, const tm_block_shape *shape,
    float *sums) {
  add_quantised(blocks, steps, weights, columns, shape, sums);
}

WIDE void measure_blocks_avx2(
    float *values, int columns, const tm_block_shape *shape, float *means, float *squares) {
  measure_blocks(values, columns, shape, means, squares);
}

WIDE void measure_quantised_avx2(
    const int16_t *blocks, int columns, const float *steps, const tm_block_shape *shape, float *means, float *squares) {
  measure_quantised(blocks, columns, steps, shape, means, squares);
}

#endif

void tm_blocks_bound(float *values, int columns, const tm_block_shape *shape, float bound, float *means) {
  DISPATCH(bound_blocks, values, columns, shape, bound, means);
}

void tm_blocks_add(
    const float *values, const tm_block_shape *held, const float *weights, int columns, const tm_block_shape *shape,
    float *sums) {
  DISPATCH(add_blocks, values, held, weights, columns, shape, sums);
}

void tm_blocks_add_quantised(
    const int16_t *blocks, const float *steps, const float *weights, int columns, const tm_block_shape *shape,
    float *sums) {
  DISPATCH(add_quantised, blocks, steps, weights, columns, shape, sums);
}

void tm_blocks_measure(float *values, int columns, const tm_block_shape *shape, float *means, float *squares) {
  DISPATCH(measure_blocks, values, columns, shape, means, squares);
}

void tm_blocks_measure_quantised(
    const int16_t *blocks, int columns, const float *steps, const tm_block_shape *shape, float *means, float *squares) {
  DISPATCH(measure_quantised, blocks, columns, steps, shape, means, squares);
}
