#include "CSystem.h"

// A header of the library comes before the question which library it is.
#include <stdlib.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

void tm_keep_freed_memory(void) {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 2000000000);
  mallopt(M_TOP_PAD, 16 << 20);
#endif
}

void tm_release_freed_memory(void) {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}
