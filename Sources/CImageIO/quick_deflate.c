// Deflate (RFC 1951) with Huffman codes and runs of one byte only: what zlib's Z_RLE does, at about a fifth of its
// cost. Filtered scanlines of photographs hold hardly any other match.
#include "deflate.h"

#include <string.h>

// One block of the stream. A stored block, the way out for noise, holds at most 65,535 bytes.
enum { BLOCK = 65535, LITERALS = 286, END = 256, LONGEST_CODE = 12, SHORTEST_RUN = 3, LONGEST_RUN = 258 };
enum { LENGTH_CODES = 19, LONGEST_LENGTH_CODE = 7, DISTANCE_CODES = 2 };

typedef struct {
  uint8_t *next;
  uint8_t *end;
  uint64_t bits;
  unsigned count;
  int is_full;
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

static int has_room(bit_writer *writer, size_t bits) {
  if ((size_t)(writer->end - writer->next) < bits / 8 + 2 * SLACK) writer->is_full = 1;
  return !writer->is_full;
}

// Code lengths of at most `longest` bits for the symbols whose frequency is not zero: Huffman's, by the in-place method
// of Moffat and Katajainen (1995), the too long ones shortened at the cost of the next shorter.
static void code_lengths(const uint32_t *frequencies, int symbols, int longest, uint8_t *lengths) {
  uint16_t order[LITERALS];
  uint32_t work[LITERALS];
  int used = 0;
  for (int symbol = 0; symbol < symbols; symbol++) {
    lengths[symbol] = 0;
    if (frequencies[symbol] == 0) continue;
    int place = used++;
    for (; place > 0 && frequencies[order[place - 1]] > frequencies[symbol]; place--) order[place] = order[place - 1];
    order[place] = (uint16_t)symbol;
  }
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

// Canonical codes (RFC 1951 3.2.2), their bits in the order they are sent.
static void assign_codes(const uint8_t *lengths, int symbols, uint16_t *codes) {
  uint16_t next[16] = {0}, counts[16] = {0};
  for (int symbol = 0; symbol < symbols; symbol++) counts[lengths[symbol]]++;
  counts[0] = 0;
  for (int length = 1; length < 16; length++) next[length] = (uint16_t)((next[length - 1] + counts[length - 1]) << 1);
  for (int symbol = 0; symbol < symbols; symbol++) {
    unsigned code = lengths[symbol] == 0 ? 0 : next[lengths[symbol]]++, sent = 0;
    for (int bit = 0; bit < lengths[symbol]; bit++) sent |= (code >> bit & 1) << (lengths[symbol] - 1 - bit);
    codes[symbol] = (uint16_t)sent;
  }
}

// Lengths of runs, RFC 1951 3.2.5.
typedef struct {
  uint16_t symbol;
  uint8_t extra;
  uint8_t value;
} run_code;

static run_code code_of_run(unsigned length) {
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

// The first place in `from` … `end` whose byte and the two behind it equal the byte before it; `end` for none. There is a
// byte before `from`.
static const uint8_t *next_run(const uint8_t *from, const uint8_t *end) {
  const uint64_t low = 0x7F7F7F7F7F7F7F7Full;
  while (end - from >= 9) {
    uint64_t difference = load(from) ^ load(from - 1);
    uint64_t equal = ~(((difference & low) + low) | difference | low);
    // Whether three neighbours are equal is known of the first six; in which order bytes lie in a word does not matter.
    if (equal & equal >> 8 & equal >> 16) break;
    from += 6;
  }
  for (; end - from >= SHORTEST_RUN; from++) {
    if (from[0] == from[-1] && from[1] == from[-1] && from[2] == from[-1]) return from;
  }
  return end;
}

// A stretch of literals, and the run behind it: 0 for none.
typedef struct {
  uint16_t literals;
  uint16_t run;
} stretch;

typedef struct {
  stretch stretches[BLOCK / SHORTEST_RUN + 2];
  size_t count;
  uint32_t frequencies[LITERALS];
} block_plan;

static void count_bytes(const uint8_t *bytes, size_t size, uint32_t counts[4][256]) {
  size_t i = 0;
  // Neighbours are often equal: tables of their own keep one count from waiting for the other.
  for (; i + 4 <= size; i += 4) {
    counts[0][bytes[i]]++;
    counts[1][bytes[i + 1]]++;
    counts[2][bytes[i + 2]]++;
    counts[3][bytes[i + 3]]++;
  }
  for (; i < size; i++) counts[0][bytes[i]]++;
}

static void plan_block(const uint8_t *input, size_t size, block_plan *plan) {
  uint32_t counts[4][256] = {{0}};
  const uint8_t *position = input, *end = input + size;
  plan->count = 0;
  memset(plan->frequencies, 0, sizeof plan->frequencies);
  while (position < end) {
    const uint8_t *run = next_run(position + (position == input), end);
    count_bytes(position, (size_t)(run - position), counts);
    const uint8_t *after = run;
    unsigned length = 0;
    if (run < end) {
      while (after < end && length < LONGEST_RUN && *after == run[-1]) {
        after++;
        length++;
      }
      plan->frequencies[code_of_run(length).symbol]++;
    }
    plan->stretches[plan->count++] = (stretch){(uint16_t)(run - position), (uint16_t)length};
    position = after;
  }
  for (int value = 0; value < 256; value++) {
    plan->frequencies[value] = counts[0][value] + counts[1][value] + counts[2][value] + counts[3][value];
  }
  plan->frequencies[END] = 1;
}

// The lengths of a block's codes as they are sent (RFC 1951 3.2.7): symbols 0 … 18, and what stands behind 16, 17 and 18.
typedef struct {
  uint8_t symbols[LITERALS + DISTANCE_CODES];
  uint8_t values[LITERALS + DISTANCE_CODES];
  int count;
  uint32_t frequencies[LENGTH_CODES];
} length_list;

static void append(length_list *list, uint8_t symbol, int value) {
  list->symbols[list->count] = symbol;
  list->values[list->count++] = (uint8_t)value;
  list->frequencies[symbol]++;
}

static void list_lengths(const uint8_t *lengths, int count, length_list *list) {
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

static void put_stored(bit_writer *writer, const uint8_t *input, size_t size, int is_final) {
  if (!has_room(writer, 8 * size + 64)) return;
  put(writer, (uint64_t)(is_final != 0), 3);
  if (writer->count > 0) put(writer, 0, 8 - writer->count);
  put(writer, size | (uint64_t)(~size & 0xFFFF) << 16, 32);
  if (size > 0) memcpy(writer->next, input, size);
  writer->next += size;
}

typedef struct {
  uint8_t lengths[LITERALS + DISTANCE_CODES];
  uint16_t codes[LITERALS];
} code_table;

static void put_stretches(bit_writer *writer, const uint8_t *input, const block_plan *plan, const code_table *table) {
  const uint8_t *lengths = table->lengths;
  const uint16_t *codes = table->codes;
  for (size_t i = 0; i < plan->count; i++) {
    size_t left = plan->stretches[i].literals;
    // Four codes of 12 bits and the 7 that wait fit into a word.
    for (; left >= 4; left -= 4, input += 4) {
      uint64_t bits = codes[input[0]];
      unsigned count = lengths[input[0]];
      for (int k = 1; k < 4; k++) {
        bits |= (uint64_t)codes[input[k]] << count;
        count += lengths[input[k]];
      }
      put(writer, bits, count);
    }
    for (; left > 0; left--, input++) put(writer, codes[*input], lengths[*input]);
    unsigned run = plan->stretches[i].run;
    if (run == 0) continue;
    run_code code = code_of_run(run);
    unsigned count = lengths[code.symbol];
    // Distance 1 is code 0 of one bit.
    put(writer, codes[code.symbol] | (uint64_t)code.value << count, count + code.extra + 1);
    input += run;
  }
}

static void put_block(bit_writer *writer, const uint8_t *input, size_t size, int is_final) {
  block_plan plan;
  plan_block(input, size, &plan);
  code_table table;
  code_lengths(plan.frequencies, LITERALS, LONGEST_CODE, table.lengths);
  assign_codes(table.lengths, LITERALS, table.codes);
  // Two distance codes make the set complete, which some decoders want.
  table.lengths[LITERALS] = table.lengths[LITERALS + 1] = 1;
  length_list list;
  list_lengths(table.lengths, LITERALS + DISTANCE_CODES, &list);
  uint8_t length_lengths[LENGTH_CODES];
  uint16_t length_codes[LENGTH_CODES];
  code_lengths(list.frequencies, LENGTH_CODES, LONGEST_LENGTH_CODE, length_lengths);
  assign_codes(length_lengths, LENGTH_CODES, length_codes);
  int sent = LENGTH_CODES;
  while (sent > 4 && length_lengths[length_order[sent - 1]] == 0) sent--;

  size_t bits = 3 + 14 + 3 * (size_t)sent;
  for (int symbol = 0; symbol < LENGTH_CODES; symbol++) {
    bits += list.frequencies[symbol] * (size_t)(length_lengths[symbol] + extra_bits_of_length[symbol]);
  }
  for (int symbol = 0; symbol < LITERALS; symbol++) bits += plan.frequencies[symbol] * (size_t)table.lengths[symbol];
  for (size_t i = 0; i < plan.count; i++) {
    if (plan.stretches[i].run > 0) bits += code_of_run(plan.stretches[i].run).extra + 1u;
  }
  if (bits >= 8 * size + 40) return put_stored(writer, input, size, is_final);
  if (!has_room(writer, bits)) return;

  put(writer, (uint64_t)(is_final != 0) | 2 << 1, 3);
  put(writer, (LITERALS - 257) | (DISTANCE_CODES - 1) << 5 | (uint64_t)(sent - 4) << 10, 14);
  for (int i = 0; i < sent; i++) put(writer, length_lengths[length_order[i]], 3);
  for (int i = 0; i < list.count; i++) {
    uint8_t symbol = list.symbols[i];
    put(writer, length_codes[symbol] | (uint64_t)list.values[i] << length_lengths[symbol],
        length_lengths[symbol] + extra_bits_of_length[symbol]);
  }
  put_stretches(writer, input, &plan, &table);
  put(writer, table.codes[END], table.lengths[END]);
}

size_t tm_deflate_quickly(
    const uint8_t *input, size_t size, int skip, int is_final, uint8_t *output, size_t capacity) {
  bit_writer writer = {.next = output, .end = output + capacity, .count = (unsigned)skip};
  size_t done = 0;
  do {
    size_t count = size - done < BLOCK ? size - done : BLOCK;
    put_block(&writer, input + done, count, is_final && done + count == size);
    done += count;
  } while (done < size && !writer.is_full);
  if (!is_final) put_stored(&writer, input, 0, 0);
  if (writer.is_full || !has_room(&writer, 0)) return 0;
  if (writer.count > 0) put(&writer, 0, 8 - writer.count);
  return (size_t)(writer.next - output);
}
