#pragma once
// Loops over the codes of one block, to be compiled into those over all blocks.
#include <string.h>

#include "../CSignal/dispatch.h"
#include "block.h"
#include "huffman.h"

enum { pair_bits = 10, lookup_bits = 10, end_of_block = 128 };

// Bits from the highest on, `count` of which are taken as read; those behind them are of the data too. A code is looked up before more
// are read, which 25 bits and more that codes leave are enough for: so neither waits for the other.
typedef struct {
  const uint8_t *next;
  uint64_t window;
  uint32_t count;
} bit_source;

BODY uint64_t word_at(const uint8_t *bytes) {
  uint64_t word;
  memcpy(&word, bytes, 8);
  return __builtin_bswap64(word);
}

BODY bit_source source_at(const uint8_t *bytes, int64_t position) {
  const uint8_t *first = bytes + (position >> 3);
  uint32_t shift = position & 7;
  return (bit_source){first + 7, word_at(first) << shift, 56 - shift};
}

BODY int64_t position_of(const bit_source *source, const uint8_t *bytes) {
  return 8 * (source->next - bytes) - source->count;
}

// At least 56 bits are there then.
BODY void refill(bit_source *source) {
  source->window |= word_at(source->next) >> source->count;
  source->next += (63 - source->count) >> 3;
  source->count |= 56;
}

BODY void consume(bit_source *source, uint32_t bits) {
  source->window <<= bits;
  source->count -= bits;
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
  // Twice, for a shift by 64 is none; and without branches, which no one could foretell.
  int32_t bits = (int32_t)((window << (entry >> 16 & 63)) >> 1 >> (63 - size));
  int32_t all = (1 << size) - 1, is_negative = (bits - ((all + 1) >> 1)) >> 31;
  return (int16_t)(bits - (all & is_negative));
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

// False where the codes are none. A code and its value have at most 26 bits.
BODY int read(
    bit_source *source, const tm_huffman_table *table, const uint8_t *order, int16_t *block, int16_t first) {
  uint32_t k = 1;
  memset(block, 0, 64 * sizeof *block);
  while (k <= safe) {
    uint64_t entry = table->pairs[source->window >> (64 - pair_bits)];
    refill(source);
    if (__builtin_expect(entry == 0, 0)) {
      entry = single(table, source->window);
      if (entry == 0) return 0;
    }
    // What moves on beyond the block has the first one's place, which is written last.
    block[order[(k + (uint32_t)(entry >> 16 & 0xFF) - 1) & 0xFF]] = (int16_t)(entry >> 32);
    k += entry >> 8 & 0xFF;
    block[order[(k - 1) & 0xFF]] = (int16_t)(entry >> 48);
    consume(source, entry & 63);
  }
  while (k < 64) {
    refill(source);
    uint64_t entry = single(table, source->window);
    if (entry == 0) return 0;
    k += entry >> 8 & 0xFF;
    if (k > 64 && k < end_of_block) return 0;
    block[order[(k - 1) & 0xFF]] = (int16_t)(entry >> 32);
    consume(source, entry & 63);
  }
  block[0] = first;
  return 1;
}

// By pairs as they are read, and one code at a time towards the end.
BODY int skip(bit_source *source, const tm_huffman_table *table) {
  uint32_t k = 1;
  while (k <= safe) {
    uint64_t entry = table->pairs[source->window >> (64 - pair_bits)];
    refill(source);
    if (__builtin_expect(entry == 0, 0)) {
      // Bits, and coefficients to move on by, stand where those of pairs do.
      entry = entry_at(table, source->window);
      if (entry == 0) return 0;
    }
    k += entry >> 8 & 0xFF;
    consume(source, entry & 63);
  }
  while (k < 64) {
    uint32_t entry = entry_at(table, source->window);
    refill(source);
    if (entry == 0) return 0;
    k += entry >> 8 & 0xFF;
    consume(source, entry & 63);
  }
  return k == 64 || k >= end_of_block;
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

BODY int put_run(tm_bit_queue *bits, const tm_huffman_table *table, uint32_t run, int32_t value) {
  for (; run > 15; run -= 16) {
    uint32_t code = table->codes[0xF0];
    if (code == 0) return 0;
    tm_bits_put(bits, code >> 8, code & 0xFF);
  }
  uint32_t length;
  uint64_t code = code_of(table, run, value, &length);
  if (length == 0) return 0;
  tm_bits_put(bits, code, length);
  return 1;
}

// A coefficient with the zeros before it.
typedef struct {
  uint32_t run;
  int32_t value;
} run_value;

// The next of the coefficients `rest`, a bit each in coded order, the last before it being `last`.
BODY run_value take_next(uint64_t *rest, uint32_t *last, const int16_t *block, const uint8_t *order) {
  uint32_t k = (uint32_t)__builtin_ctzll(*rest);
  *rest &= *rest - 1;
  run_value next = {k - *last - 1, block[order[k]]};
  *last = k;
  return next;
}

BODY int is_short(run_value next) { return next.run < 16 && (uint32_t)(next.value + 32) < 64; }

BODY uint32_t short_code(const tm_huffman_table *table, run_value next) {
  return table->coded[next.run << 6 | (uint32_t)(next.value + 32)];
}

// Writes the coefficients of `block` but the first; false where the table lacks a code. Most have codes of at most 22 bits, two of
// which go to memory at once.
BODY int write(
    tm_bit_queue *queue, const int16_t *block, const tm_huffman_table *table, const uint8_t *order,
    const uint64_t *rows) {
  tm_bit_queue bits = *queue;
  uint64_t natural = tm_block_nonzero(block), rest = 0;
  for (int v = 0; v < 8; v++) rest |= rows[256 * v + (int)(natural >> (8 * v) & 0xFF)];
  rest &= ~(uint64_t)1;
  uint32_t last = 0;
  uint64_t held = 0;
  uint32_t length = 0;
  while (rest != 0) {
    run_value next = take_next(&rest, &last, block, order);
    if (__builtin_expect(is_short(next), 1)) {
      uint32_t code = short_code(table, next);
      if (code == 0) return 0;
      held = code >> 5;
      length = code & 31;
      if (rest == 0) break;
      next = take_next(&rest, &last, block, order);
      if (__builtin_expect(is_short(next), 1)) {
        code = short_code(table, next);
        if (code == 0) return 0;
        tm_bits_put(&bits, held << (code & 31) | code >> 5, length + (code & 31));
        length = 0;
        continue;
      }
      tm_bits_put(&bits, held, length);
      length = 0;
    }
    if (!put_run(&bits, table, next.run, next.value)) return 0;
  }
  uint32_t end = 0;
  if (last != 63) {
    end = table->codes[0];
    if (end == 0) return 0;
  }
  tm_bits_put(&bits, (length == 0 ? 0 : held) << (end & 0xFF) | end >> 8, length + (end & 0xFF));
  *queue = bits;
  return 1;
}
