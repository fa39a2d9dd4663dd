#include "audio_decoder.h"
#include "library.h"
#include "message.h"

#include <stdlib.h>
#include <string.h>

int tm_audio_open_coded(
    tm_audio **audio, const char *name, const uint8_t *config, size_t size, char *message) {
  if (tm_video_load(message) < 0) return -1;
  tm_video_listen();
  const AVCodecDescriptor *descriptor = avcodec_descriptor_get_by_name(name);
  const AVCodec *codec = descriptor ? avcodec_find_decoder(descriptor->id) : avcodec_find_decoder_by_name(name);
  if (!codec) return tm_video_fail(message, name, AVERROR_DECODER_NOT_FOUND);
  tm_audio *self = calloc(1, sizeof *self);
  if (!self) return tm_video_fail(message, name, AVERROR(ENOMEM));
  *audio = self;
  self->codec = avcodec_alloc_context3(codec);
  self->frame = av_frame_alloc();
  self->packet = av_packet_alloc();
  uint8_t *extra = av_mallocz(size + AV_INPUT_BUFFER_PADDING_SIZE);
  if (!self->codec || !self->frame || !self->packet || !extra) {
    av_free(extra);
    return tm_video_fail(message, name, AVERROR(ENOMEM));
  }
  if (size) memcpy(extra, config, size);
  self->codec->extradata = extra;
  self->codec->extradata_size = (int)size;
  self->codec->thread_count = 1;
  self->codec->err_recognition = AV_EF_EXPLODE;
  // A packet gives all of its sound, also what players leave out at the start.
  self->codec->flags2 |= AV_CODEC_FLAG2_SKIP_MANUAL;
  // The gains that AC-3 suggests for quiet rooms are left to whoever plays it; other decoders do not know the option.
  AVDictionary *options = NULL;
  int status = av_dict_set(&options, "drc_scale", "0", 0);
  if (status >= 0) status = avcodec_open2(self->codec, codec, &options);
  av_dict_free(&options);
  return status < 0 ? tm_video_fail(message, "cannot set up the decoder", status) : 0;
}

int tm_audio_open(tm_audio **audio, const tm_source *source, tm_audio_format *result, char *message) {
  if (tm_video_load(message) < 0) return -1;
  tm_video_listen();
  tm_audio *self = calloc(1, sizeof *self);
  if (!self) return tm_video_fail(message, source->format, AVERROR(ENOMEM));
  *audio = self;
  self->frame = av_frame_alloc();
  self->packet = av_packet_alloc();
  if (!self->frame || !self->packet) return tm_video_fail(message, source->format, AVERROR(ENOMEM));
  int status = tm_demuxer_open(&self->demuxer, source, 0, message);
  if (status < 0) return status;
  AVFormatContext *format = self->demuxer.format;
  const AVCodec *codec = NULL;
  // The first, as containers count them, and not what would be taken for the best.
  self->stream = -1;
  for (unsigned i = 0; i < format->nb_streams && !codec; i++) {
    if (format->streams[i]->codecpar->codec_type != AVMEDIA_TYPE_AUDIO) continue;
    codec = avcodec_find_decoder(format->streams[i]->codecpar->codec_id);
    self->stream = (int)i;
  }
  if (self->stream < 0 || !codec) return tm_video_fail(message, "no sound that can be decoded", AVERROR_DECODER_NOT_FOUND);
  for (unsigned i = 0; i < format->nb_streams; i++) {
    if ((int)i != self->stream) format->streams[i]->discard = AVDISCARD_ALL;
  }
  AVStream *stream = format->streams[self->stream];
  self->codec = avcodec_alloc_context3(codec);
  if (!self->codec) return tm_video_fail(message, codec->name, AVERROR(ENOMEM));
  status = avcodec_parameters_to_context(self->codec, stream->codecpar);
  self->codec->pkt_timebase = stream->time_base;
  self->codec->thread_count = 1;
  if (status >= 0) status = avcodec_open2(self->codec, codec, NULL);
  if (status < 0) return tm_video_fail(message, "cannot set up the decoder", status);
  result->sample_rate = self->codec->sample_rate;
  result->channels = self->codec->ch_layout.nb_channels;
  return 0;
}

static int convert(tm_audio *self, tm_audio_sound *sound, char *message) {
  const AVFrame *frame = self->frame;
  int channels = frame->ch_layout.nb_channels, count = frame->nb_samples;
  enum AVSampleFormat packed = av_get_packed_sample_fmt(frame->format);
  int is_planar = av_sample_fmt_is_planar(frame->format);
  if (channels < 1 || count < 0 || frame->sample_rate != self->codec->sample_rate) {
    return tm_video_fail(message, "the sound changes its kind", AVERROR_PATCHWELCOME);
  }
  size_t need = (size_t)channels * count;
  if (need > self->capacity) {
    float *larger = realloc(self->samples, need * sizeof *larger);
    if (!larger) return tm_video_fail(message, "sound", AVERROR(ENOMEM));
    self->samples = larger;
    self->capacity = need;
  }
  for (int c = 0; c < channels; c++) {
    const uint8_t *data = is_planar ? frame->extended_data[c] : frame->extended_data[0];
    int step = is_planar ? 1 : channels, first = is_planar ? 0 : c;
    float *out = self->samples + (size_t)c * count;
    for (int i = 0; i < count; i++) {
      size_t at = (size_t)i * step + first;
      switch (packed) {
      case AV_SAMPLE_FMT_U8: out[i] = (data[at] - 128) / 128.0f; break;
      case AV_SAMPLE_FMT_S16: out[i] = ((const int16_t *)data)[at] / 32768.0f; break;
      case AV_SAMPLE_FMT_S32: out[i] = (float)(((const int32_t *)data)[at] / 2147483648.0); break;
      case AV_SAMPLE_FMT_FLT: out[i] = ((const float *)data)[at]; break;
      case AV_SAMPLE_FMT_DBL: out[i] = (float)((const double *)data)[at]; break;
      default: return tm_video_fail(message, "sample format", AVERROR_PATCHWELCOME);
      }
    }
  }
  sound->position = -1;
  if (self->demuxer.format && frame->best_effort_timestamp != AV_NOPTS_VALUE) {
    AVStream *stream = self->demuxer.format->streams[self->stream];
    int64_t start = stream->start_time == AV_NOPTS_VALUE ? 0 : stream->start_time;
    AVRational rate = {1, frame->sample_rate};
    sound->position = av_rescale_q(frame->best_effort_timestamp - start, stream->time_base, rate);
  }
  sound->samples = self->samples;
  sound->channels = channels;
  sound->count = count;
  return 1;
}

int tm_audio_next(tm_audio *self, tm_audio_sound *sound, char *message) {
  tm_video_listen();
  for (;;) {
    int status = avcodec_receive_frame(self->codec, self->frame);
    if (status >= 0) return convert(self, sound, message);
    if (status == AVERROR_EOF) return 0;
    if (status != AVERROR(EAGAIN)) return tm_video_fail(message, "cannot decode", status);
    do {
      av_packet_unref(self->packet);
      status = av_read_frame(self->demuxer.format, self->packet);
    } while (status >= 0 && self->packet->stream_index != self->stream);
    if (status < 0 && status != AVERROR_EOF) return tm_video_fail(message, "cannot read", status);
    status = avcodec_send_packet(self->codec, status < 0 ? NULL : self->packet);
    // A damaged packet is silent, as in players; the next ones are heard.
    if (status < 0 && status != AVERROR_INVALIDDATA && status != AVERROR_EOF) {
      return tm_video_fail(message, "cannot decode", status);
    }
  }
}

int tm_audio_decode(
    tm_audio *self, const uint8_t *data, size_t size, tm_audio_sound *sound, tm_audio_format *result, char *message) {
  tm_video_listen();
  int status = av_new_packet(self->packet, (int)size);
  if (status >= 0) {
    memcpy(self->packet->data, data, size);
    status = avcodec_send_packet(self->codec, self->packet);
    av_packet_unref(self->packet);
  }
  if (status >= 0) status = avcodec_receive_frame(self->codec, self->frame);
  if (status == AVERROR(EAGAIN)) return 0;
  if (status < 0) return tm_video_fail(message, "cannot decode", status);
  result->sample_rate = self->codec->sample_rate;
  result->channels = self->codec->ch_layout.nb_channels;
  return convert(self, sound, message);
}

int tm_audio_seek(tm_audio *self, int64_t sample, char *message) {
  tm_video_listen();
  AVStream *stream = self->demuxer.format->streams[self->stream];
  int64_t start = stream->start_time == AV_NOPTS_VALUE ? 0 : stream->start_time;
  int64_t time = start + av_rescale_q(sample, (AVRational){1, self->codec->sample_rate}, stream->time_base);
  int status = av_seek_frame(self->demuxer.format, self->stream, time, AVSEEK_FLAG_BACKWARD);
  if (status < 0) return tm_video_fail(message, "cannot seek", status);
  avcodec_flush_buffers(self->codec);
  return 0;
}

void tm_audio_close(tm_audio *self) {
  if (!self) return;
  avcodec_free_context(&self->codec);
  tm_demuxer_close(&self->demuxer);
  av_frame_free(&self->frame);
  av_packet_free(&self->packet);
  free(self->samples);
  free(self);
}
