// Deflate (RFC 1951) with Huffman codes and runs of one byte only: what zlib's Z_RLE does, at about a sixth of its
// cost. Filtered scanlines of photographs hold hardly any other match, nor do those of marked drawings.
#include "deflate.h"
#include "deflate_codes.h"
#include "../CSignal/dispatch.h"

// A block of the stream is parts until they have so many tokens: where little is sent, codes of its own cost more than they save.
enum { PART = 1 << 15, AMPLE = 3 << 13, MOST_PARTS = 8, LONGEST_STORED = 65535, LONGEST_CODE = 12, DISTANCE_CODES = 2 };
// What is sent: literals, and from here on runs by their length.
enum { RUN = 256, TOKENS = RUN + LONGEST_RUN + 1, WORD = 64, STEP = 16 };

typedef struct {
  // A vector that is written at once may reach beyond the last.
  uint16_t tokens[AMPLE + PART + STEP];
  size_t count;
  // Bytes that they stand for.
  size_t size;
  uint32_t frequencies[LITERALS];
  // By length.
  uint32_t runs[LONGEST_RUN + 1];
} block_plan;

// Which of 64 bytes equal the one before them, the first by the lowest bit. There is a byte before `bytes`.
BODY uint64_t equal_to_last(const uint8_t *bytes) {
#if defined(__clang__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  typedef uint8_t vector __attribute__((ext_vector_type(WORD)));
  typedef _Bool flags __attribute__((ext_vector_type(WORD)));
  vector these, last;
  memcpy(&these, bytes, WORD);
  memcpy(&last, bytes - 1, WORD);
  flags equal = __builtin_convertvector(these == last, flags);
  uint64_t word;
  memcpy(&word, &equal, sizeof word);
  return word;
#else
  uint64_t word = 0;
  for (int i = 0; i < WORD; i++) word |= (uint64_t)(bytes[i] == bytes[i - 1]) << i;
  return word;
#endif
}

// What is rare stays out of loops: compilers keep what these work with in memory for its sake.
#define RARE __attribute__((noinline)) static

// The same of the first and the last bytes of a block: of `from` … `size`, no others are read.
RARE uint64_t some_equal_to_last(const uint8_t *input, size_t from, size_t size) {
  uint64_t word = 0;
  for (size_t i = from == 0; from + i < size && i < WORD; i++) {
    word |= (uint64_t)(input[from + i] == input[from + i - 1]) << i;
  }
  return word;
}

BODY uint64_t equal_at(const uint8_t *input, size_t at, size_t size) {
  if (at > 0 && at + WORD <= size) return equal_to_last(input + at);
  return at < size ? some_equal_to_last(input, at, size) : 0;
}

typedef uint8_t step_b __attribute__((vector_size(STEP)));
typedef uint16_t step_w __attribute__((vector_size(2 * STEP)));

// The last of a block: nothing behind them is read.
RARE void add_last_literals(uint16_t *next, const uint8_t *bytes, size_t count) {
  for (size_t i = 0; i < count; i++) next[i] = bytes[i];
}

BODY uint16_t *add_literals(uint16_t *next, const uint8_t *bytes, size_t count, const uint8_t *end) {
  size_t done = 0;
  // Most stretches are short: a vector at a time, whatever lies behind.
  for (; done < count && bytes + done + STEP <= end; done += STEP) {
    step_b some;
    memcpy(&some, bytes + done, sizeof some);
    step_w tokens = __builtin_convertvector(some, step_w);
    memcpy(next + done, &tokens, sizeof tokens);
  }
  if (done < count) add_last_literals(next + done, bytes + done, count - done);
  return next + count;
}

RARE uint16_t *add_longest(uint16_t *next, size_t count) {
  while (count-- > 0) *next++ = RUN + LONGEST_RUN;
  return next;
}

BODY uint16_t *add_run(uint16_t *next, size_t length, uint8_t byte) {
  if (length > LONGEST_RUN) {
    size_t whole = (length - 1) / LONGEST_RUN;
    next = add_longest(next, whole);
    length -= whole * LONGEST_RUN;
  }
  if (length >= SHORTEST_RUN) {
    *next++ = (uint16_t)(RUN + length);
    return next;
  }
  for (; length > 0; length--) *next++ = byte;
  return next;
}

// Adds the tokens of a part: literals, and runs of what equals the byte before it.
BODY void add_part_of(const uint8_t *input, size_t size, block_plan *plan) {
  uint16_t *next = plan->tokens + plan->count;
  // Where literals begin that are no tokens yet, where a run does, and whether one goes on.
  size_t done = 0, start = 0;
  uint64_t inside = 0;
  uint64_t equal = equal_at(input, 0, size), tail = 0;
  for (size_t at = 0; at < size; at += WORD) {
    uint64_t after = equal_at(input, at + WORD, size);
    // Where three begin that are like the byte before, and all that are among such.
    uint64_t three = equal & (equal >> 1 | after << 63) & (equal >> 2 | after << 62);
    uint64_t member = three | three << 1 | three << 2 | tail;
    tail = three >> 63 | three >> 62;
    equal = after;
    uint64_t edges = member ^ (member << 1 | inside);
    inside = member >> 63;
    for (; edges != 0; edges &= edges - 1) {
      size_t edge = at + (size_t)__builtin_ctzll(edges);
      if (start == 0) {
        next = add_literals(next, input + done, edge - done, input + size);
        start = edge;
      } else {
        next = add_run(next, edge - start, input[edge - 1]);
        done = edge;
        start = 0;
      }
    }
  }
  if (start > 0) {
    next = add_run(next, size - start, input[size - 1]);
  } else {
    next = add_literals(next, input + done, size - done, input + size);
  }
  plan->count = (size_t)(next - plan->tokens);
  plan->size += size;
}

#if defined(WIDE)
WIDE void add_part_of_avx2(const uint8_t *input, size_t size, block_plan *plan) { add_part_of(input, size, plan); }
#endif

static void add_part(const uint8_t *input, size_t size, block_plan *plan) { DISPATCH(add_part_of, input, size, plan); }

static void count_tokens(block_plan *plan) {
  // Neighbours are often equal: tables of their own keep one count from waiting for the other.
  uint32_t counts[4][TOKENS] = {{0}};
  const uint16_t *tokens = plan->tokens;
  size_t i = 0;
  for (; i + 4 <= plan->count; i += 4) {
    for (int k = 0; k < 4; k++) counts[k][tokens[i + k]]++;
  }
  for (; i < plan->count; i++) counts[0][tokens[i]]++;
  memset(plan->frequencies, 0, sizeof plan->frequencies);
  for (int token = 0; token < TOKENS; token++) {
    uint32_t count = counts[0][token] + counts[1][token] + counts[2][token] + counts[3][token];
    if (token < RUN) {
      plan->frequencies[token] = count;
    } else if (token >= RUN + SHORTEST_RUN) {
      plan->runs[token - RUN] = count;
      plan->frequencies[code_of_run((unsigned)(token - RUN)).symbol] += count;
    }
  }
  plan->frequencies[END] = 1;
}

// What is sent for each token, and in the lowest byte how many bits that are: fewer than 64, so that shifts, which heed six bits of what
// they are by, take it as it is.
static void assign_tokens(const uint8_t *lengths, const uint16_t *codes, uint32_t *sent) {
  for (int token = 0; token < RUN; token++) sent[token] = (uint32_t)codes[token] << 8 | lengths[token];
  for (unsigned run = SHORTEST_RUN; run <= LONGEST_RUN; run++) {
    run_code code = code_of_run(run);
    unsigned count = lengths[code.symbol];
    // Distance 1 is code 0 of one bit.
    sent[RUN + run] = (codes[code.symbol] | (uint32_t)code.value << count) << 8 | (count + code.extra + 1u);
  }
}

BODY void put_tokens(bit_writer *target, const block_plan *plan, const uint32_t *sent) {
  bit_writer writer = *target;
  const uint16_t *tokens = plan->tokens;
  size_t i = 0;
  // Three codes of at most 12, 5 and 1 bits, and the 7 that wait, fit into a word.
  for (; i + 3 <= plan->count; i += 3) {
    uint32_t first = sent[tokens[i]], second = sent[tokens[i + 1]], third = sent[tokens[i + 2]];
    uint64_t bits = first >> 8 | (uint64_t)(second >> 8) << (first & 63);
    first += second;
    bits |= (uint64_t)(third >> 8) << (first & 63);
    put(&writer, bits, (first + third) & 63);
  }
  for (; i < plan->count; i++) put(&writer, sent[tokens[i]] >> 8, sent[tokens[i]] & 63);
  *target = writer;
}

#if defined(WIDE)
WIDE void put_tokens_avx2(bit_writer *target, const block_plan *plan, const uint32_t *sent) {
  put_tokens(target, plan, sent);
}
#endif

static void put_block(bit_writer *writer, const uint8_t *input, const block_plan *plan, int is_final) {
  uint8_t lengths[LITERALS + DISTANCE_CODES];
  uint16_t codes[LITERALS];
  code_lengths(plan->frequencies, LITERALS, LONGEST_CODE, lengths);
  assign_codes(lengths, LITERALS, codes);
  // Two distance codes make the set complete, which some decoders want.
  lengths[LITERALS] = lengths[LITERALS + 1] = 1;
  block_head head;
  make_head(lengths, DISTANCE_CODES, &head);
  size_t bits = head.bits;
  for (int symbol = 0; symbol < LITERALS; symbol++) bits += plan->frequencies[symbol] * (size_t)lengths[symbol];
  for (unsigned run = SHORTEST_RUN; run <= LONGEST_RUN; run++) bits += plan->runs[run] * (code_of_run(run).extra + 1u);
  // More than that has parts of so few tokens that codes are shorter.
  if (plan->size <= LONGEST_STORED && bits >= 8 * plan->size + 40) return put_stored(writer, input, plan->size, is_final);
  if (writer->next == NULL) {
    writer->counted += bits;
    return;
  }
  if (!has_room(writer, bits)) return;

  uint32_t sent[TOKENS];
  assign_tokens(lengths, codes, sent);
  put_head(writer, &head, DISTANCE_CODES, is_final);
  DISPATCH(put_tokens, writer, plan, sent);
  put(writer, codes[END], lengths[END]);
}

size_t tm_deflate_quickly(
    const uint8_t *input, size_t size, int skip, int is_final, uint8_t *output, size_t capacity) {
  bit_writer writer = {.next = output, .end = output + capacity, .count = (unsigned)skip};
  block_plan plan;
  size_t done = 0;
  do {
    plan.count = plan.size = 0;
    for (int parts = 0; parts < MOST_PARTS && plan.count < AMPLE && done + plan.size < size; parts++) {
      size_t left = size - done - plan.size;
      add_part(input + done + plan.size, left < PART ? left : PART, &plan);
    }
    count_tokens(&plan);
    put_block(&writer, input + done, &plan, is_final && done + plan.size == size);
    done += plan.size;
  } while (done < size && !writer.is_full);
  return finish(&writer, output, is_final);
}
