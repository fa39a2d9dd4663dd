#pragma once
#include <stdint.h>

/// What the codes of a block's coefficients but the first are looked up in, for reading and for writing.
typedef struct {
  /// By the next 10 bits: one or two codes with their values. From the lowest byte on: bits of all, coefficients that all move on
  /// by, those that the first does, nothing; then 16 bits each the values of the first and of the last. Where a code ends the block
  /// all move on by 128 or more; two that do not move on by at most 16. Zero where the bits do not hold a code with its value. By more bits
  /// it would leave less of the nearest memory to all else.
  const uint64_t *pairs;
  /// By the next 10 bits, and by 16 less `first_long` for longer codes: from the lowest byte on, bits of a code and its value,
  /// coefficients to move on by, bits of the code, bits of the value. Zero where no code begins.
  const uint32_t *entries;
  const uint32_t *longs;
  uint32_t first_long;
  /// By symbol: a code above its length, 8 bits; zero for none.
  const uint32_t *codes;
  /// By run of zeros (0 … 15) and value (-32 … 31): a code with its value above the length of both, 5 bits; zero for none.
  const uint32_t *coded;
} tm_huffman_table;

/// Reads the coefficients of a block but the first into `block`, all of which is written: `first` is the first. `order` has the
/// natural place of each coefficient and zeros behind, 256 in all. Returns the bit behind them, -1 where they are none.
int64_t tm_huffman_read(
    const uint8_t *bytes, int64_t position, const tm_huffman_table *table, const uint8_t *order, int16_t *block,
    int16_t first);

/// Bits on their way to memory. Trivial to copy.
typedef struct {
  /// Where the next whole byte goes; eight may be written.
  uint8_t *cursor;
  /// Up to seven bits, from the highest on, and zeros.
  uint64_t held;
  uint32_t count;
} tm_bit_queue;

/// Writes the lowest `count` bits, at most 56, of `bits`, which has no others.
static inline void tm_bits_put(tm_bit_queue *queue, uint64_t bits, uint32_t count) {
  uint32_t all = queue->count + count;
  // Twice, for a shift by 64 is none.
  uint64_t held = queue->held | bits << 1 << (63 - all);
  uint64_t word = __builtin_bswap64(held);
  __builtin_memcpy(queue->cursor, &word, 8);
  queue->cursor += all >> 3;
  queue->held = held << (all & 56);
  queue->count = all & 7;
}
