#include "decoder.h"
#include "library.h"
#include "message.h"
#include "packed.h"

#include <stdlib.h>
#include <string.h>

int tm_video_decoder_open(tm_video_decoder **decoder, const tm_video_stream *stream, char *message) {
  if (tm_video_load(message) < 0) return -1;
  tm_video_listen();
  const AVCodecDescriptor *descriptor = avcodec_descriptor_get_by_name(stream->codec);
  const AVCodec *codec =
      descriptor ? avcodec_find_decoder(descriptor->id) : avcodec_find_decoder_by_name(stream->codec);
  if (!codec) return tm_video_fail(message, stream->codec, AVERROR_DECODER_NOT_FOUND);
  tm_video_decoder *self = calloc(1, sizeof *self);
  if (!self) return tm_video_fail(message, stream->codec, AVERROR(ENOMEM));
  *decoder = self;
  self->packed = AV_PIX_FMT_NONE;
  self->context = avcodec_alloc_context3(codec);
  self->frame = av_frame_alloc();
  self->packet = av_packet_alloc();
  if (!self->context || !self->frame || !self->packet) return tm_video_fail(message, stream->codec, AVERROR(ENOMEM));
  AVCodecContext *context = self->context;
  context->width = stream->width;
  context->height = stream->height;
  context->pkt_timebase = (AVRational){1, stream->timescale};
  context->thread_count = 1;
  if (stream->is_strict) context->err_recognition = AV_EF_EXPLODE | AV_EF_BITSTREAM | AV_EF_BUFFER | AV_EF_CRCCHECK;
  if (stream->config_size) {
    context->extradata = av_mallocz(stream->config_size + AV_INPUT_BUFFER_PADDING_SIZE);
    if (!context->extradata) return tm_video_fail(message, stream->codec, AVERROR(ENOMEM));
    memcpy(context->extradata, stream->config, stream->config_size);
    context->extradata_size = (int)stream->config_size;
  }
  int status = avcodec_open2(context, codec, NULL);
  return status < 0 ? tm_video_fail(message, "cannot set up the decoder", status) : 0;
}

// libavcodec hands additions over with their number in front, in eight bytes of which the last is the lowest.
static int attach(AVPacket *packet, const tm_video_coded *coded) {
  uint8_t *addition = av_packet_new_side_data(packet, AV_PKT_DATA_MATROSKA_BLOCKADDITIONAL, coded->alpha_size + 8);
  if (!addition) return AVERROR(ENOMEM);
  memset(addition, 0, 8);
  addition[7] = 1;
  memcpy(addition + 8, coded->alpha, coded->alpha_size);
  return 0;
}

int tm_video_decoder_send(tm_video_decoder *self, const tm_video_coded *coded, int64_t pts, char *message) {
  tm_video_listen();
  int status;
  if (coded) {
    status = av_new_packet(self->packet, (int)coded->size);
    if (status >= 0) {
      memcpy(self->packet->data, coded->data, coded->size);
      self->packet->pts = pts;
      if (coded->is_key) self->packet->flags |= AV_PKT_FLAG_KEY;
      if (coded->alpha) status = attach(self->packet, coded);
      if (status >= 0) status = avcodec_send_packet(self->context, self->packet);
      av_packet_unref(self->packet);
    }
  } else {
    status = avcodec_send_packet(self->context, NULL);
  }
  if (status == AVERROR(EAGAIN) || status >= 0) return status;
  return tm_video_fail(message, "cannot decode", status);
}

static int transfer(enum AVColorTransferCharacteristic value) {
  if (value == AVCOL_TRC_SMPTE2084) return TM_VIDEO_PQ;
  return value == AVCOL_TRC_ARIB_STD_B67 ? TM_VIDEO_HLG : TM_VIDEO_SDR;
}

static int describe(const tm_video_decoder *self, tm_video_picture *picture, char *message) {
  const AVFrame *frame = self->frame;
  const AVPixFmtDescriptor *format = av_pix_fmt_desc_get(frame->format);
  int refused = AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_FLOAT;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  refused |= AV_PIX_FMT_FLAG_BE;
#endif
  int is_planar = format && (format->nb_components == 1 || format->flags & AV_PIX_FMT_FLAG_PLANAR);
  int is_plain = format && !(format->flags & refused) && is_planar && format->comp[0].shift == 0;
  for (int i = 0; is_plain && i < format->nb_components; i++) {
    is_plain = format->comp[i].depth == format->comp[0].depth && format->comp[i].offset == 0
        && format->comp[i].step == (format->comp[0].depth > 8 ? 2 : 1);
  }
  if (!is_plain) {
    return tm_video_fail(message, format ? format->name : "pixel format", AVERROR_PATCHWELCOME);
  }
  memset(picture, 0, sizeof *picture);
  picture->width = frame->width;
  picture->height = frame->height;
  picture->depth = format->comp[0].depth;
  picture->has_alpha = (format->flags & AV_PIX_FMT_FLAG_ALPHA) != 0;
  int is_rgb = (format->flags & AV_PIX_FMT_FLAG_RGB) != 0;
  picture->model = format->nb_components < 3 ? TM_VIDEO_GRAY : is_rgb ? TM_VIDEO_GBR : TM_VIDEO_YUV;
  picture->chroma_shift_x = format->nb_components < 3 ? 0 : format->log2_chroma_w;
  picture->chroma_shift_y = format->nb_components < 3 ? 0 : format->log2_chroma_h;
  // The deprecated J formats say by their name what color_range says elsewhere; RGB is full unless it says otherwise.
  picture->is_full_range = frame->color_range == AVCOL_RANGE_JPEG || strncmp(format->name, "yuvj", 4) == 0
      || (is_rgb && frame->color_range != AVCOL_RANGE_MPEG);
  picture->transfer = transfer(frame->color_trc);
  picture->has_dynamic_light = av_frame_get_side_data(frame, AV_FRAME_DATA_DYNAMIC_HDR_PLUS)
      || av_frame_get_side_data(frame, AV_FRAME_DATA_DOVI_METADATA)
      || av_frame_get_side_data(frame, AV_FRAME_DATA_DOVI_RPU_BUFFER);
  picture->is_interlaced = frame->interlaced_frame;
  picture->is_top_field_first = frame->top_field_first;
  picture->reorder = self->context->has_b_frames;
  picture->profile = self->context->profile;
  picture->pts = frame->best_effort_timestamp;
  picture->format = format->name;
  for (int i = 0; i < format->nb_components; i++) {
    int plane = format->comp[i].plane;
    picture->planes[i] = frame->data[plane];
    picture->strides[i] = frame->linesize[plane];
  }
  return 1;
}

int tm_video_decoder_receive(tm_video_decoder *self, tm_video_picture *picture, char *message) {
  tm_video_listen();
  int status = avcodec_receive_frame(self->context, self->frame);
  if (status == AVERROR(EAGAIN) || status == AVERROR_EOF) return 0;
  if (status < 0) return tm_video_fail(message, "cannot decode", status);
  if (self->context->err_recognition & AV_EF_EXPLODE
      && (self->frame->decode_error_flags || self->frame->flags & AV_FRAME_FLAG_CORRUPT)) {
    return tm_video_fail(message, "a picture is damaged", AVERROR_INVALIDDATA);
  }
  self->packed = AV_PIX_FMT_NONE;
  if (tm_video_is_packed(av_pix_fmt_desc_get(self->frame->format))) {
    self->packed = self->frame->format;
    AVFrame *planar = av_frame_alloc();
    status = planar ? tm_video_unpack(self->frame, planar) : AVERROR(ENOMEM);
    if (status >= 0) {
      av_frame_unref(self->frame);
      av_frame_move_ref(self->frame, planar);
    }
    av_frame_free(&planar);
    if (status < 0) return tm_video_fail(message, "cannot copy a picture", status);
  }
  return describe(self, picture, message);
}

int tm_video_decoder_edit(tm_video_decoder *self, tm_video_picture *picture, char *message) {
  tm_video_listen();
  int status = av_frame_make_writable(self->frame);
  if (status < 0) return tm_video_fail(message, "cannot copy a picture", status);
  return describe(self, picture, message);
}

void tm_video_decoder_close(tm_video_decoder *self) {
  if (!self) return;
  avcodec_free_context(&self->context);
  av_frame_free(&self->frame);
  av_packet_free(&self->packet);
  free(self);
}
