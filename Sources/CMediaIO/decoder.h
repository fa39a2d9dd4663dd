#pragma once
#include "CMediaIO.h"

#include "functions.h"

struct tm_video_decoder {
  AVCodecContext *context;
  AVFrame *frame;
  AVPacket *packet;
  /// What the decoder puts out where `frame` is its samples in planes; AV_PIX_FMT_NONE where it is the decoder's own.
  enum AVPixelFormat packed;
};
