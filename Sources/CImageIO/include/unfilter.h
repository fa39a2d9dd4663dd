#pragma once
#include <stddef.h>
#include <stdint.h>

/// Undoes PNG's Paeth filter (PNG 9.2) in `row`; `above` is the unfiltered row above, `unit` the distance to the left
/// neighbour.
void tm_unfilter_paeth(uint8_t *row, const uint8_t *above, size_t size, size_t unit);
