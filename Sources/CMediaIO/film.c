#include "library.h"
#include "message.h"

#include <stdlib.h>
#include <string.h>

struct tm_film {
  AVFormatContext *format;
  AVCodecContext *codec;
  AVFrame *frame;
  AVPacket *packet;
  int64_t count;
};

static int begin(tm_film *self, const char *path, int width, int height, int rate) {
  const AVCodec *codec = avcodec_find_encoder_by_name("libx264");
  if (!codec) return AVERROR_ENCODER_NOT_FOUND;
  self->codec = avcodec_alloc_context3(codec);
  self->frame = av_frame_alloc();
  self->packet = av_packet_alloc();
  if (!self->codec || !self->frame || !self->packet) return AVERROR(ENOMEM);
  AVCodecContext *context = self->codec;
  context->width = width;
  context->height = height;
  context->pix_fmt = AV_PIX_FMT_YUV420P;
  context->time_base = (AVRational){1, rate};
  context->framerate = (AVRational){rate, 1};
  // A picture that decoding can begin with every two seconds, as services ask for.
  context->gop_size = 2 * rate;
  context->thread_count = 1;
  context->color_range = AVCOL_RANGE_MPEG;
  context->color_primaries = AVCOL_PRI_BT709;
  context->color_trc = AVCOL_TRC_BT709;
  context->colorspace = AVCOL_SPC_BT709;
  context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
  AVDictionary *options = NULL;
  av_dict_set(&options, "crf", "20", 0);
  av_dict_set(&options, "preset", "medium", 0);
  // Where it looks ahead by macroblocks, x264 0.164 reads memory that nothing was written to on processors with AVX-512.
  av_dict_set(&options, "mbtree", "0", 0);
  int status = avcodec_open2(context, codec, &options);
  av_dict_free(&options);
  if (status < 0) return status;
  self->frame->width = width;
  self->frame->height = height;
  self->frame->format = context->pix_fmt;
  status = av_frame_get_buffer(self->frame, 0);
  if (status >= 0) status = avformat_alloc_output_context2(&self->format, NULL, "mp4", NULL);
  if (status < 0) return status;
  self->format->flags |= AVFMT_FLAG_BITEXACT;
  AVStream *stream = avformat_new_stream(self->format, NULL);
  if (!stream) return AVERROR(ENOMEM);
  stream->time_base = context->time_base;
  stream->avg_frame_rate = context->framerate;
  status = avcodec_parameters_from_context(stream->codecpar, context);
  if (status >= 0) status = avio_open(&self->format->pb, path, AVIO_FLAG_WRITE);
  if (status >= 0) status = avformat_write_header(self->format, NULL);
  return status;
}

int tm_film_open(tm_film **film, const char *path, int width, int height, int rate, char *message) {
  *film = NULL;
  int status = tm_video_load(message);
  if (status < 0) return status;
  tm_video_listen();
  tm_film *self = calloc(1, sizeof *self);
  if (!self) return tm_video_fail(message, "cannot begin a film", AVERROR(ENOMEM));
  *film = self;
  status = begin(self, path, width, height, rate);
  return status < 0 ? tm_video_fail(message, "cannot begin a film", status) : 0;
}

static int send(tm_film *self, const AVFrame *frame) {
  int status = avcodec_send_frame(self->codec, frame);
  while (status >= 0) {
    status = avcodec_receive_packet(self->codec, self->packet);
    if (status == AVERROR(EAGAIN) || status == AVERROR_EOF) return 0;
    if (status < 0) return status;
    self->packet->stream_index = 0;
    av_packet_rescale_ts(self->packet, self->codec->time_base, self->format->streams[0]->time_base);
    status = av_interleaved_write_frame(self->format, self->packet);
  }
  return status;
}

int tm_film_write(tm_film *self, const uint8_t *planes, char *message) {
  tm_video_listen();
  int status = av_frame_make_writable(self->frame);
  if (status < 0) return tm_video_fail(message, "cannot write a picture", status);
  for (int plane = 0; plane < 3; plane++) {
    int width = plane ? self->codec->width / 2 : self->codec->width;
    int height = plane ? self->codec->height / 2 : self->codec->height;
    for (int y = 0; y < height; y++, planes += width) {
      memcpy(self->frame->data[plane] + (ptrdiff_t)y * self->frame->linesize[plane], planes, (size_t)width);
    }
  }
  self->frame->pts = self->count++;
  status = send(self, self->frame);
  return status < 0 ? tm_video_fail(message, "cannot write a picture", status) : 0;
}

int tm_film_finish(tm_film *self, char *message) {
  tm_video_listen();
  int status = send(self, NULL);
  if (status >= 0) status = av_write_trailer(self->format);
  int closed = avio_closep(&self->format->pb);
  if (status >= 0) status = closed;
  return status < 0 ? tm_video_fail(message, "cannot finish a film", status) : 0;
}

void tm_film_close(tm_film *self) {
  if (!self) return;
  if (self->format) {
    if (self->format->pb) avio_closep(&self->format->pb);
    avformat_free_context(self->format);
  }
  avcodec_free_context(&self->codec);
  av_frame_free(&self->frame);
  av_packet_free(&self->packet);
  free(self);
}
