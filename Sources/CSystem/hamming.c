#include "CSystem.h"

#define BODY static inline __attribute__((always_inline))

BODY int nearest(const uint64_t *hash, const uint64_t *others, int count) {
  int least = 257;
  for (int i = 0; i < count; i++) {
    int distance = 0;
    for (int word = 0; word < 4; word++) distance += __builtin_popcountll(hash[word] ^ others[4 * i + word]);
    least = distance < least ? distance : least;
  }
  return least;
}

#if defined(__x86_64__)
__attribute__((target("popcnt"))) static int nearest_popcnt(const uint64_t *hash, const uint64_t *others, int count) {
  return nearest(hash, others, count);
}
#endif

int tm_nearest_hash(const uint64_t *hash, const uint64_t *others, int count) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("popcnt")) return nearest_popcnt(hash, others, count);
#endif
  return nearest(hash, others, count);
}
