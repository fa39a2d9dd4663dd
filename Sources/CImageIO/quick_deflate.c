// Deflate (RFC 1951) with Huffman codes and runs of one byte only: what zlib's Z_RLE does, at about a fifth of its
// cost. Filtered scanlines of photographs hold hardly any other match.
#include "deflate.h"
#include "deflate_codes.h"

// One block of the stream. A stored block, the way out for noise, holds at most 65,535 bytes.
enum { BLOCK = 65535, LONGEST_CODE = 12, DISTANCE_CODES = 2 };

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
  block_head head;
  make_head(table.lengths, DISTANCE_CODES, &head);
  size_t bits = head.bits;
  for (int symbol = 0; symbol < LITERALS; symbol++) bits += plan.frequencies[symbol] * (size_t)table.lengths[symbol];
  for (size_t i = 0; i < plan.count; i++) {
    if (plan.stretches[i].run > 0) bits += code_of_run(plan.stretches[i].run).extra + 1u;
  }
  if (bits >= 8 * size + 40) return put_stored(writer, input, size, is_final);
  if (!has_room(writer, bits)) return;

  put_head(writer, &head, DISTANCE_CODES, is_final);
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
