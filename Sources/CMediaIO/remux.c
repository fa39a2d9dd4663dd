#include "demuxer.h"
#include "library.h"
#include "message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// Pictures that wait for the time of the one before them, at most.
enum { HELD = 32 };

/// What becomes of one track.
struct route {
  int is_omitted;
  /// Its place in the target; -1 for none.
  int index;
  /// Whether a picture that can be decoded alone has come.
  int has_begun;
  /// The last decoding time written, in the source's units.
  int64_t dts;
  /// A picture without a time at which it is shown, and what comes behind it.
  AVPacket *held[HELD];
  int held_count;
};

struct tm_remuxer {
  struct tm_demuxer demuxer;
  AVFormatContext *target;
  AVPacket *packet;
  unsigned count;
  struct route *routes;
};

/// Bytes in which all tracks must have begun: some seconds of a broadcast.
enum { PROBE = 32 << 20 };

static const char *const muxers[] = {"mp4", "ipod", "3gp", "matroska", "wav"};

/// Plain samples as RIFF has them: the same values, least significant byte first, and bytes without a sign.
static enum AVCodecID stored_codec(enum AVCodecID codec, enum tm_container container) {
  if (container != TM_WAVE) return codec;
  switch (codec) {
  case AV_CODEC_ID_PCM_S8: return AV_CODEC_ID_PCM_U8;
  case AV_CODEC_ID_PCM_S16BE: return AV_CODEC_ID_PCM_S16LE;
  case AV_CODEC_ID_PCM_S24BE: return AV_CODEC_ID_PCM_S24LE;
  case AV_CODEC_ID_PCM_S32BE: return AV_CODEC_ID_PCM_S32LE;
  case AV_CODEC_ID_PCM_F32BE: return AV_CODEC_ID_PCM_F32LE;
  case AV_CODEC_ID_PCM_F64BE: return AV_CODEC_ID_PCM_F64LE;
  default: return codec;
  }
}

static void store(uint8_t *bytes, int size, enum AVCodecID from) {
  if (from == AV_CODEC_ID_PCM_S8) {
    for (int i = 0; i < size; i++) bytes[i] ^= 0x80;
    return;
  }
  int width = from == AV_CODEC_ID_PCM_S16BE ? 2
      : from == AV_CODEC_ID_PCM_S24BE       ? 3
      : from == AV_CODEC_ID_PCM_F64BE       ? 8
                                            : 4;
  for (int i = 0; i + width <= size; i += width) {
    for (int a = i, b = i + width - 1; a < b; a++, b--) {
      uint8_t byte = bytes[a];
      bytes[a] = bytes[b];
      bytes[b] = byte;
    }
  }
}

int tm_remuxer_open(tm_remuxer **remuxer, const tm_source *source, char *message) {
  if (tm_video_load(message) < 0) return -1;
  tm_video_listen();
  tm_remuxer *self = calloc(1, sizeof *self);
  if (!self) return tm_video_fail(message, source->format, AVERROR(ENOMEM));
  *remuxer = self;
  self->packet = av_packet_alloc();
  if (!self->packet) return tm_video_fail(message, source->format, AVERROR(ENOMEM));
  int status = tm_demuxer_open(&self->demuxer, source, PROBE, message);
  if (status < 0) return status;
  self->count = self->demuxer.format->nb_streams;
  self->routes = calloc(self->count + 1, sizeof *self->routes);
  return self->routes ? 0 : tm_video_fail(message, source->format, AVERROR(ENOMEM));
}

int tm_remuxer_count(const tm_remuxer *self) { return (int)self->count; }

tm_track tm_remuxer_track(const tm_remuxer *self, int index) {
  const AVStream *stream = self->demuxer.format->streams[index];
  const AVCodecParameters *codec = stream->codecpar;
  tm_track track = {TM_TRACK_DATA, avcodec_get_name(codec->codec_id), 0, 1};
  switch (codec->codec_type) {
  case AVMEDIA_TYPE_VIDEO:
    track.kind = stream->disposition & AV_DISPOSITION_ATTACHED_PIC ? TM_TRACK_PICTURE : TM_TRACK_VIDEO;
    track.is_described = codec->width > 0 && codec->height > 0;
    break;
  case AVMEDIA_TYPE_AUDIO:
    track.kind = TM_TRACK_AUDIO;
    track.is_described = codec->sample_rate > 0 && codec->ch_layout.nb_channels > 0;
    track.is_pcm = codec->codec_id >= AV_CODEC_ID_FIRST_AUDIO && codec->codec_id < AV_CODEC_ID_ADPCM_IMA_QT;
    break;
  case AVMEDIA_TYPE_SUBTITLE: track.kind = TM_TRACK_SUBTITLE; break;
  default: break;
  }
  return track;
}

int tm_remuxer_fits(const tm_remuxer *self, enum tm_container container, int index) {
  const AVCodecParameters *codec = self->demuxer.format->streams[index]->codecpar;
  const AVOutputFormat *format = av_guess_format(muxers[container], NULL, NULL);
  if (!format || codec->codec_id == AV_CODEC_ID_NONE) return 0;
  enum AVCodecID stored = stored_codec(codec->codec_id, container);
  if (avformat_query_codec(format, stored, FF_COMPLIANCE_NORMAL) == 1) return 1;
  if (container != TM_MATROSKA) return 0;
  // What has no name of its own there is described as in AVI (RFC 9559: V_MS/VFW/FOURCC, A_MS/ACM).
  const struct AVCodecTag *const video[] = {avformat_get_riff_video_tags(), NULL};
  const struct AVCodecTag *const audio[] = {avformat_get_riff_audio_tags(), NULL};
  return av_codec_get_tag(codec->codec_type == AVMEDIA_TYPE_VIDEO ? video : audio, stored) != 0;
}

void tm_remuxer_omit(tm_remuxer *self, int index) { self->routes[index].is_omitted = 1; }

static int copy_stream(tm_remuxer *self, unsigned index, enum tm_container container) {
  const AVStream *from = self->demuxer.format->streams[index];
  AVStream *to = avformat_new_stream(self->target, NULL);
  if (!to) return AVERROR(ENOMEM);
  int status = avcodec_parameters_copy(to->codecpar, from->codecpar);
  if (status < 0) return status;
  // A tag of another container would be taken for this one's.
  to->codecpar->codec_tag = 0;
  to->codecpar->codec_id = stored_codec(from->codecpar->codec_id, container);
  to->time_base = from->time_base;
  to->avg_frame_rate = from->avg_frame_rate;
  to->r_frame_rate = from->r_frame_rate;
  to->sample_aspect_ratio = from->sample_aspect_ratio;
  to->disposition = from->disposition;
  for (int i = 0; i < from->nb_side_data; i++) {
    const AVPacketSideData *data = &from->side_data[i];
    uint8_t *bytes = av_stream_new_side_data(to, data->type, data->size);
    if (!bytes) return AVERROR(ENOMEM);
    memcpy(bytes, data->data, data->size);
  }
  return av_dict_copy(&to->metadata, from->metadata, 0);
}

static int copy_chapters(tm_remuxer *self) {
  const AVFormatContext *from = self->demuxer.format;
  if (!from->nb_chapters) return 0;
  self->target->chapters = av_calloc(from->nb_chapters, sizeof *self->target->chapters);
  if (!self->target->chapters) return AVERROR(ENOMEM);
  for (unsigned i = 0; i < from->nb_chapters; i++) {
    AVChapter *chapter = av_mallocz(sizeof *chapter);
    if (!chapter) return AVERROR(ENOMEM);
    self->target->chapters[self->target->nb_chapters++] = chapter;
    chapter->id = from->chapters[i]->id;
    chapter->time_base = from->chapters[i]->time_base;
    chapter->start = from->chapters[i]->start;
    chapter->end = from->chapters[i]->end;
    int status = av_dict_copy(&chapter->metadata, from->chapters[i]->metadata, 0);
    if (status < 0) return status;
  }
  return 0;
}

static int begin(tm_remuxer *self, enum tm_container container, const char *path) {
  int status = avformat_alloc_output_context2(&self->target, NULL, muxers[container], NULL);
  if (status < 0) return status;
  AVFormatContext *target = self->target;
  // Nothing of when and by what it was written; negative times stay, as one shift for all would move sound from picture.
  target->flags |= AVFMT_FLAG_BITEXACT;
  target->avoid_negative_ts = 0;
  int next = 0;
  for (unsigned i = 0; i < self->count && status >= 0; i++) {
    self->routes[i].index = self->routes[i].is_omitted ? -1 : next++;
    self->routes[i].dts = AV_NOPTS_VALUE;
    if (self->routes[i].index >= 0) status = copy_stream(self, i, container);
  }
  if (status >= 0) status = copy_chapters(self);
  if (status >= 0) status = av_dict_copy(&target->metadata, self->demuxer.format->metadata, 0);
  if (status >= 0) status = avio_open(&target->pb, path, AVIO_FLAG_WRITE);
  AVDictionary *options = NULL;
  if (container == TM_WAVE) av_dict_set(&options, "rf64", "auto", 0);
  if (status >= 0) status = avformat_write_header(target, &options);
  av_dict_free(&options);
  return status;
}

/// Whether a packet is to be written; its times are put right.
static int admit(tm_remuxer *self, AVPacket *packet, int64_t *omitted) {
  const AVFormatContext *source = self->demuxer.format;
  const AVStream *stream = source->streams[packet->stream_index];
  struct route *route = &self->routes[packet->stream_index];
  if (route->index < 0) return 0;
  if (stream->disposition & AV_DISPOSITION_ATTACHED_PIC) return 1;
  if (stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO && !route->has_begun) {
    if (!(packet->flags & AV_PKT_FLAG_KEY)) {
      *omitted += 1;
      return 0;
    }
    route->has_begun = 1;
  }
  if (source->start_time != AV_NOPTS_VALUE) {
    int64_t start = av_rescale_q(source->start_time, (AVRational){1, AV_TIME_BASE}, stream->time_base);
    if (packet->pts != AV_NOPTS_VALUE) packet->pts -= start;
    if (packet->dts != AV_NOPTS_VALUE) packet->dts -= start;
  }
  if (packet->dts == AV_NOPTS_VALUE) {
    packet->dts = route->dts == AV_NOPTS_VALUE ? packet->pts : route->dts + (packet->duration > 0 ? packet->duration : 1);
    if (packet->pts != AV_NOPTS_VALUE && packet->dts > packet->pts) packet->dts = packet->pts;
  }
  route->dts = packet->dts;
  return 1;
}

/// Writes an admitted packet; `index` is its track's in the source.
static int write_packet(tm_remuxer *self, AVPacket *packet, int index, enum tm_container container) {
  const AVStream *from = self->demuxer.format->streams[index];
  enum AVCodecID codec = from->codecpar->codec_id;
  if (stored_codec(codec, container) != codec) {
    int status = av_packet_make_writable(packet);
    if (status < 0) return status;
    store(packet->data, packet->size, codec);
  }
  packet->stream_index = self->routes[index].index;
  packet->pos = -1;
  av_packet_rescale_ts(packet, from->time_base, self->target->streams[packet->stream_index]->time_base);
  return av_interleaved_write_frame(self->target, packet);
}

/// Writes what is held of a track, now that the first of it is known to be shown at `pts`.
static int release(tm_remuxer *self, int index, int64_t pts, enum tm_container container) {
  struct route *route = &self->routes[index];
  int status = 0;
  if (route->held_count) route->held[0]->pts = pts;
  for (int i = 0; i < route->held_count; i++) {
    if (status >= 0) status = write_packet(self, route->held[i], index, container);
    av_packet_free(&route->held[i]);
  }
  route->held_count = 0;
  return status;
}

/// When the first of what is held of a track is shown if no other follows that pictures are predicted from.
static int64_t last_time(const struct route *route) {
  const AVPacket *last = route->held[route->held_count - 1];
  return last->dts + (last->duration > 0 ? last->duration : 1);
}

/// Writes a packet, or holds it until it is known when it is shown. Program and transport streams need not say so of each
/// picture: one that others are predicted from is shown when the next such is decoded, others when they are decoded
/// themselves (ISO/IEC 13818-2, 6.1.1.11).
static int pass(tm_remuxer *self, AVPacket *packet, enum tm_container container) {
  int index = packet->stream_index;
  struct route *route = &self->routes[index];
  enum AVCodecID codec = self->demuxer.format->streams[index]->codecpar->codec_id;
  if ((codec != AV_CODEC_ID_MPEG2VIDEO && codec != AV_CODEC_ID_MPEG1VIDEO) || packet->dts == AV_NOPTS_VALUE) {
    return write_packet(self, packet, index, container);
  }
  int status = 0;
  if (route->held_count && packet->pts != packet->dts) status = release(self, index, packet->dts, container);
  if (route->held_count == HELD) status = release(self, index, last_time(route), container);
  if (status < 0) return status;
  if (!route->held_count && packet->pts != AV_NOPTS_VALUE) {
    return write_packet(self, packet, index, container);
  }
  AVPacket *held = av_packet_clone(packet);
  if (!held) return AVERROR(ENOMEM);
  route->held[route->held_count++] = held;
  return 0;
}

static int copy_packets(tm_remuxer *self, enum tm_container container, int64_t *omitted, char *message) {
  AVPacket *packet = self->packet;
  int status = 0;
  for (;;) {
    av_packet_unref(packet);
    status = av_read_frame(self->demuxer.format, packet);
    if (status == AVERROR_EOF) break;
    if (status < 0) return tm_video_fail(message, "cannot read", status);
    if ((unsigned)packet->stream_index >= self->count) {
      return tm_video_fail(message, "a track begins only later in the file", AVERROR_PATCHWELCOME);
    }
    if (!admit(self, packet, omitted)) continue;
    status = pass(self, packet, container);
    if (status < 0) return tm_video_fail(message, "cannot write a packet", status);
  }
  for (unsigned i = 0; i < self->count; i++) {
    if (!self->routes[i].held_count) continue;
    status = release(self, (int)i, last_time(&self->routes[i]), container);
    if (status < 0) return tm_video_fail(message, "cannot write a packet", status);
  }
  return 0;
}

int tm_remuxer_write(
    tm_remuxer *self, enum tm_container container, const char *path, int64_t *omitted, char *message) {
  tm_video_listen();
  *omitted = 0;
  int status = begin(self, container, path);
  if (status < 0) return tm_video_fail(message, "cannot begin the container", status);
  status = copy_packets(self, container, omitted, message);
  if (status < 0) return status;
  status = av_write_trailer(self->target);
  int closed = avio_closep(&self->target->pb);
  if (status >= 0) status = closed;
  return status < 0 ? tm_video_fail(message, "cannot finish the container", status) : 0;
}

void tm_remuxer_close(tm_remuxer *self) {
  if (!self) return;
  if (self->target) {
    avio_closep(&self->target->pb);
    avformat_free_context(self->target);
  }
  tm_demuxer_close(&self->demuxer);
  av_packet_free(&self->packet);
  for (unsigned i = 0; self->routes && i < self->count; i++) {
    while (self->routes[i].held_count > 0) av_packet_free(&self->routes[i].held[--self->routes[i].held_count]);
  }
  free(self->routes);
  free(self);
}
