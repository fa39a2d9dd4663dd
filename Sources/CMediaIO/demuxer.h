#pragma once
#include "CMediaIO.h"

#include "functions.h"

/// A file that libavformat takes apart, read through the caller's function.
struct tm_demuxer {
  AVFormatContext *format;
  AVIOContext *io;
  void *opaque;
  tm_read read;
  int64_t position;
  int64_t size;
};

/// Opens a source and finds its streams, in at most `probe` bytes of it or as many as libavformat takes usually for 0. The
/// demuxer must not move in memory until it is closed, which it has to be on failure, too.
int tm_demuxer_open(struct tm_demuxer *demuxer, const tm_source *source, int64_t probe, char *message);
void tm_demuxer_close(struct tm_demuxer *demuxer);
