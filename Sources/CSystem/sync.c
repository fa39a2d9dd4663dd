#define _GNU_SOURCE
#include "CSystem.h"

#include <fcntl.h>
#include <unistd.h>

void tm_start_writeback(int descriptor) {
#ifdef __linux__
  sync_file_range(descriptor, 0, 0, SYNC_FILE_RANGE_WRITE);
#else
  (void)descriptor;
#endif
}

int tm_sync_data(int descriptor) {
#ifdef __linux__
  return fdatasync(descriptor);
#else
  return fsync(descriptor);
#endif
}
