#include "demuxer.h"
#include "library.h"
#include "message.h"

static int read_packet(void *opaque, uint8_t *bytes, int size) {
  struct tm_demuxer *self = opaque;
  int count = self->read(self->opaque, self->position, bytes, size);
  if (count > 0) self->position += count;
  return count > 0 ? count : count == 0 ? AVERROR_EOF : AVERROR(EIO);
}

static int64_t seek(void *opaque, int64_t offset, int whence) {
  struct tm_demuxer *self = opaque;
  switch (whence & ~AVSEEK_FORCE) {
  case AVSEEK_SIZE: return self->size;
  case SEEK_SET: break;
  case SEEK_CUR: offset += self->position; break;
  case SEEK_END: offset += self->size; break;
  default: return AVERROR(EINVAL);
  }
  return offset < 0 ? AVERROR(EINVAL) : (self->position = offset);
}

int tm_demuxer_open(struct tm_demuxer *self, const tm_source *source, int64_t probe, char *message) {
  self->opaque = source->opaque;
  self->read = source->read;
  self->size = source->size;
  const AVInputFormat *format = av_find_input_format(source->format);
  if (!format) return tm_video_fail(message, source->format, AVERROR_DEMUXER_NOT_FOUND);
  enum { BUFFER = 1 << 16 };
  uint8_t *buffer = av_mallocz(BUFFER);
  self->format = avformat_alloc_context();
  if (buffer) self->io = avio_alloc_context(buffer, BUFFER, 0, self, read_packet, NULL, seek);
  if (!self->io) av_free(buffer);
  if (!self->io || !self->format) return tm_video_fail(message, source->format, AVERROR(ENOMEM));
  self->format->pb = self->io;
  if (probe > 0) {
    self->format->probesize = probe;
    self->format->max_analyze_duration = 60 * (int64_t)AV_TIME_BASE;
  }
  // On failure the context is freed.
  int status = avformat_open_input(&self->format, NULL, format, NULL);
  if (status < 0) return tm_video_fail(message, "cannot open the container", status);
  status = avformat_find_stream_info(self->format, NULL);
  return status < 0 ? tm_video_fail(message, "cannot find the streams", status) : 0;
}

void tm_demuxer_close(struct tm_demuxer *self) {
  if (self->format) avformat_close_input(&self->format);
  if (!self->io) return;
  av_freep(&self->io->buffer);
  avio_context_free(&self->io);
}
