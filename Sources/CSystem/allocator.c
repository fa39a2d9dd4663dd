#include "CSystem.h"

// A header of the library comes before the question which library it is.
#include <stdlib.h>

#ifdef __GLIBC__
#include <malloc.h>
#include <sys/mman.h>
#endif

void tm_keep_freed_memory(void) {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 2000000000);
  mallopt(M_TOP_PAD, 16 << 20);
#endif
}

void tm_prefer_huge_pages(void) {
#if defined(__GLIBC__) && defined(MADV_HUGEPAGE)
  // A thread's heap holds 64 MB at most. What is not written to takes no memory.
  const uintptr_t size = 48 << 20, page = 2 << 20;
  void *next = malloc(size);
  if (next == NULL) return;
  uintptr_t start = ((uintptr_t)next + page - 1) & ~(page - 1), end = ((uintptr_t)next + size) & ~(page - 1);
  madvise((void *)start, end - start, MADV_HUGEPAGE);
  free(next);
#endif
}

void tm_release_freed_memory(void) {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}
