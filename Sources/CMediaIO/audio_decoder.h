#pragma once
#include "CMediaIO.h"

#include "functions.h"

struct tm_audio {
  /// Null for packets that the caller hands in.
  AVFormatContext *format;
  AVIOContext *io;
  AVCodecContext *codec;
  AVFrame *frame;
  AVPacket *packet;
  void *opaque;
  tm_audio_read read;
  int64_t position;
  int64_t size;
  int stream;
  float *samples;
  size_t capacity;
};
