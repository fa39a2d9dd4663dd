internal import CMediaIO
internal import MediaCore

/// A way of coding pictures that can be decoded and, by an encoder of the same family, written again.
enum VideoCodec: String, CaseIterable {
  /// ITU-T H.264.
  case h264
  /// ITU-T H.265.
  case hevc
  case vp8
  case vp9
  case av1
  /// ISO/IEC 14496-2.
  case mpeg4
  /// ITU-T H.262.
  case mpeg2 = "mpeg2video"
  case mjpeg
  case prores
  /// DNxHD and DNxHR (SMPTE ST 2019-1).
  case dnxhd
  case png
  /// RFC 9043.
  case ffv1
  case theora

  /// Whether groups of pictures by another encoder may stand in front of the source's own in one track. HEVC would take
  /// parameter sets in front of every random access point, which Apple's players refuse; the set-up record of MPEG-4
  /// part 2, of FFV1 and of Theora describes one encoder.
  var canJoin: Bool {
    switch self {
    case .h264, .vp8, .vp9, .av1, .mpeg2, .mjpeg, .prores, .dnxhd, .png: true
    case .hevc, .mpeg4, .ffv1, .theora: false
    }
  }

  /// Whether every picture stands alone.
  var isIntra: Bool { [.mjpeg, .prores, .dnxhd, .png, .ffv1].contains(self) }

  /// Whether the stream itself says how many pictures a second it has, of a list.
  var hasFixedRate: Bool { self == .mpeg2 }

  /// The decoder of libavcodec. Of VP8 and VP9 only that of libvpx decodes opacity as well.
  func decoder(withAlpha hasAlpha: Bool) -> String {
    switch self {
    case .vp8 where hasAlpha: "libvpx"
    case .vp9 where hasAlpha: "libvpx-vp9"
    default: rawValue
    }
  }

  /// Whether opacity may be coded beside pictures (WebM: BlockAdditional 1).
  var hasAlphaBeside: Bool { self == .vp8 || self == .vp9 }

  /// The encoder of libavcodec, for pictures of red, green and blue if `isRGB`.
  func encoder(isRGB: Bool) -> String {
    switch self {
    case .h264: isRGB ? "libx264rgb" : "libx264"
    case .hevc: "libx265"
    case .vp8: "libvpx"
    case .vp9: "libvpx-vp9"
    case .av1: "libsvtav1"
    case .mpeg4: "mpeg4"
    case .prores: "prores_ks"
    case .theora: "libtheora"
    case .mpeg2, .mjpeg, .dnxhd, .png, .ffv1: rawValue
    }
  }

  /// Whether a container has to describe the stream beyond its size and name, in a way that libavformat spells.
  var hasRecord: Bool { [.h264, .hevc, .vp9, .av1, .mpeg4].contains(self) }

  /// Whether the encoder's own set-up data is what containers hold.
  var hasPlainRecord: Bool { self == .ffv1 || self == .theora }

  /// What containers hold of the encoder's set-up data.
  func record(of config: [UInt8]) -> [UInt8] {
    self == .theora ? XiphLacing.record(sized: config) ?? config : config
  }

  /// Whether set-up data stands in the container instead of the stream.
  var hasGlobalHeader: Bool { self == .h264 || self == .hevc || self == .mpeg4 || self == .av1 }

  /// Options of the encoder at `quality`, 0 … 51 as x264 counts it, lower is better.
  func options(quality: Int, isShort: Bool) -> [String] {
    switch self {
    // Of an opening little is encoded: its quality is worth more than its time. Weighing bits against error (subq from 6 on, trellis)
    // gives 0.2 dB for 2 % of the bytes and a seventh of the time, a fifth where a watermark leaves little to skip: not worth it. Predicting
    // parts of a macroblock apart (P8x8, B8x8) saves half a percent of the bytes for a fifth of the time, and for more behind a watermark;
    // blocks of 4 × 4 pixels (I4x4) take a thirtieth of it and, in whole clips, 1 to 3 % more bytes than they save.
    case .h264:
      ["crf=\(quality)", "forced-idr=1"]
        + (isShort
          ? ["preset=medium", "subq=5", "trellis=0", "partitions=i8x8,i4x4"]
          : ["preset=veryfast", "partitions=i8x8"])
    case .hevc: ["crf=\(quality)", "preset=fast", "forced-idr=1", "x265-params=log-level=none"]
    case .vp8: ["crf=\(min(63, max(4, quality - 8)))", "b=20000000", "deadline=good", "cpu-used=4"]
    case .vp9:
      [
        "crf=\(min(63, quality + 6))", "b=0", "deadline=good", "cpu-used=5", "auto-alt-ref=0",
        "lag-in-frames=0",
      ]
    case .av1: ["crf=\(min(63, quality + 8))", "preset=8"]
    case .mpeg4: ["flags=+qscale", "global_quality=\(118 * max(1, quality / 7))"]
    case .mjpeg: ["flags=+qscale", "global_quality=\(118 * max(1, quality / 9))", "huffman=optimal"]
    case .mpeg2: ["flags=+qscale", "global_quality=\(118 * max(1, quality / 9))"]
    // Global quality from 0 to 10, the best.
    case .theora: ["flags=+qscale", "global_quality=\(118 * min(10, max(1, 12 - quality / 6)))"]
    // Without loss; quality has no say.
    case .ffv1: ["level=3", "g=1"]
    case .prores, .dnxhd, .png: []
    }
  }
}
