#define _GNU_SOURCE
#include "CSystem.h"

#include <stdlib.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/mman.h>
#endif

int tm_unnamed_file(void) {
#ifdef __linux__
  return memfd_create("touchmark", MFD_CLOEXEC);
#else
  char name[] = "/tmp/touchmark-XXXXXX";
  int descriptor = mkstemp(name);
  if (descriptor >= 0) unlink(name);
  return descriptor;
#endif
}
