// Deflate (RFC 1951) with Huffman codes and runs of one byte only: what zlib's Z_RLE does, at about a sixth of its
// cost. Filtered scanlines of photographs hold hardly any other match, nor do those of marked drawings.
#include "deflate.h"
#include "../CSignal/dispatch.h"
#include "run_tokens.h"

enum { MOST_PARTS = 8, LONGEST_STORED = 65535, LONGEST_CODE = 12, DISTANCE_CODES = 2 };

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
