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
  /// Where its opacity stands in the file, coded like a picture of its own; nil without.
  var alpha: Range<Int>?
  /// Offset of the first byte behind it.
  var end: Int { offset + size }
}

/// A coded picture and, where it is coded beside it, its opacity.
struct CodedPicture {
  let bytes: [UInt8]
  /// Whether the container calls it a point to start from.
  let isKey: Bool
  var alpha: [UInt8]?
}

extension InputFile {
  /// The picture of a sample.
  func picture(_ sample: VideoSample) throws(MediaError) -> CodedPicture {
    var picture = CodedPicture(
      bytes: try read(sample.size, at: sample.offset), isKey: sample.isSync)
    if let alpha = sample.alpha { picture.alpha = try read(alpha.count, at: alpha.lowerBound) }
    return picture
  }

  /// The picture of a packet in a spool.
  func picture(_ packet: CodedSpool.Packet) throws(MediaError) -> CodedPicture {
    var picture = CodedPicture(
      bytes: try read(packet.range.count, at: packet.range.lowerBound), isKey: packet.isKey)
    if let alpha = packet.alpha { picture.alpha = try read(alpha.count, at: alpha.lowerBound) }
    return picture
  }
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
  /// The profile as libavcodec counts it, where the container alone tells it.
  var profile: Int?
  /// Whether the size and the mark in front of ProRes frames are left out, as in Matroska.
  var lacksFrameMark = false
  /// Why the container lets pictures by another encoder not stand beside the others.
  var objection: String?

  /// Bytes of the size and the mark "icpf" in front of a ProRes frame (SMPTE RDD 36, 5.1).
  static let frameMarkBytes = 8

  /// What a decoder is handed for the stored bytes of a picture.
  func whole(_ stored: [UInt8]) -> [UInt8] {
    guard lacksFrameMark else { return stored }
    return UInt32(truncatingIfNeeded: stored.count + Self.frameMarkBytes).bigEndianBytes + Array("icpf".utf8)
      + stored
  }

  /// Whether the opacity of pictures is coded beside them.
  var hasAlpha: Bool { samples.first?.alpha != nil }

  /// Seconds from the first picture shown to `pts`.
  func time(_ pts: Int64) -> Double { Double(pts &- start) / Double(timescale) }

  /// Pictures a second on average.
  var rate: Double {
    guard let first = samples.first, let last = samples.last, last.dts > first.dts else { return 25 }
    return Double(samples.count - 1) * Double(timescale) / Double(last.dts - first.dts)
  }
}
