#include "library.h"
#include "light.h"

#include <libavutil/mastering_display_metadata.h>
#include <stdio.h>
#include <string.h>

static int units(AVRational value, int scale) { return (int)(av_q2d(value) * scale + 0.5); }

void tm_video_light_options(const AVFrame *frame, char *options, size_t size) {
  options[0] = 0;
  const AVFrameSideData *display = av_frame_get_side_data(frame, AV_FRAME_DATA_MASTERING_DISPLAY_METADATA);
  const AVFrameSideData *light = av_frame_get_side_data(frame, AV_FRAME_DATA_CONTENT_LIGHT_LEVEL);
  size_t used = 0;
  if (display) {
    const AVMasteringDisplayMetadata *data = (const AVMasteringDisplayMetadata *)display->data;
    const int chroma = 50000, luma = 10000;
    if (data->has_primaries && data->has_luminance) {
      // The order of x265 is green, blue, red; that of libav is red, green, blue.
      used += (size_t)snprintf(
          options, size, ":hdr10=1:master-display=G(%d,%d)B(%d,%d)R(%d,%d)WP(%d,%d)L(%d,%d)",
          units(data->display_primaries[1][0], chroma), units(data->display_primaries[1][1], chroma),
          units(data->display_primaries[2][0], chroma), units(data->display_primaries[2][1], chroma),
          units(data->display_primaries[0][0], chroma), units(data->display_primaries[0][1], chroma),
          units(data->white_point[0], chroma), units(data->white_point[1], chroma), units(data->max_luminance, luma),
          units(data->min_luminance, luma));
    }
  }
  if (light && used < size) {
    const AVContentLightMetadata *data = (const AVContentLightMetadata *)light->data;
    snprintf(options + used, size - used, ":max-cll=%u,%u", data->MaxCLL, data->MaxFALL);
  }
}
