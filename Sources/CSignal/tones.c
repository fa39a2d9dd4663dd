#include "CSignal.h"
#include "dispatch.h"

#include <stddef.h>

// As in blocks.c: nothing fused, so that tones are the same everywhere.
#pragma STDC FP_CONTRACT OFF

BODY void load(
    const uint16_t *restrict samples, int count, int step, int shift, float black, float scale, float *restrict row) {
  if (step == 1 && shift == 0) {
    for (int i = 0; i < count; i++) row[i] = ((float)samples[i] - black) * scale;
  } else if (step == 1) {
    for (int i = 0; i < count / 2; i++) {
      float value = ((float)samples[i] - black) * scale;
      row[2 * i] = value;
      row[2 * i + 1] = value;
    }
    if (count % 2 == 1) row[count - 1] = ((float)samples[count / 2] - black) * scale;
  } else {
    for (int i = 0; i < count; i++) row[i] = ((float)samples[(size_t)i * step >> shift] - black) * scale;
  }
}

BODY float bounded(float value) {
  value = value > 0 ? value : 0;
  return value < 1 ? value : 1;
}

BODY void from_ycbcr(float *restrict red, float *restrict green, float *restrict blue, int count, float middle) {
  for (int i = 0; i < count; i++) {
    float luma = red[i], cb = green[i] - middle, cr = blue[i] - middle;
    red[i] = bounded(luma + 1.402f * cr);
    green[i] = bounded(luma - 0.344136f * cb - 0.714136f * cr);
    blue[i] = bounded(luma + 1.772f * cb);
  }
}

BODY int place(float encoded) { return (int)(bounded(encoded) * (tm_tone_steps - 1) + 0.5f); }

// Pixels that are looked up together.
enum { group = 32 };

// Compilers take what goes through memory there for vectors, and places out of them again one by one, in more time than to look up takes.
#define THROUGH_MEMORY(values) __asm__ volatile("" : : "r"(values) : "memory")

BODY void luminance_of_group(
    const float *red, const float *green, const float *blue, int count, const float *tables, uint16_t *bins) {
  int32_t places[3][group];
  float lights[group];
  for (int i = 0; i < count; i++) places[0][i] = place(red[i]);
  for (int i = 0; i < count; i++) places[1][i] = tm_tone_steps + place(green[i]);
  for (int i = 0; i < count; i++) places[2][i] = 2 * tm_tone_steps + place(blue[i]);
  THROUGH_MEMORY(places);
  for (int i = 0; i < count; i++) lights[i] = tables[places[0][i]] + tables[places[1][i]] + tables[places[2][i]];
  THROUGH_MEMORY(lights);
  for (int i = 0; i < count; i++) bins[i] = (uint16_t)(int)(bounded(lights[i]) * (tm_luminance_bins - 1) + 0.5f);
}

BODY void luminance(
    const float *red, const float *green, const float *blue, int count, const float *tables, uint16_t *bins) {
  int i = 0;
  for (; i + group <= count; i += group) luminance_of_group(red + i, green + i, blue + i, group, tables, bins + i);
  if (i < count) luminance_of_group(red + i, green + i, blue + i, count - i, tables, bins + i);
}

BODY void scale_bytes(const uint8_t *restrict bytes, int count, float scale, float *restrict values) {
  for (int i = 0; i < count; i++) values[i] = (float)bytes[i] * scale;
}

BODY void scale_quarters(
    const uint8_t *restrict top, const uint8_t *restrict bottom, int columns, float scale, float *restrict values) {
  for (int i = 0; i < columns; i++) {
    int sum = top[2 * i] + top[2 * i + 1] + bottom[2 * i] + bottom[2 * i + 1];
    values[i] = (float)sum * scale;
  }
}

#if defined(__x86_64__)

WIDE void load_avx2(
    const uint16_t *samples, int count, int step, int shift, float black, float scale, float *row) {
  load(samples, count, step, shift, black, scale, row);
}

WIDE void from_ycbcr_avx2(float *red, float *green, float *blue, int count, float middle) {
  from_ycbcr(red, green, blue, count, middle);
}

WIDE void luminance_avx2(
    const float *red, const float *green, const float *blue, int count, const float *tables, uint16_t *bins) {
  luminance(red, green, blue, count, tables, bins);
}

WIDE void scale_bytes_avx2(const uint8_t *bytes, int count, float scale, float *values) {
  scale_bytes(bytes, count, scale, values);
}

WIDE void scale_quarters_avx2(
    const uint8_t *top, const uint8_t *bottom, int columns, float scale, float *values) {
  scale_quarters(top, bottom, columns, scale, values);
}

#endif

void tm_tones_load(
    const uint16_t *samples, int count, int step, int shift, float black, float scale, float *row) {
  DISPATCH(load, samples, count, step, shift, black, scale, row);
}

void tm_tones_from_ycbcr(float *red, float *green, float *blue, int count, float middle) {
  DISPATCH(from_ycbcr, red, green, blue, count, middle);
}

void tm_tones_luminance(
    const float *red, const float *green, const float *blue, int count, const float *tables, uint16_t *bins) {
  DISPATCH(luminance, red, green, blue, count, tables, bins);
}

void tm_scale_bytes(const uint8_t *bytes, int count, float scale, float *values) {
  DISPATCH(scale_bytes, bytes, count, scale, values);
}

void tm_scale_quarters(const uint8_t *top, const uint8_t *bottom, int columns, float scale, float *values) {
  DISPATCH(scale_quarters, top, bottom, columns, scale, values);
}
