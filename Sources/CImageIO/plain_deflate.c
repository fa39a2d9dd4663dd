// Deflate (RFC 1951) for filtered scanlines of pictures of few colours, most of whose bytes stand in runs. What searches them byte by byte
// for matches spends its time there. Here a run is one thing: it is compared with the runs before it, by what follows them. What
// lies between runs is searched for by hash chains of eight bytes, and for the nearest of three: shorter matches often cost more than
// their bytes do, which the codes of the block before tell.
#include "deflate.h"
#include "plain_matches.h"

// A match behind whose first byte no other is looked for, and what must follow a run as it followed another.
enum { LAZY = 16, LEAST_BEHIND = 3, LONGEST_CODE = 15 };
// Places in a row without a match from which on some are passed over.
enum { PATIENCE = 64 };

static void put_tokens(encoder *e, const uint8_t *lengths, const uint16_t *codes, const uint16_t *distance_codes) {
  // A copy, which bytes that are written are not taken to change.
  bit_writer writer = e->writer;
  for (int i = 0; i < e->token_count; i++) {
    token t = e->tokens[i];
    if (t.distance == 0) {
      put(&writer, codes[t.length], lengths[t.length]);
      continue;
    }
    // At most 15 bits, 5 more, 15 and 13 more.
    run_code length = code_of_run(t.length);
    unsigned extra, count = lengths[length.symbol];
    int symbol = code_of_distance(t.distance, &extra);
    uint64_t bits = codes[length.symbol] | (uint64_t)length.value << count;
    count += length.extra;
    bits |= (uint64_t)distance_codes[symbol] << count;
    count += lengths[LITERALS + symbol];
    bits |= (uint64_t)((t.distance - 1u) & ((1u << extra) - 1)) << count;
    put(&writer, bits, count + extra);
  }
  e->writer = writer;
}

// Bits behind the codes of lengths, and of distances, RFC 1951 3.2.5.
static inline unsigned extra_of(int symbol) {
  int rank = symbol < LITERALS ? (symbol - END - 1) / 4 : (symbol - LITERALS) / 2;
  return symbol <= END || symbol == LITERALS - 1 || rank < 1 ? 0 : (unsigned)rank - 1;
}

static size_t bits_of_tokens(const encoder *e, const uint8_t *lengths) {
  size_t bits = 0;
  for (int symbol = 0; symbol < MOST_CODES; symbol++) {
    bits += e->frequencies[symbol] * (size_t)(lengths[symbol] + extra_of(symbol));
  }
  return bits;
}

static void end_block(encoder *e, int is_final) {
  uint8_t lengths[MOST_CODES];
  uint16_t codes[LITERALS], distance_codes[MOST_DISTANCES];
  e->frequencies[END] = 1;
  code_lengths(e->frequencies, LITERALS, LONGEST_CODE, lengths);
  // Two distance codes make the set complete, which some decoders want.
  uint32_t distances[MOST_DISTANCES];
  memcpy(distances, e->frequencies + LITERALS, sizeof distances);
  for (int i = 0; i < 2; i++) distances[i] += distances[i] == 0;
  code_lengths(distances, MOST_DISTANCES, LONGEST_CODE, lengths + LITERALS);
  assign_codes(lengths, LITERALS, codes);
  assign_codes(lengths + LITERALS, MOST_DISTANCES, distance_codes);
  for (int i = 0; i < MOST_CODES; i++) e->costs[i] = lengths[i] == 0 ? LONGEST_CODE - 3 : lengths[i];
  block_head head;
  make_head(lengths, MOST_DISTANCES, &head);
  // The end of the block is among the symbols.
  size_t bits = head.bits + bits_of_tokens(e, lengths);
  if (e->writer.next == NULL) {
    e->writer.counted += bits;
  } else if (has_room(&e->writer, bits)) {
    put_head(&e->writer, &head, MOST_DISTANCES, is_final);
    put_tokens(e, lengths, codes, distance_codes);
    put(&e->writer, codes[END], lengths[END]);
  }
  e->token_count = 0;
  memset(e->frequencies, 0, sizeof e->frequencies);
}

static inline void add(encoder *e, token t) {
  if (e->token_count == BLOCK_TOKENS) end_block(e, 0);
  e->tokens[e->token_count++] = t;
}

static inline void add_literal(encoder *e, int32_t at) {
  add(e, (token){e->input[at], 0});
  e->frequencies[e->input[at]]++;
}

static inline void add_match(encoder *e, int length, int32_t distance) {
  unsigned extra;
  add(e, (token){(uint16_t)length, (uint16_t)distance});
  e->frequencies[code_of_run((unsigned)length).symbol]++;
  e->frequencies[LITERALS + code_of_distance((unsigned)distance, &extra)]++;
}

// `count` bytes from `at` on that are like the one before.
static void add_same(encoder *e, int32_t at, int32_t count) {
  for (int32_t end = at + count; at < end;) {
    int32_t left = end - at;
    if (left < SHORTEST_RUN) {
      add_literal(e, at++);
      continue;
    }
    int length = left <= LONGEST_RUN ? left : left < LONGEST_RUN + SHORTEST_RUN ? LONGEST_RUN - SHORTEST_RUN : LONGEST_RUN;
    add_match(e, length, 1);
    at += length;
  }
}

// Codes a run of `length` at `at`, and what follows it as it follows one before; returns the place behind.
static int32_t code_run(encoder *e, int32_t at, int32_t length) {
  const uint8_t *input = e->input;
  int32_t end = at + length, distance = 0;
  // Of a long one, the last match is the one that goes on.
  int32_t last = length <= LONGEST_RUN ? length : SHORTEST_RUN + length % (LONGEST_RUN / 2);
  int behind = 0, most = room_at(e, end) < LONGEST_RUN - last ? room_at(e, end) : LONGEST_RUN - last;
  for (uint32_t i = 1; i <= RUNS && i <= e->run_count && behind < most; i++) {
    run before = e->runs[(e->run_count - i) % RUNS];
    if (end - before.end > e->window) break;
    // A match may have reached into this one, which is known then.
    if (before.end == end || before.length < last || input[before.end - 1] != input[at]) continue;
    int found = common(input + before.end, input + end, most);
    if (found > behind) {
      behind = found;
      distance = end - before.end;
    }
  }
  if (behind < LEAST_BEHIND) behind = last = 0;
  int32_t first = at;
  if (end - last > first && (at == 0 || input[at - 1] != input[at])) add_literal(e, first++);
  add_same(e, first, end - last - first);
  if (last > 0) add_match(e, last + behind, distance);
  return end + behind;
}

// Codes what stands at `at`, where no run is; returns the place behind.
static int32_t code_between(encoder *e, int32_t at) {
  int length = 0;
  // Places before `known` are known to later searches.
  int32_t distance = find(e, at, &length), known = at + 1;
  while (distance != 0 && length < LAZY) {
    // What begins one byte later may be worth a literal.
    if (run_at(e, at + 1) > length) {
      distance = 0;
      break;
    }
    int32_t later = find(e, at + 1, &length);
    known = at + 2;
    if (later == 0) break;
    add_literal(e, at++);
    distance = later;
  }
  if (distance == 0) {
    add_literal(e, at++);
    e->misses++;
    // Where nothing was found for long, not every place is looked at.
    int passed = e->misses < PATIENCE ? 0 : e->misses < 4 * PATIENCE ? 1 : 2;
    for (; passed > 0 && at + RUN < e->size && run_at(e, at) == 0; passed--) {
      enter(e, at, at + 1);
      add_literal(e, at++);
    }
    return at;
  }
  e->misses = 0;
  add_match(e, length, distance);
  enter(e, known, at + length);
  return at + length;
}

static void encode(encoder *e, int32_t start) {
  for (int32_t at = start; at < e->size && !e->writer.is_full;) {
    int32_t length = run_at(e, at);
    if (length == 0) {
      at = code_between(e, at);
      continue;
    }
    int32_t next = code_run(e, at, length);
    enter(e, at, next);
    at = next;
  }
}

size_t tm_deflate_plain(
    const uint8_t *input, size_t size, size_t before, int window_bits, int skip, int is_final, uint8_t *output,
    size_t capacity) {
  if (size > INT32_MAX / 2 || before > WINDOW || window_bits < 8 || 1 << window_bits > WINDOW) return 0;
  encoder *e = malloc(sizeof *e);
  if (e == NULL) return 0;
  e->input = input - before;
  e->size = (int32_t)(before + size);
  e->window = 1 << window_bits;
  memset(e->heads, 0xFF, sizeof e->heads);
  memset(e->nearest, 0xFF, sizeof e->nearest);
  memset(e->frequencies, 0, sizeof e->frequencies);
  // What filtered drawings are like.
  memset(e->costs, 7, LITERALS);
  memset(e->costs + LITERALS, 5, MOST_DISTANCES);
  e->costs[0] = 2;
  e->costs[1] = e->costs[255] = 4;
  e->run_count = 0;
  e->run_end = 0;
  e->misses = 0;
  e->token_count = 0;
  e->writer = (bit_writer){.next = output, .end = output + capacity, .count = (unsigned)skip};
  enter(e, 0, (int32_t)before);
  encode(e, (int32_t)before);
  end_block(e, is_final);
  bit_writer writer = e->writer;
  free(e);
  return finish(&writer, output, is_final);
}
