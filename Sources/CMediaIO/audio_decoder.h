#pragma once
#include "CMediaIO.h"

#include "demuxer.h"

struct tm_audio {
  /// Empty for packets that the caller hands in.
  struct tm_demuxer demuxer;
  AVCodecContext *codec;
  AVFrame *frame;
  AVPacket *packet;
  int stream;
  float *samples;
  size_t capacity;
};
