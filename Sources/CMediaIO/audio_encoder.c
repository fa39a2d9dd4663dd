#include "audio_decoder.h"
#include "library.h"
#include "message.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct tm_audio_encoder {
  AVCodecContext *context;
  AVFrame *frame;
  AVPacket *packet;
  int64_t position;
};

/// Floats, one channel after the other where the encoder takes them so; of one that takes none, the decoder's integers.
static enum AVSampleFormat sample_format(const AVCodec *codec, enum AVSampleFormat decoded) {
  enum AVSampleFormat found = AV_SAMPLE_FMT_NONE;
  for (const enum AVSampleFormat *format = codec->sample_fmts; format && *format != AV_SAMPLE_FMT_NONE; format++) {
    if (*format == AV_SAMPLE_FMT_FLTP) return *format;
    if (*format == AV_SAMPLE_FMT_FLT) found = *format;
    if (*format == decoded && found == AV_SAMPLE_FMT_NONE) found = decoded;
  }
  return found == AV_SAMPLE_FMT_FLT || found == AV_SAMPLE_FMT_S16P || found == AV_SAMPLE_FMT_S32P ? found
                                                                                                 : AV_SAMPLE_FMT_NONE;
}

/// The integer of `bits` that a sample stands for; floats hold those of up to 24 exactly.
static int32_t integer(float sample, int bits) {
  double scale = (double)(1 << (bits - 1)), value = rint(sample * scale);
  return (int32_t)fmin(fmax(value, -scale), scale - 1);
}

static void fill(AVFrame *frame, int channel, int channels, const float *in, int count) {
  uint8_t *plane = frame->extended_data[av_sample_fmt_is_planar(frame->format) ? channel : 0];
  switch (frame->format) {
  case AV_SAMPLE_FMT_FLTP: memcpy(plane, in, (size_t)count * sizeof *in); break;
  case AV_SAMPLE_FMT_S16P: for (int i = 0; i < count; i++) ((int16_t *)plane)[i] = (int16_t)integer(in[i], 16); break;
  case AV_SAMPLE_FMT_S32P: for (int i = 0; i < count; i++) ((int32_t *)plane)[i] = integer(in[i], 24) * 256; break;
  default: for (int i = 0; i < count; i++) ((float *)plane)[(size_t)i * channels + channel] = in[i];
  }
}

int tm_audio_encoder_open(
    tm_audio_encoder **encoder, const tm_audio_encoding *encoding, const tm_audio *like, tm_audio_coder *result,
    char *message) {
  if (tm_video_load(message) < 0) return -1;
  tm_video_listen();
  const AVCodec *codec = avcodec_find_encoder_by_name(encoding->encoder);
  if (!codec) return tm_video_fail(message, encoding->encoder, AVERROR_ENCODER_NOT_FOUND);
  tm_audio_encoder *self = calloc(1, sizeof *self);
  if (!self) return tm_video_fail(message, encoding->encoder, AVERROR(ENOMEM));
  *encoder = self;
  self->context = avcodec_alloc_context3(codec);
  self->packet = av_packet_alloc();
  self->frame = av_frame_alloc();
  if (!self->context || !self->packet || !self->frame) return tm_video_fail(message, encoding->encoder, AVERROR(ENOMEM));
  AVCodecContext *context = self->context;
  context->sample_fmt = sample_format(codec, like->codec->sample_fmt);
  context->bits_per_raw_sample = context->sample_fmt == AV_SAMPLE_FMT_S32P ? 24 : 0;
  if (context->sample_fmt == AV_SAMPLE_FMT_NONE) return tm_video_fail(message, "sample format", AVERROR_PATCHWELCOME);
  context->sample_rate = like->codec->sample_rate;
  context->time_base = (AVRational){1, context->sample_rate};
  context->thread_count = 1;
  context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  int status = av_channel_layout_copy(&context->ch_layout, &like->codec->ch_layout);
  AVDictionary *options = NULL;
  if (status >= 0) status = av_dict_parse_string(&options, encoding->options, "=", ";", 0);
  if (status >= 0) status = avcodec_open2(context, codec, &options);
  const AVDictionaryEntry *unknown = av_dict_get(options, "", NULL, AV_DICT_IGNORE_SUFFIX);
  if (status >= 0 && unknown) status = tm_video_fail(message, unknown->key, AVERROR_OPTION_NOT_FOUND);
  else if (status < 0) tm_video_fail(message, "cannot set up the encoder", status);
  av_dict_free(&options);
  if (status < 0) return status;
  result->frame_size = context->frame_size;
  result->delay = context->initial_padding;
  result->config = context->extradata;
  result->config_size = (size_t)context->extradata_size;
  return 0;
}

int tm_audio_encoder_send(tm_audio_encoder *self, const float *samples, int count, char *message) {
  tm_video_listen();
  AVCodecContext *context = self->context;
  AVFrame *frame = self->frame;
  int status = 0, channels = context->ch_layout.nb_channels;
  if (samples) {
    av_frame_unref(frame);
    frame->format = context->sample_fmt;
    frame->nb_samples = count;
    frame->sample_rate = context->sample_rate;
    frame->pts = self->position;
    status = av_channel_layout_copy(&frame->ch_layout, &context->ch_layout);
    if (status >= 0) status = av_frame_get_buffer(frame, 0);
    if (status < 0) return tm_video_fail(message, "sound", status);
    for (int c = 0; c < channels; c++) fill(frame, c, channels, samples + (size_t)c * count, count);
    self->position += count;
  }
  status = avcodec_send_frame(context, samples ? frame : NULL);
  return status < 0 ? tm_video_fail(message, "cannot encode", status) : 0;
}

int tm_audio_encoder_receive(
    tm_audio_encoder *self, const uint8_t **data, size_t *size, int64_t *end, char *message) {
  tm_video_listen();
  av_packet_unref(self->packet);
  int status = avcodec_receive_packet(self->context, self->packet);
  if (status == AVERROR(EAGAIN) || status == AVERROR_EOF) return 0;
  if (status < 0) return tm_video_fail(message, "cannot encode", status);
  *data = self->packet->data;
  *size = (size_t)self->packet->size;
  *end = self->packet->pts + self->packet->duration;
  return 1;
}

void tm_audio_encoder_close(tm_audio_encoder *self) {
  if (!self) return;
  avcodec_free_context(&self->context);
  av_frame_free(&self->frame);
  av_packet_free(&self->packet);
  free(self);
}
