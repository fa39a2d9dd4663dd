#pragma once
// What plain_deflate.c knows of the bytes before a place: runs and where they stood, matches and what they cost.
#include <stdlib.h>

#include "../CSignal/dispatch.h"
#include "deflate_codes.h"

enum { WINDOW = 32768, HASH_BITS = 15, HASHED = 8, CHAIN = 10, SHORT = 3, BLOCK_TOKENS = 10240 };
// A match that nothing longer is looked for, and the longest whose cost is looked at.
enum { AMPLE = 80, DOUBTFUL = 8 };
// Bytes of a run, those at its end that are hashed, for others are like them, and runs that are compared.
enum { RUN = 8, RUN_TAIL = 7, RUNS = 16 };

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

// Whether no run begins at any of the first `count` bytes, as far as few of them tell: it holds seven pairs in a row that are alike, one of
// which is looked at.
static inline int has_no_run(const uint8_t *bytes, int count) {
  for (int i = RUN - 2; i < count + RUN - 2; i += RUN - 1) {
    if (bytes[i] == bytes[i + 1]) return 0;
  }
  return 1;
}

// Makes `from` … `to` known to later searches.
static void enter(encoder *e, int32_t from, int32_t to) {
  if (to > e->size - HASHED) to = e->size - HASHED;
  if (from >= e->run_end - RUN_TAIL && to + RUN < e->size && has_no_run(e->input + from, to - from)) {
    while (from < to) insert(e, from++);
    return;
  }
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

// Bits that `length` bytes take by themselves, DOUBTFUL at most; as many are read.
static inline int bits_of_bytes(const encoder *e, const uint8_t *bytes, int length) {
  uint64_t costs = 0;
  for (int i = 0; i < DOUBTFUL; i++) costs |= (uint64_t)e->costs[bytes[i]] << 8 * i;
  costs <<= 64 - 8 * length;
  return (int)(costs * 0x0101010101010101ull >> 56);
}

// Whether a match takes fewer bits than its bytes do.
static inline int pays(const encoder *e, int32_t at, int length, int32_t distance) {
  unsigned extra;
  int code = code_of_distance((unsigned)distance, &extra);
  int bits = e->costs[END + 1 + length - SHORTEST_RUN] + e->costs[LITERALS + code] + (int)extra;
  return bits < bits_of_bytes(e, e->input + at, length);
}

// Where what begins at a place may have stood before: by three bytes and by eight, -1 for neither.
typedef struct {
  int32_t near;
  int32_t far;
} candidates;

static inline int32_t oldest_at(const encoder *e, int32_t at) {
  return at - e->window < 0 ? 0 : at - e->window;
}

// Looks where three and eight bytes like those at `at` stood last, and makes the place known. It is not near the end.
static inline candidates look_up(encoder *e, int32_t at) {
  const uint8_t *input = e->input;
  uint32_t word = load_short(input + at), near_hash = hash_short(word);
  uint64_t start = load(input + at);
  uint32_t far_hash = hash(start);
  int32_t near = e->nearest[near_hash], far = e->heads[far_hash], oldest = oldest_at(e, at);
  e->nearest[near_hash] = e->heads[far_hash] = at;
  e->links[at & (WINDOW - 1)] = far;
  // Most places have no match: nothing is decided before both are known.
  int is_near = (near >= oldest) & (only_short(load_short(input + (near < 0 ? 0 : near)) ^ word) == 0);
  int is_far = (far >= oldest) & (load(input + (far < 0 ? 0 : far)) == start);
  return (candidates){is_near ? near : -1, is_far ? far : -1};
}

// The longest match of `from` at `at` that is longer than `*length`, which it becomes; its distance, 0 for none that is worth it.
BODY int32_t choose(const encoder *e, int32_t at, candidates from, int *length) {
  const uint8_t *here = e->input + at;
  int most = room_at(e, at), best = *length < SHORT ? SHORT - 1 : *length;
  int32_t distance = 0, place = from.far, oldest = oldest_at(e, at);
  if (from.near >= 0 && best < SHORT) {
    best = common(e->input + from.near, here, most);
    distance = at - from.near;
    if (place == from.near) place = e->links[place & (WINDOW - 1)];
  }
  uint64_t start = load(here);
  for (int tries = from.far < 0 ? 0 : CHAIN; place >= oldest && tries > 0 && best < AMPLE && best < most; tries--) {
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

// The longest match at `at` of all that is known, as `choose` finds it. The place becomes known.
BODY int32_t find(encoder *e, int32_t at, int *length) {
  if (at >= e->size - HASHED) return 0;
  candidates from = look_up(e, at);
  return from.near < 0 && from.far < 0 ? 0 : choose(e, at, from, length);
}
