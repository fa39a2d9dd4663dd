#include "library.h"
#include "message.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static _Thread_local char logged[TM_VIDEO_MESSAGE];
static pthread_once_t once = PTHREAD_ONCE_INIT;

// The first complaint is the cause; what follows are its consequences.
static void keep(void *context, int level, const char *format, va_list arguments) {
  (void)context;
  if (level > AV_LOG_ERROR || logged[0]) return;
  vsnprintf(logged, sizeof logged, format, arguments);
  logged[strcspn(logged, "\r\n")] = 0;
}

static void install(void) { av_log_set_callback(keep); }

void tm_video_listen(void) {
  pthread_once(&once, install);
  logged[0] = 0;
}

/// What `status` says to people; empty where it says nothing of the cause.
static void describe(int status, char *words) {
  // Some decoders of libavcodec return -1 for damage, which is EPERM to av_strerror.
  if (status == -1 && logged[0]) return;
  if (status == AVERROR_PATCHWELCOME) {
    snprintf(words, AV_ERROR_MAX_STRING_SIZE, "this is not supported");
    return;
  }
  av_strerror(status == -1 ? AVERROR_INVALIDDATA : status, words, AV_ERROR_MAX_STRING_SIZE);
}

int tm_video_fail(char *message, const char *what, int status) {
  char words[AV_ERROR_MAX_STRING_SIZE] = "";
  describe(status, words);
  const char *colon = words[0] && logged[0] ? ": " : "";
  snprintf(message, TM_VIDEO_MESSAGE, "%s: %s%s%s", what, words, colon, logged);
  return status;
}
