// Without the names of library.h: here they are what the libraries export.
#include "functions.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct tm_av tm_av;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static char failure[TM_VIDEO_MESSAGE];

#ifdef __APPLE__
#define TM_SONAME(name, major) "lib" name "." AV_STRINGIFY(major) ".dylib"
#else
#define TM_SONAME(name, major) "lib" name ".so." AV_STRINGIFY(major)
#endif

static void *library(const char *name) {
  void *handle = failure[0] ? NULL : dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (!handle && !failure[0]) {
    snprintf(
        failure, sizeof failure,
        "cannot load %s, which video and compressed sound are coded with; install FFmpeg's libraries (Debian: apt install "
        "ffmpeg), or use --layers metadata, which needs none",
        name);
  }
  return handle;
}

static void *symbol(void *handle, const char *name) {
  void *found = handle ? dlsym(handle, name) : NULL;
  if (!found && !failure[0]) snprintf(failure, sizeof failure, "%s is not in FFmpeg's libraries", name);
  return found;
}

static void load(void) {
  // SVT-AV1 speaks to the terminal past libav; errors alone are let through, unless the user has said otherwise.
  setenv("SVT_LOG", "1", 0);
  void *util = library(TM_SONAME("avutil", LIBAVUTIL_VERSION_MAJOR));
  void *codec = library(TM_SONAME("avcodec", LIBAVCODEC_VERSION_MAJOR));
  void *format = library(TM_SONAME("avformat", LIBAVFORMAT_VERSION_MAJOR));
#define TM_LOAD(name) *(void **)&tm_av.name##_ = symbol(TM_HANDLE, #name);
#define TM_HANDLE util
  TM_AVUTIL(TM_LOAD)
#undef TM_HANDLE
#define TM_HANDLE codec
  TM_AVCODEC(TM_LOAD)
#undef TM_HANDLE
#define TM_HANDLE format
  TM_AVFORMAT(TM_LOAD)
}

int tm_video_load(char *message) {
  pthread_once(&once, load);
  if (failure[0]) snprintf(message, TM_VIDEO_MESSAGE, "%s", failure);
  return failure[0] ? -1 : 0;
}
