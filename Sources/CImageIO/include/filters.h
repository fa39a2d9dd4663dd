#pragma once
#include <stddef.h>
#include <stdint.h>

/// Undoes PNG's Paeth filter (PNG 9.2) in `count` rows of `size` bytes, each `stride` bytes behind the one before;
/// `above` is the unfiltered row above the first, `unit` the distance to the left neighbour. Four rows at once take less
/// time than one after the other.
void tm_unfilter_paeth(uint8_t *row, const uint8_t *above, size_t count, size_t stride, size_t size, size_t unit);

/// The same of the Up filter, in one row.
void tm_unfilter_up(uint8_t *row, const uint8_t *above, size_t size);

/// The same of the Sub filter.
void tm_unfilter_sub(uint8_t *row, size_t size, size_t unit);

/// Σ of the distances of `size` bytes from 0, either way round.
uint64_t tm_filter_weight(const uint8_t *bytes, size_t size);

/// Writes `row`, filtered that way, to `out`; none of the three overlap.
void tm_filter_paeth(const uint8_t *row, const uint8_t *above, uint8_t *out, size_t size, size_t unit);

/// The same of the Average filter.
void tm_filter_average(const uint8_t *row, const uint8_t *above, uint8_t *out, size_t size, size_t unit);
