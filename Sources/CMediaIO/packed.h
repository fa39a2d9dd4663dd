#pragma once
#include "functions.h"

/// Whether pixels of the format are red, green, blue and perhaps opacity side by side, a byte each, as FFV1, PNG and
/// QuickTime Animation have them.
int tm_video_is_packed(const AVPixFmtDescriptor *format);

/// Puts the samples of a packed picture into planes of their own; `planar` is made anew, with all that `packed` says of
/// itself. Nothing is rounded. A negative AVERROR on failure.
int tm_video_unpack(const AVFrame *packed, AVFrame *planar);

/// The inverse, into a picture of the packed format.
int tm_video_pack(const AVFrame *planar, enum AVPixelFormat format, AVFrame *packed);
