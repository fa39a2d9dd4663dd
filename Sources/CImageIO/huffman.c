#include "huffman.h"

#include <string.h>

#include "block.h"

// Bodies are compiled twice on x86-64: with shifts by any register for the processors that have them (BMI2) as well.
#define BODY static inline __attribute__((always_inline))

enum { pair_bits = 11, lookup_bits = 10, end_of_block = 128 };

// The next bits from the highest on; at least 57 of them are of the data.
BODY uint64_t window_at(const uint8_t *bytes, int64_t position) {
  uint64_t word;
  memcpy(&word, bytes + (position >> 3), 8);
  return __builtin_bswap64(word) << (position & 7);
}

BODY uint32_t entry_at(const tm_huffman_table *table, uint64_t window) {
  uint32_t entry = table->entries[window >> (64 - lookup_bits)];
  if (entry != 0) return entry;
  uint32_t bits = (uint32_t)(window >> 48);
  return bits >= table->first_long ? table->longs[bits - table->first_long] : 0;
}

// The value whose bits follow the code of `entry` (T.81 F.2.2.1).
BODY int16_t value_at(uint64_t window, uint32_t entry) {
  uint32_t size = entry >> 24;
  if (size == 0) return 0;
  int32_t bits = (int32_t)((window << (entry >> 16 & 63)) >> (64 - size));
  return (int16_t)(bits < 1 << (size - 1) ? bits - (1 << size) + 1 : bits);
}

// The entry of one code as `pairs` has it; zero where none begins.
BODY uint64_t single(const tm_huffman_table *table, uint64_t window) {
  uint32_t entry = entry_at(table, window);
  if (entry == 0) return 0;
  uint64_t advance = entry >> 8 & 0xFF, value = (uint16_t)value_at(window, entry);
  return (entry & 0xFF) | advance << 8 | advance << 16 | value << 32 | value << 48;
}

// Codes move on by at most 16, and so do two at a time: up to here neither is of the next block.
enum { safe = 47 };

BODY int64_t read(
    const uint8_t *bytes, int64_t position, const tm_huffman_table *table, const uint8_t *order, int16_t *block,
    int16_t first) {
  uint64_t window = window_at(bytes, position);
  uint32_t used = 0, k = 1;
  memset(block, 0, 64 * sizeof *block);
  while (k <= safe) {
    uint64_t entry = table->pairs[window >> (64 - pair_bits)];
    if (__builtin_expect(entry == 0, 0)) {
      entry = single(table, window);
      if (entry == 0) return -1;
    }
    // What moves on beyond the block has the first one's place, which is written last.
    block[order[(k + (uint32_t)(entry >> 16 & 0xFF) - 1) & 0xFF]] = (int16_t)(entry >> 32);
    k += entry >> 8 & 0xFF;
    block[order[(k - 1) & 0xFF]] = (int16_t)(entry >> 48);
    window <<= entry & 63;
    used += entry & 63;
    // A code and its value have at most 26 bits.
    if (used > 31) {
      position += used;
      used = 0;
      window = window_at(bytes, position);
    }
  }
  while (k < 64) {
    uint64_t entry = single(table, window);
    if (entry == 0) return -1;
    k += entry >> 8 & 0xFF;
    int16_t value = (int16_t)(entry >> 32);
    if (k > 64 && k < end_of_block) return -1;
    block[order[(k - 1) & 0xFF]] = value;
    window <<= entry & 63;
    used += entry & 63;
    if (used > 31) {
      position += used;
      used = 0;
      window = window_at(bytes, position);
    }
  }
  block[0] = first;
  return position + used;
}

BODY int64_t skip(const uint8_t *bytes, int64_t position, const tm_huffman_table *table) {
  uint64_t window = window_at(bytes, position);
  uint32_t used = 0, k = 1;
  while (k < 64) {
    uint64_t entry = k <= safe ? table->pairs[window >> (64 - pair_bits)] : 0;
    if (entry == 0) {
      entry = entry_at(table, window);
      if (entry == 0) return -1;
    }
    k += entry >> 8 & 0xFF;
    window <<= entry & 63;
    used += entry & 63;
    if (used > 31) {
      position += used;
      used = 0;
      window = window_at(bytes, position);
    }
  }
  return k == 64 || k >= end_of_block ? position + used : -1;
}

// A code of `run` zeros, at most 15, and `value` above the length of both; zero for none.
BODY uint64_t code_of(const tm_huffman_table *table, uint32_t run, int32_t value, uint32_t *length) {
  uint32_t magnitude = (uint32_t)(value < 0 ? -value : value);
  uint32_t size = magnitude == 0 ? 0 : 32 - (uint32_t)__builtin_clz(magnitude);
  uint32_t code = size < 11 ? table->codes[run << 4 | size] : 0;
  // Negative values stand for themselves less one (T.81 F.1.2.1.1).
  uint32_t bits = (uint32_t)(value + (value >> 31)) & ((1u << size) - 1);
  *length = code == 0 ? 0 : (code & 0xFF) + size;
  return (uint64_t)(code >> 8) << size | bits;
}

BODY int write(
    tm_bit_queue *queue, const int16_t *block, const tm_huffman_table *table, const uint8_t *order,
    const uint64_t *rows) {
  tm_bit_queue bits = *queue;
  uint64_t natural = tm_block_nonzero(block), rest = 0;
  for (int v = 0; v < 8; v++) rest |= rows[256 * v + (int)(natural >> (8 * v) & 0xFF)];
  rest &= ~(uint64_t)1;
  uint32_t last = 0;
  while (rest != 0) {
    uint32_t k = (uint32_t)__builtin_ctzll(rest);
    rest &= rest - 1;
    uint32_t run = k - last - 1;
    int32_t value = block[order[k]];
    last = k;
    if (__builtin_expect(run < 16 && (uint32_t)(value + 32) < 64, 1)) {
      uint32_t code = table->coded[run << 6 | (uint32_t)(value + 32)];
      if (code == 0) return 0;
      tm_bits_put(&bits, code >> 5, code & 31);
      continue;
    }
    for (; run > 15; run -= 16) {
      uint32_t code = table->codes[0xF0];
      if (code == 0) return 0;
      tm_bits_put(&bits, code >> 8, code & 0xFF);
    }
    uint32_t length;
    uint64_t code = code_of(table, run, value, &length);
    if (length == 0) return 0;
    tm_bits_put(&bits, code, length);
  }
  if (last != 63) {
    uint32_t code = table->codes[0];
    if (code == 0) return 0;
    tm_bits_put(&bits, code >> 8, code & 0xFF);
  }
  *queue = bits;
  return 1;
}

#if defined(__x86_64__)
#define WIDE __attribute__((target("bmi,bmi2,lzcnt")))

WIDE static int64_t read_bmi2(
    const uint8_t *bytes, int64_t position, const tm_huffman_table *table, const uint8_t *order, int16_t *block,
    int16_t first) {
  return read(bytes, position, table, order, block, first);
}

WIDE static int64_t skip_bmi2(const uint8_t *bytes, int64_t position, const tm_huffman_table *table) {
  return skip(bytes, position, table);
}

WIDE static int write_bmi2(
    tm_bit_queue *queue, const int16_t *block, const tm_huffman_table *table, const uint8_t *order,
    const uint64_t *rows) {
  return write(queue, block, table, order, rows);
}

static int has_bmi2(void) { return __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("avx2"); }
#endif

int64_t tm_huffman_read(
    const uint8_t *bytes, int64_t position, const tm_huffman_table *table, const uint8_t *order, int16_t *block,
    int16_t first) {
#if defined(__x86_64__)
  if (has_bmi2()) return read_bmi2(bytes, position, table, order, block, first);
#endif
  return read(bytes, position, table, order, block, first);
}

int64_t tm_huffman_skip(const uint8_t *bytes, int64_t position, const tm_huffman_table *table) {
#if defined(__x86_64__)
  if (has_bmi2()) return skip_bmi2(bytes, position, table);
#endif
  return skip(bytes, position, table);
}

int tm_huffman_write(
    tm_bit_queue *queue, const int16_t *block, const tm_huffman_table *table, const uint8_t *order,
    const uint64_t *rows) {
#if defined(__x86_64__)
  if (has_bmi2()) return write_bmi2(queue, block, table, order, rows);
#endif
  return write(queue, block, table, order, rows);
}
