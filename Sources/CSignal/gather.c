#include "CSignal.h"
#include "dispatch.h"

// Compiled twice, nothing fused, the same results everywhere: whole numbers up to 2²⁴, which floats hold.
#pragma STDC FP_CONTRACT OFF

BODY void gather(const uint8_t *restrict row, int count, uint16_t *restrict sums) {
  for (int i = 0; i < count; i++) sums[i] += row[i];
}

BODY void gathered_luma(const uint16_t *restrict sums, int channels, int count, float *restrict values) {
  if (channels == 1) {
    for (int x = 0; x < count; x++) values[x] = (float)sums[x];
    return;
  }
  for (int x = 0; x < count; x++) {
    int32_t sum = 77 * sums[3 * x] + 150 * sums[3 * x + 1] + 29 * sums[3 * x + 2];
    values[x] = (float)sum * 0x1p-8f;
  }
}

#if defined(__x86_64__)

WIDE void gather_avx2(const uint8_t *row, int count, uint16_t *sums) { gather(row, count, sums); }

WIDE void gathered_luma_avx2(const uint16_t *sums, int channels, int count, float *values) {
  gathered_luma(sums, channels, count, values);
}

#endif

void tm_row_gather(const uint8_t *row, int count, uint16_t *sums) { DISPATCH(gather, row, count, sums); }

void tm_gathered_luma(const uint16_t *sums, int channels, int count, float *values) {
  DISPATCH(gathered_luma, sums, channels, count, values);
}
