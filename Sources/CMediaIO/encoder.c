#include "decoder.h"
#include "library.h"
#include "light.h"
#include "message.h"
#include "packed.h"

#include <stdlib.h>
#include <string.h>

struct tm_video_encoder {
  AVCodecContext *context;
  AVPacket *packet;
  /// The picture as the encoder takes it, where the decoder's is in planes and the encoder's is not.
  AVFrame *packed;
};

/// The format of the source: that of the decoder, or the packed one with the same values.
static enum AVPixelFormat stored_format(const AVCodec *codec, const tm_video_decoder *decoder) {
  if (decoder->packed != AV_PIX_FMT_NONE) return decoder->packed;
  enum AVPixelFormat format = decoder->frame->format;
  if (format != AV_PIX_FMT_GBRP || !codec->pix_fmts) return format;
  int takes_packed = 0;
  for (const enum AVPixelFormat *own = codec->pix_fmts; *own != AV_PIX_FMT_NONE; own++) {
    if (*own == format) return format;
    takes_packed |= *own == AV_PIX_FMT_BGR0;
  }
  return takes_packed ? AV_PIX_FMT_BGR0 : format;
}

static void adopt(AVCodecContext *context, const AVFrame *frame, const tm_video_encoding *encoding) {
  context->width = frame->width;
  context->height = frame->height;
  context->sample_aspect_ratio = frame->sample_aspect_ratio;
  context->color_range = frame->color_range;
  context->color_primaries = frame->color_primaries;
  context->color_trc = frame->color_trc;
  context->colorspace = frame->colorspace;
  context->chroma_sample_location = frame->chroma_location;
  context->time_base = (AVRational){1, encoding->timescale};
  context->framerate = av_d2q(encoding->rate, 1001000);
  context->thread_count = 1;
  context->max_b_frames = encoding->reorder > 3 ? 3 : encoding->reorder > 0 ? 3 : 0;
  if (frame->interlaced_frame) {
    context->flags |= AV_CODEC_FLAG_INTERLACED_DCT | AV_CODEC_FLAG_INTERLACED_ME;
    context->field_order = frame->top_field_first ? AV_FIELD_TT : AV_FIELD_BB;
  }
  if (encoding->has_global_header) context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
}

int tm_video_encoder_open(
    tm_video_encoder **encoder, const tm_video_encoding *encoding, tm_video_decoder *like, char *message) {
  if (tm_video_load(message) < 0) return -1;
  tm_video_listen();
  const AVCodec *codec = avcodec_find_encoder_by_name(encoding->encoder);
  if (!codec) return tm_video_fail(message, encoding->encoder, AVERROR_ENCODER_NOT_FOUND);
  tm_video_encoder *self = calloc(1, sizeof *self);
  if (!self) return tm_video_fail(message, encoding->encoder, AVERROR(ENOMEM));
  *encoder = self;
  self->context = avcodec_alloc_context3(codec);
  self->packet = av_packet_alloc();
  if (!self->context || !self->packet) return tm_video_fail(message, encoding->encoder, AVERROR(ENOMEM));
  adopt(self->context, like->frame, encoding);
  self->context->pix_fmt = stored_format(codec, like);
  AVRational rate = like->context->framerate;
  if (encoding->is_counted && rate.num > 0 && rate.den > 0) {
    self->context->framerate = rate;
    self->context->time_base = (AVRational){rate.den, rate.num};
  }
  if (self->context->pix_fmt != like->frame->format) {
    self->packed = av_frame_alloc();
    if (!self->packed) return tm_video_fail(message, encoding->encoder, AVERROR(ENOMEM));
  }
  AVDictionary *options = NULL;
  int status = av_dict_parse_string(&options, encoding->options, "=", ";", 0);
  char light[256];
  tm_video_light_options(like->frame, light, sizeof light);
  if (status >= 0 && light[0] && strcmp(encoding->encoder, "libx265") == 0) {
    status = av_dict_set(&options, "x265-params", light, AV_DICT_APPEND);
  }
  if (status >= 0) status = avcodec_open2(self->context, codec, &options);
  const AVDictionaryEntry *unknown = av_dict_get(options, "", NULL, AV_DICT_IGNORE_SUFFIX);
  if (status >= 0 && unknown) status = tm_video_fail(message, unknown->key, AVERROR_OPTION_NOT_FOUND);
  else if (status < 0) tm_video_fail(message, "cannot set up the encoder", status);
  av_dict_free(&options);
  return status;
}

int tm_video_encoder_send(
    tm_video_encoder *self, tm_video_decoder *decoder, int64_t pts, tm_video_kind kind, char *message) {
  tm_video_listen();
  AVFrame *frame = decoder ? decoder->frame : NULL;
  if (frame) {
    frame->pts = pts;
    // The source's own kinds would be forced upon the encoder.
    frame->pict_type = kind == TM_VIDEO_KEY ? AV_PICTURE_TYPE_I
        : kind == TM_VIDEO_FORWARD          ? AV_PICTURE_TYPE_P
                                            : AV_PICTURE_TYPE_NONE;
  }
  int status = 0;
  if (frame && self->packed) {
    status = tm_video_pack(frame, self->context->pix_fmt, self->packed);
    frame = self->packed;
  }
  if (status >= 0) status = avcodec_send_frame(self->context, frame);
  if (status == AVERROR(EAGAIN) || status >= 0) return status;
  return tm_video_fail(message, "cannot encode", status);
}

int tm_video_encoder_receive(tm_video_encoder *self, tm_video_packet *packet, char *message) {
  tm_video_listen();
  av_packet_unref(self->packet);
  int status = avcodec_receive_packet(self->context, self->packet);
  if (status == AVERROR(EAGAIN) || status == AVERROR_EOF) return 0;
  if (status < 0) return tm_video_fail(message, "cannot encode", status);
  size_t size = 0;
  const uint8_t *addition = av_packet_get_side_data(self->packet, AV_PKT_DATA_MATROSKA_BLOCKADDITIONAL, &size);
  // The number of the addition stands in front of it.
  int has_alpha = addition && size > 8;
  packet->coded = (tm_video_coded){
      .data = self->packet->data,
      .size = (size_t)self->packet->size,
      .alpha = has_alpha ? addition + 8 : NULL,
      .alpha_size = has_alpha ? size - 8 : 0,
      .is_key = (self->packet->flags & AV_PKT_FLAG_KEY) != 0,
  };
  packet->pts = self->packet->pts;
  return 1;
}

int tm_video_encoder_header(tm_video_encoder *self, uint8_t **bytes, size_t *size, char *message) {
  tm_video_listen();
  AVFormatContext *format = NULL;
  int status = avformat_alloc_output_context2(&format, NULL, "mp4", NULL);
  if (status < 0) return tm_video_fail(message, "mp4", status);
  AVStream *stream = avformat_new_stream(format, NULL);
  status = stream ? avcodec_parameters_from_context(stream->codecpar, self->context) : AVERROR(ENOMEM);
  AVDictionary *options = NULL;
  if (status >= 0) {
    stream->time_base = self->context->time_base;
    av_dict_set(&options, "movflags", "empty_moov+default_base_moof+write_colr", 0);
    status = avio_open_dyn_buf(&format->pb);
  }
  if (status >= 0) {
    status = avformat_write_header(format, &options);
    *size = (size_t)avio_close_dyn_buf(format->pb, bytes);
    format->pb = NULL;
  }
  av_dict_free(&options);
  avformat_free_context(format);
  return status < 0 ? tm_video_fail(message, "cannot describe the stream", status) : 0;
}

void tm_video_encoder_config(const tm_video_encoder *self, const uint8_t **bytes, size_t *size) {
  *bytes = self->context->extradata;
  *size = (size_t)self->context->extradata_size;
}

void tm_video_encoder_close(tm_video_encoder *self) {
  if (!self) return;
  avcodec_free_context(&self->context);
  av_packet_free(&self->packet);
  av_frame_free(&self->packed);
  free(self);
}

void tm_video_free(void *bytes) { av_free(bytes); }

int tm_video_has_encoder(const char *name) {
  char message[TM_VIDEO_MESSAGE];
  return tm_video_load(message) == 0 && avcodec_find_encoder_by_name(name) != NULL;
}
