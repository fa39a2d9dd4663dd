#include "packed.h"
#include "library.h"

#include <string.h>

int tm_video_is_packed(const AVPixFmtDescriptor *format) {
  const uint64_t refused =
      AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_FLOAT;
  if (!format || format->nb_components < 3 || format->flags & (refused | AV_PIX_FMT_FLAG_PLANAR)) return 0;
  if (!(format->flags & AV_PIX_FMT_FLAG_RGB)) return 0;
  for (int i = 0; i < format->nb_components; i++) {
    const AVComponentDescriptor *component = &format->comp[i];
    if (component->depth != 8 || component->shift != 0 || component->plane != 0 || component->step < 3) return 0;
  }
  return 1;
}

// The same properties, and memory for pixels of another format.
static int allocate(AVFrame *frame, const AVFrame *like, enum AVPixelFormat format) {
  av_frame_unref(frame);
  frame->format = format;
  frame->width = like->width;
  frame->height = like->height;
  int status = av_frame_copy_props(frame, like);
  return status < 0 ? status : av_frame_get_buffer(frame, 0);
}

int tm_video_unpack(const AVFrame *packed, AVFrame *planar) {
  const AVPixFmtDescriptor *format = av_pix_fmt_desc_get(packed->format);
  int status = allocate(planar, packed, format->nb_components == 4 ? AV_PIX_FMT_GBRAP : AV_PIX_FMT_GBRP);
  if (status < 0) return status;
  const AVPixFmtDescriptor *planes = av_pix_fmt_desc_get(planar->format);
  for (int i = 0; i < format->nb_components; i++) {
    const int step = format->comp[i].step, plane = planes->comp[i].plane;
    for (int y = 0; y < packed->height; y++) {
      const uint8_t *from = packed->data[0] + (ptrdiff_t)y * packed->linesize[0] + format->comp[i].offset;
      uint8_t *to = planar->data[plane] + (ptrdiff_t)y * planar->linesize[plane];
      for (int x = 0; x < packed->width; x++) to[x] = from[(ptrdiff_t)x * step];
    }
  }
  return 0;
}

int tm_video_pack(const AVFrame *planar, enum AVPixelFormat target, AVFrame *packed) {
  const AVPixFmtDescriptor *format = av_pix_fmt_desc_get(target);
  const AVPixFmtDescriptor *planes = av_pix_fmt_desc_get(planar->format);
  int status = allocate(packed, planar, target);
  if (status < 0) return status;
  const int step = format->comp[0].step;
  for (int y = 0; y < planar->height; y++) {
    uint8_t *row = packed->data[0] + (ptrdiff_t)y * packed->linesize[0];
    // A byte that no component has is the same in every file.
    if (step > format->nb_components) memset(row, 0, (size_t)planar->width * step);
    for (int i = 0; i < format->nb_components; i++) {
      const int plane = planes->comp[i].plane;
      const uint8_t *from = planar->data[plane] + (ptrdiff_t)y * planar->linesize[plane];
      uint8_t *to = row + format->comp[i].offset;
      for (int x = 0; x < planar->width; x++) to[(ptrdiff_t)x * step] = from[x];
    }
  }
  return 0;
}
