#pragma once
// Huffman codes and blocks of deflate (RFC 1951), for encoders.
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { LITERALS = 286, END = 256, SHORTEST_RUN = 3, LONGEST_RUN = 258 };
enum { LENGTH_CODES = 19, LONGEST_LENGTH_CODE = 7, MOST_DISTANCES = 30, MOST_CODES = LITERALS + MOST_DISTANCES };

typedef struct {
  // NULL where there is nowhere to write: what blocks take is counted then.
  uint8_t *next;
  uint8_t *end;
  uint64_t bits;
  unsigned count;
  int is_full;
  // Bits behind the first `count`, of what is not written.
  size_t counted;
} bit_writer;

// Bytes that `put` may write beyond the last whole byte.
enum { SLACK = 8 };

// Up to 56 bits.
static inline void put(bit_writer *writer, uint64_t bits, unsigned count) {
  writer->bits |= bits << writer->count;
  writer->count += count;
  for (int i = 0; i < 8; i++) writer->next[i] = (uint8_t)(writer->bits >> 8 * i);
  writer->next += writer->count >> 3;
  writer->bits >>= writer->count & ~7u;
  writer->count &= 7;
}

static inline int has_room(bit_writer *writer, size_t bits) {
  if ((size_t)(writer->end - writer->next) < bits / 8 + 2 * SLACK) writer->is_full = 1;
  return !writer->is_full;
}

// Puts `count` symbols in the order of their frequencies, equal ones in the order they are in.
static inline void sort_symbols(const uint32_t *frequencies, uint16_t *order, int count) {
  enum { FEW = 24, DIGIT = 8, DIGITS = 1 << DIGIT };
  if (count <= FEW) {
    for (int i = 1; i < count; i++) {
      uint16_t symbol = order[i];
      int place = i;
      for (; place > 0 && frequencies[order[place - 1]] > frequencies[symbol]; place--) order[place] = order[place - 1];
      order[place] = symbol;
    }
    return;
  }
  uint32_t all = 0;
  for (int i = 0; i < count; i++) all |= frequencies[order[i]];
  // By one digit after the other, the lowest first.
  uint16_t other[LITERALS];
  for (int shift = 0; shift < 32 && all >> shift != 0; shift += DIGIT) {
    uint16_t places[DIGITS + 1] = {0};
    for (int i = 0; i < count; i++) places[(frequencies[order[i]] >> shift & (DIGITS - 1)) + 1]++;
    for (int digit = 0; digit < DIGITS; digit++) places[digit + 1] += places[digit];
    for (int i = 0; i < count; i++) other[places[frequencies[order[i]] >> shift & (DIGITS - 1)]++] = order[i];
    memcpy(order, other, (size_t)count * sizeof *order);
  }
}

// Code lengths of at most `longest` bits for the symbols whose frequency is not zero: Huffman's, by the in-place method
// of Moffat and Katajainen (1995), the too long ones shortened at the cost of the next shorter.
static inline void code_lengths(const uint32_t *frequencies, int symbols, int longest, uint8_t *lengths) {
  uint16_t order[LITERALS];
  uint32_t work[LITERALS];
  int used = 0;
  for (int symbol = 0; symbol < symbols; symbol++) {
    lengths[symbol] = 0;
    if (frequencies[symbol] > 0) order[used++] = (uint16_t)symbol;
  }
  sort_symbols(frequencies, order, used);
  if (used == 0) return;
  if (used == 1) {
    lengths[order[0]] = 1;
    return;
  }
  for (int i = 0; i < used; i++) work[i] = frequencies[order[i]];
  int leaf = 0, root = 0;
  for (int next = 0; next < used - 1; next++) {
    uint32_t weight = 0;
    for (int child = 0; child < 2; child++) {
      if (leaf >= used || (root < next && work[root] < work[leaf])) {
        weight += work[root];
        work[root++] = (uint32_t)next;
      } else {
        weight += work[leaf++];
      }
    }
    work[next] = weight;
  }
  int counts[LITERALS] = {0};
  work[used - 2] = 0;
  for (int next = used - 3; next >= 0; next--) work[next] = work[work[next]] + 1;
  int available = 1, inner = used - 2, taken = 0;
  for (uint32_t depth = 0; available > 0; depth++) {
    int here = 0;
    while (inner >= 0 && work[inner] == depth) {
      here++;
      inner--;
    }
    counts[depth < (uint32_t)longest ? depth : (uint32_t)longest] += available - here;
    taken += available - here;
    available = 2 * here;
  }
  (void)taken;
  long total = 0;
  for (int length = 1; length <= longest; length++) total += (long)counts[length] << (longest - length);
  while (total > 1L << longest) {
    counts[longest]--;
    for (int length = longest - 1; length > 0; length--) {
      if (counts[length] == 0) continue;
      counts[length]--;
      counts[length + 1] += 2;
      break;
    }
    total--;
  }
  int place = 0;
  for (int length = longest; length > 0; length--) {
    for (int i = 0; i < counts[length]; i++) lengths[order[place++]] = (uint8_t)length;
  }
}

// The lowest `count` bits the other way round, 16 at most.
static inline uint16_t reversed(unsigned bits, unsigned count) {
  bits = (bits & 0x5555) << 1 | (bits >> 1 & 0x5555);
  bits = (bits & 0x3333) << 2 | (bits >> 2 & 0x3333);
  bits = (bits & 0x0F0F) << 4 | (bits >> 4 & 0x0F0F);
  return (uint16_t)(((bits & 0xFF) << 8 | bits >> 8) >> (16 - count));
}

// Canonical codes (RFC 1951 3.2.2), their bits in the order they are sent.
static inline void assign_codes(const uint8_t *lengths, int symbols, uint16_t *codes) {
  uint16_t next[16] = {0}, counts[16] = {0};
  for (int symbol = 0; symbol < symbols; symbol++) counts[lengths[symbol]]++;
  counts[0] = 0;
  for (int length = 1; length < 16; length++) next[length] = (uint16_t)((next[length - 1] + counts[length - 1]) << 1);
  for (int symbol = 0; symbol < symbols; symbol++) {
    codes[symbol] = lengths[symbol] == 0 ? 0 : reversed(next[lengths[symbol]]++, lengths[symbol]);
  }
}

// Lengths of matches, RFC 1951 3.2.5.
typedef struct {
  uint16_t symbol;
  uint8_t extra;
  uint8_t value;
} run_code;

static inline run_code code_of_run(unsigned length) {
  if (length == LONGEST_RUN) return (run_code){285, 0, 0};
  unsigned rest = length - SHORTEST_RUN;
  if (rest < 8) return (run_code){(uint16_t)(257 + rest), 0, 0};
  unsigned extra = 29 - (unsigned)__builtin_clz(rest);
  return (run_code){(uint16_t)(257 + 4 * extra + (rest >> extra)), (uint8_t)extra, (uint8_t)(rest & ((1u << extra) - 1))};
}

static inline uint64_t load(const uint8_t *bytes) {
  uint64_t word;
  memcpy(&word, bytes, sizeof word);
  return word;
}

// The lengths of a block's codes as they are sent (RFC 1951 3.2.7): symbols 0 … 18, and what stands behind 16, 17 and 18.
typedef struct {
  uint8_t symbols[MOST_CODES];
  uint8_t values[MOST_CODES];
  int count;
  uint32_t frequencies[LENGTH_CODES];
} length_list;

static inline void append(length_list *list, uint8_t symbol, int value) {
  list->symbols[list->count] = symbol;
  list->values[list->count++] = (uint8_t)value;
  list->frequencies[symbol]++;
}

static inline void list_lengths(const uint8_t *lengths, int count, length_list *list) {
  memset(list, 0, sizeof *list);
  for (int i = 0; i < count;) {
    int same = 1;
    while (i + same < count && lengths[i + same] == lengths[i]) same++;
    int left = same;
    if (lengths[i] == 0) {
      while (left >= 3) {
        int taken = left < 138 ? left : 138;
        append(list, taken < 11 ? 17 : 18, taken < 11 ? taken - 3 : taken - 11);
        left -= taken;
      }
    } else {
      append(list, lengths[i], 0);
      left--;
      while (left >= 3) {
        int taken = left < 6 ? left : 6;
        append(list, 16, taken - 3);
        left -= taken;
      }
    }
    for (; left > 0; left--) append(list, lengths[i], 0);
    i += same;
  }
}

static const uint8_t length_order[LENGTH_CODES] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
static const uint8_t extra_bits_of_length[LENGTH_CODES] = {[16] = 2, [17] = 3, [18] = 7};

static inline void put_stored(bit_writer *writer, const uint8_t *input, size_t size, int is_final) {
  if (writer->next == NULL) {
    size_t aligned = (writer->count + writer->counted + 3 + 7) / 8 * 8;
    writer->counted = aligned + 32 + 8 * size - writer->count;
    return;
  }
  if (!has_room(writer, 8 * size + 64)) return;
  put(writer, (uint64_t)(is_final != 0), 3);
  if (writer->count > 0) put(writer, 0, 8 - writer->count);
  put(writer, size | (uint64_t)(~size & 0xFFFF) << 16, 32);
  if (size > 0) memcpy(writer->next, input, size);
  writer->next += size;
}

// Ends the stream at `output` on a whole byte; its size, 0 where there was no room.
static inline size_t finish(bit_writer *writer, const uint8_t *output, int is_final) {
  if (!is_final) put_stored(writer, NULL, 0, 0);
  if (writer->next == NULL) return (writer->count + writer->counted + 7) / 8;
  if (writer->is_full || !has_room(writer, 0)) return 0;
  if (writer->count > 0) put(writer, 0, 8 - writer->count);
  return (size_t)(writer->next - output);
}

// The codes' lengths of a block as they are sent.
typedef struct {
  length_list list;
  uint8_t lengths[LENGTH_CODES];
  uint16_t codes[LENGTH_CODES];
  int sent;
  /// Bits that the head of a block takes.
  size_t bits;
} block_head;

// Of `lengths`, those of all literals and of `distances` distances behind them.
static inline void make_head(const uint8_t *lengths, int distances, block_head *head) {
  list_lengths(lengths, LITERALS + distances, &head->list);
  code_lengths(head->list.frequencies, LENGTH_CODES, LONGEST_LENGTH_CODE, head->lengths);
  assign_codes(head->lengths, LENGTH_CODES, head->codes);
  head->sent = LENGTH_CODES;
  while (head->sent > 4 && head->lengths[length_order[head->sent - 1]] == 0) head->sent--;
  head->bits = 3 + 14 + 3 * (size_t)head->sent;
  for (int symbol = 0; symbol < LENGTH_CODES; symbol++) {
    head->bits += head->list.frequencies[symbol] * (size_t)(head->lengths[symbol] + extra_bits_of_length[symbol]);
  }
}

static inline void put_head(bit_writer *writer, const block_head *head, int distances, int is_final) {
  put(writer, (uint64_t)(is_final != 0) | 2 << 1, 3);
  put(writer, (LITERALS - 257) | (uint64_t)(distances - 1) << 5 | (uint64_t)(head->sent - 4) << 10, 14);
  for (int i = 0; i < head->sent; i++) put(writer, head->lengths[length_order[i]], 3);
  for (int i = 0; i < head->list.count; i++) {
    uint8_t symbol = head->list.symbols[i];
    put(writer, head->codes[symbol] | (uint64_t)head->list.values[i] << head->lengths[symbol],
        head->lengths[symbol] + extra_bits_of_length[symbol]);
  }
}
