#pragma once
// Eight floats at a time, and pairs of neighbours read at eight places.
#include <stdint.h>
#include <string.h>

#include "dispatch.h"

enum { octet_count = 8 };
typedef float octet __attribute__((vector_size(4 * octet_count)));
typedef int32_t places __attribute__((vector_size(4 * octet_count)));

// Two neighbours, which are loaded as one: nothing is reckoned with the number that their bits are together.
typedef double pairs __attribute__((vector_size(4 * octet_count)));

#define CHOSEN(which, a, b) ((octet)(((places)(a) & (which)) | ((places)(b) & ~(which))))

// The values at eight places, and those behind them. Vectors are handed on by pointer: as arguments their passing would depend on
// the processor.
BODY void read_pairs(const float *values, const places *at, octet *first, octet *second) {
  pairs read[2];
  for (int lane = 0; lane < octet_count; lane++) {
    double pair;
    memcpy(&pair, values + (*at)[lane], sizeof pair);
    read[lane / 4][lane % 4] = pair;
  }
  *first = __builtin_shufflevector((octet)read[0], (octet)read[1], 0, 2, 4, 6, 8, 10, 12, 14);
  *second = __builtin_shufflevector((octet)read[0], (octet)read[1], 1, 3, 5, 7, 9, 11, 13, 15);
}
