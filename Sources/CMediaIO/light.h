#pragma once
#include "functions.h"

/// What x265 is to say of the display that a picture was mastered on and of its light levels (SMPTE ST 2086, CTA-861.3), as
/// parameters with ':' in front; empty where the picture does not say.
void tm_video_light_options(const AVFrame *frame, char *options, size_t size);
