#pragma once
#include "CMediaIO.h"

#include "functions.h"

struct tm_video_decoder {
  AVCodecContext *context;
  AVFrame *frame;
  AVPacket *packet;
};
