#pragma once
#include <stdint.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/// Which of a block's 64 coefficients are other than zero: a bit each, the first in the lowest.
static inline uint64_t tm_block_nonzero(const int16_t *block) {
  uint64_t mask = 0;
#ifdef __SSE2__
  for (int i = 0; i < 64; i += 16) {
    __m128i low = _mm_loadu_si128((const __m128i *)(block + i));
    __m128i high = _mm_loadu_si128((const __m128i *)(block + i + 8));
    __m128i zero = _mm_cmpeq_epi8(_mm_packs_epi16(low, high), _mm_setzero_si128());
    mask |= (uint64_t)(~_mm_movemask_epi8(zero) & 0xFFFF) << i;
  }
#else
  for (int i = 0; i < 64; i++) mask |= (uint64_t)(block[i] != 0) << i;
#endif
  return mask;
}
