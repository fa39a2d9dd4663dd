// Deflate (RFC 1951) for filtered scanlines of pictures of few colours, most of whose bytes stand in runs. What searches them byte by byte
// for matches spends its time there. Here a run is one thing: it is compared with the runs before it, by what follows them. What
// lies between runs is searched for by hash chains of eight bytes, and for the nearest of three: shorter matches often cost more than
// their bytes do, which the codes of the block before tell.
#include "deflate.h"
#include "deflate_codes.h"

#include <stdlib.h>

enum { WINDOW = 32768, HASH_BITS = 15, HASHED = 8, CHAIN = 10, SHORT = 3, LONGEST_CODE = 15, BLOCK_TOKENS = 10240 };
// A match that nothing longer is looked for; one behind which no later one is; the longest whose cost is looked at.
enum { AMPLE = 80, LAZY = 16, DOUBTFUL = 8 };
// Bytes of a run, those at its end that are hashed, for others are like them, and runs that are compared.
enum { RUN = 8, RUN_TAIL = 7, RUNS = 16, LEAST_BEHIND = 3 };
// Places in a row without a match from which on some are passed over.
enum { PATIENCE = 64 };

// A match, or with a distance of 0 the literal `length`.
typedef struct {
  uint16_t length;
  uint16_t distance;
} token;

typedef struct {
  int32_t end;
  int32_t length;
} run;

typedef struct {
  // What matches may refer to as well comes first.
  const uint8_t *input;
  int32_t size;
  // The farthest that they reach.
  int32_t window;
  // Where bytes of a hash stood last: eight of them, and the places before that by place; and three of them.
  int32_t heads[1 << HASH_BITS];
  int32_t links[WINDOW];
  int32_t nearest[1 << HASH_BITS];
  run runs[RUNS];
  uint32_t run_count;
  // The end of the run that was noted last.
  int32_t run_end;
  // Places since the last match that none was found for.
  int32_t misses;
  bit_writer writer;
  token tokens[BLOCK_TOKENS];
  int token_count;
  uint32_t frequencies[MOST_CODES];
  // Bits of the codes of the block before.
  uint8_t costs[MOST_CODES];
} encoder;

static inline uint32_t load_short(const uint8_t *bytes) {
  uint32_t word;
  memcpy(&word, bytes, sizeof word);
  return word;
}

// Three bytes: their order in a word differs between processors, and the fourth is left out in any.
static inline uint32_t only_short(uint32_t word) {
  const uint32_t one = 1;
  return *(const uint8_t *)&one == 1 ? word << 8 : word >> 8;
}

static inline uint32_t hash_short(uint32_t word) { return only_short(word) * 0x9E3779B1u >> (32 - HASH_BITS); }

static inline uint32_t hash(uint64_t word) { return (uint32_t)(word * 0x9E3779B97F4A7C15ull >> (64 - HASH_BITS)); }

// Which byte of a word, by their order in memory, is the first that is not 0.
static inline int first_byte(uint64_t word) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  return __builtin_ctzll(word) >> 3;
#else
  return __builtin_clzll(word) >> 3;
#endif
}

// Equal bytes at two places, at most `most`.
static inline int common(const uint8_t *a, const uint8_t *b, int most) {
  int count = 0;
  for (; count + 8 <= most; count += 8) {
    uint64_t difference = load(a + count) ^ load(b + count);
    if (difference != 0) return count + first_byte(difference);
  }
  while (count < most && a[count] == b[count]) count++;
  return count;
}

static inline int room_at(const encoder *e, int32_t at) {
  return e->size - at < LONGEST_RUN ? e->size - at : LONGEST_RUN;
}

// Bytes from `at` on that are as the first is, if they are a run; else 0.
static inline int32_t run_at(const encoder *e, int32_t at) {
  if (at + RUN > e->size) return 0;
  const uint8_t *bytes = e->input + at;
  uint64_t same = bytes[0] * 0x0101010101010101ull;
  if (load(bytes) != same) return 0;
  int32_t length = RUN, left = e->size - at;
  for (; length + 8 <= left; length += 8) {
    uint64_t difference = load(bytes + length) ^ same;
    if (difference != 0) return length + first_byte(difference);
  }
  while (length < left && bytes[length] == bytes[0]) length++;
  return length;
}

static inline void insert(encoder *e, int32_t at) {
  uint32_t place = hash(load(e->input + at));
  e->links[at & (WINDOW - 1)] = e->heads[place];
  e->heads[place] = at;
  e->nearest[hash_short(load_short(e->input + at))] = at;
}

// Makes `from` … `to` known to later searches.
static void enter(encoder *e, int32_t from, int32_t to) {
  if (to > e->size - HASHED) to = e->size - HASHED;
  while (from < to) {
    int32_t length = from >= e->run_end ? run_at(e, from) : 0;
    if (length > 0) {
      e->run_end = from + length;
      e->runs[e->run_count++ % RUNS] = (run){from + length, length};
      insert(e, from);
    }
    if (from < e->run_end - RUN_TAIL) {
      from = e->run_end - RUN_TAIL;
    } else {
      insert(e, from++);
    }
  }
}

// Symbols of distances, RFC 1951 3.2.5.
static inline int code_of_distance(unsigned distance, unsigned *extra) {
  unsigned rest = distance - 1;
  *extra = rest < 4 ? 0 : 30 - (unsigned)__builtin_clz(rest);
  return (int)(rest < 4 ? rest : 2 * *extra + (rest >> *extra));
}

// Whether a match takes fewer bits than its bytes do.
static int pays(const encoder *e, int32_t at, int length, int32_t distance) {
  unsigned extra;
  run_code code = code_of_run((unsigned)length);
  int bits = e->costs[code.symbol] + code.extra + e->costs[LITERALS + code_of_distance((unsigned)distance, &extra)];
  bits += (int)extra;
  for (int i = 0; i < length; i++) bits -= e->costs[e->input[at + i]];
  return bits < 0;
}

// The longest match at `at` that is longer than `*length`, which it becomes; its distance, 0 for none.
static int32_t find(const encoder *e, int32_t at, int *length) {
  const uint8_t *here = e->input + at;
  int most = room_at(e, at), best = *length < SHORT ? SHORT - 1 : *length;
  if (most < HASHED || best >= most) return 0;
  int32_t distance = 0, oldest = at - e->window < 0 ? -1 : at - e->window - 1;
  uint32_t word = load_short(here);
  if (best < SHORT) {
    int32_t place = e->nearest[hash_short(word)];
    if (place > oldest && only_short(load_short(e->input + place) ^ word) == 0) {
      best = common(e->input + place, here, most);
      distance = at - place;
    }
  }
  uint64_t start = load(here);
  int32_t place = e->heads[hash(start)];
  for (int tries = CHAIN; place > oldest && tries > 0 && best < AMPLE && best < most; tries--) {
    const uint8_t *there = e->input + place;
    if (load(there) == start && (best < HASHED || load_short(there + best - 3) == load_short(here + best - 3))) {
      int found = common(there, here, most);
      if (found > best) {
        best = found;
        distance = at - place;
      }
    }
    place = e->links[place & (WINDOW - 1)];
  }
  if (distance == 0 || (best <= DOUBTFUL && !pays(e, at, best, distance))) return 0;
  *length = best;
  return distance;
}

static void put_tokens(encoder *e, const uint8_t *lengths, const uint16_t *codes, const uint16_t *distance_codes) {
  bit_writer *writer = &e->writer;
  for (int i = 0; i < e->token_count; i++) {
    token t = e->tokens[i];
    if (t.distance == 0) {
      put(writer, codes[t.length], lengths[t.length]);
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
    put(writer, bits, count + extra);
  }
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
  int32_t distance = find(e, at, &length);
  enter(e, at, at + 1);
  while (distance != 0 && length < LAZY) {
    // What begins one byte later may be worth a literal.
    int is_run = run_at(e, at + 1) > length;
    int32_t later = is_run ? 0 : find(e, at + 1, &length);
    if (is_run) distance = 0;
    if (later == 0) break;
    add_literal(e, at++);
    enter(e, at, at + 1);
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
  enter(e, at + 1, at + length);
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
