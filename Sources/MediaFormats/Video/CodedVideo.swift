internal import MediaCore

/// One coded picture where it stands in the file.
struct VideoSample: Hashable {
  /// Byte offset in the file.
  let offset: Int
  /// Bytes.
  let size: Int
  /// Decoding time in ticks.
  let dts: Int64
  /// Presentation time in ticks.
  let pts: Int64
  /// Whether the container calls it a point to start from.
  let isSync: Bool
  /// Offset of the first byte behind it.
  var end: Int { offset + size }
}

/// A coded video track as its container describes it.
struct CodedVideo {
  let codec: VideoCodec
  /// The codec's set-up record (`avcC`, `hvcC`, `av1C`, `esds` payload, CodecPrivate), without box header; may be empty.
  /// Of a byte stream the parameter sets, with start codes.
  var config: [UInt8]
  /// Stored size.
  let size: PixelSize
  let orientation: Orientation
  /// Ticks a second.
  let timescale: Int
  /// In decoding order.
  let samples: [VideoSample]
  /// The presentation time, in ticks, at which the file begins to be shown (edit list).
  let start: Int64
  /// How many more video tracks the file has, which are copied.
  var others = 0
  /// Whether samples are pieces of a byte stream that holds its own set-up data, as AVI has them.
  var isByteStream = false
  /// Why the container lets pictures by another encoder not stand beside the others.
  var objection: String?

  /// Seconds from the first picture shown to `pts`.
  func time(_ pts: Int64) -> Double { Double(pts &- start) / Double(timescale) }

  /// Pictures a second on average.
  var rate: Double {
    guard let first = samples.first, let last = samples.last, last.dts > first.dts else { return 25 }
    return Double(samples.count - 1) * Double(timescale) / Double(last.dts - first.dts)
  }
}
