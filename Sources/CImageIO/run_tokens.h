#pragma once
// What quick_deflate.c sends for a part: which bytes are literals, and which stand in runs.
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "../CSignal/dispatch.h"
#include "deflate_codes.h"

#if defined(WIDE)
#include <immintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

// A block of the stream is parts until they have so many tokens: where little is sent, codes of its own cost more than they save.
enum { PART = 1 << 15, AMPLE = 3 << 13 };
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

// A token for each of 64 bytes whose bit in `kept` is set.
BODY uint16_t *add_literals(uint16_t *next, const uint8_t *bytes, uint64_t kept) {
  typedef uint8_t step_b __attribute__((vector_size(STEP)));
  typedef uint16_t step_w __attribute__((vector_size(2 * STEP)));
  while (kept != 0) {
    unsigned from = (unsigned)__builtin_ctzll(kept), count = 1;
    if (kept >> from >> 1 != 0) {
      uint64_t others = ~(kept >> from);
      count = others == 0 ? WORD : (unsigned)__builtin_ctzll(others);
    }
    // Most stretches are short: a vector at a time, whatever lies behind.
    unsigned done = 0;
    for (; done < count && from + done + STEP <= WORD; done += STEP) {
      step_b some;
      memcpy(&some, bytes + from + done, sizeof some);
      step_w tokens = __builtin_convertvector(some, step_w);
      memcpy(next + done, &tokens, sizeof tokens);
    }
    for (; done < count; done++) next[done] = bytes[from + done];
    next += count;
    kept = from + count < WORD ? kept >> (from + count) << (from + count) : 0;
  }
  return next;
}

// The same, eight bytes at a time whatever is kept of them: nothing to guess for the processor. C has no word for the shuffle.
#if defined(__ARM_NEON) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define HAS_SHUFFLE
#define SHUFFLING static inline
SHUFFLING void add_eight(uint16_t *next, const uint8_t *bytes, uint64_t order) {
  vst1q_u16(next, vmovl_u8(vtbl1_u8(vld1_u8(bytes), vcreate_u8(order))));
}
#elif defined(WIDE)
#define HAS_SHUFFLE
#define SHUFFLING WIDE inline
SHUFFLING void add_eight(uint16_t *next, const uint8_t *bytes, uint64_t order) {
  __m128i eight = _mm_loadl_epi64((const __m128i *)bytes);
  __m128i placed = _mm_shuffle_epi8(eight, _mm_cvtsi64_si128((long long)order));
  _mm_storeu_si128((__m128i *)next, _mm_cvtepu8_epi16(placed));
}
#endif

#if defined(HAS_SHUFFLE)

// Where the bytes of a set of eight stand, the set's bits being the index: what puts them side by side.
#define BELOW(set, place) __builtin_popcount((set) & ((1 << (place)) - 1))
#define PLACED(set, place) ((set) >> (place) & 1 ? (uint64_t)(place) << 8 * BELOW(set, place) : 0)
#define PLACES(set)                                                                                              \
  (PLACED(set, 0) | PLACED(set, 1) | PLACED(set, 2) | PLACED(set, 3) | PLACED(set, 4) | PLACED(set, 5) |         \
   PLACED(set, 6) | PLACED(set, 7))
#define SETS4(set) PLACES(set), PLACES(set + 1), PLACES(set + 2), PLACES(set + 3)
#define SETS16(set) SETS4(set), SETS4(set + 4), SETS4(set + 8), SETS4(set + 12)
#define SETS64(set) SETS16(set), SETS16(set + 16), SETS16(set + 32), SETS16(set + 48)
static const uint64_t places[256] = {SETS64(0), SETS64(64), SETS64(128), SETS64(192)};

SHUFFLING uint16_t *add_shuffled(uint16_t *next, const uint8_t *bytes, uint64_t kept) {
  for (int i = 0; i < WORD; i += 8) {
    unsigned set = kept >> i & 0xFF;
    add_eight(next, bytes + i, places[set]);
    next += __builtin_popcount(set);
  }
  return next;
}

#endif

static const uint64_t LAST = (uint64_t)1 << (WORD - 1);

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

// Puts the first run of those from `starts` to `ends` in the place of its first byte's token.
BODY void set_run(uint16_t *first, uint64_t kept, uint64_t *starts, uint64_t *ends) {
  uint64_t before = (*starts & -*starts) - 1;
  unsigned length = (unsigned)(__builtin_ctzll(*ends | LAST) - __builtin_ctzll(*starts | LAST));
  first[__builtin_popcountll(kept & before)] = (uint16_t)(RUN + length);
  *starts &= *starts - 1;
  *ends &= *ends - 1;
}

typedef uint16_t *literals_of(uint16_t *next, const uint8_t *bytes, uint64_t kept);

// Adds the tokens of a part: literals, and runs of what equals the byte before it.
BODY void add_part_with(literals_of *add, const uint8_t *input, size_t size, block_plan *plan) {
  uint16_t *next = plan->tokens + plan->count;
  // Where a run began that goes on, and whether one does.
  size_t start = 0;
  uint64_t inside = 0;
  uint64_t equal = equal_at(input, 0, size), tail = 0;
  for (size_t at = 0; at < size; at += WORD) {
    uint64_t after = equal_at(input, at + WORD, size);
    // Where three begin that are like the byte before, and all that are among such.
    uint64_t three = equal & (equal >> 1 | after << 63) & (equal >> 2 | after << 62);
    uint64_t member = three | three << 1 | three << 2 | tail;
    tail = three >> 63 | three >> 62;
    equal = after;
    uint64_t before = member << 1 | inside;
    uint64_t starts = member & ~before, ends = ~member & before;
    if ((inside & (ends == 0)) != 0) continue;
    // From here on hardly anything depends on what the bytes are that a processor would have to guess.
    size_t end = at + (size_t)__builtin_ctzll(ends | LAST);
    if (inside * (end - start) > LONGEST_RUN) {
      next = add_run(next, end - start, input[end - 1]);
    } else {
      *next = (uint16_t)(RUN + end - start);
      next += inside;
    }
    ends &= ends - inside;
    inside = member >> 63;
    unsigned last = WORD - 1 - (unsigned)__builtin_clzll(starts | 1);
    start = inside != 0 ? at + last : start;
    starts ^= inside << last;
    // Runs that begin and end here have the token of their first byte.
    uint64_t kept = ~member | starts;
    uint16_t *first = next;
    if (at + WORD <= size) {
      next = add(next, input + at, kept);
    } else {
      // Nothing behind the last byte is read.
      uint8_t bytes[WORD] = {0};
      memcpy(bytes, input + at, size - at);
      next = add(next, bytes, kept & (((uint64_t)1 << (size - at)) - 1));
    }
    // Where there are none, what is written stands behind the last token.
    for (int i = 0; i < 2; i++) set_run(first, kept, &starts, &ends);
    while (ends != 0) set_run(first, kept, &starts, &ends);
  }
  if (inside != 0) next = add_run(next, size - start, input[size - 1]);
  plan->count = (size_t)(next - plan->tokens);
  plan->size += size;
}

#if defined(HAS_SHUFFLE) && !defined(WIDE)
static void add_part_of(const uint8_t *input, size_t size, block_plan *plan) {
  add_part_with(add_shuffled, input, size, plan);
}
#else
static void add_part_of(const uint8_t *input, size_t size, block_plan *plan) {
  add_part_with(add_literals, input, size, plan);
}
#endif

#if defined(WIDE)
WIDE void add_part_of_avx2(const uint8_t *input, size_t size, block_plan *plan) {
  add_part_with(add_shuffled, input, size, plan);
}
#endif

static void add_part(const uint8_t *input, size_t size, block_plan *plan) { DISPATCH(add_part_of, input, size, plan); }
