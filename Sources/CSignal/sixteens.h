#pragma once
// Sixteen whole numbers at a time.
#include <stdint.h>

#include "dispatch.h"

enum { sixteen_count = 16 };
typedef int16_t sixteen __attribute__((vector_size(2 * sixteen_count)));
typedef int32_t sixteen_wide __attribute__((vector_size(4 * sixteen_count)));

// The upper half of a product, which processors have for whole vectors. These are handed on by pointer, as in octets.h.
BODY int16_t upper_half(int16_t a, int16_t b) { return (int16_t)((int32_t)a * b >> 16); }

BODY void upper_halves(const sixteen *a, const sixteen *b, sixteen *product) {
  sixteen_wide whole = __builtin_convertvector(*a, sixteen_wide) * __builtin_convertvector(*b, sixteen_wide);
  *product = __builtin_convertvector(whole >> 16, sixteen);
}
