internal import MediaCore

/// The CodecPrivate of codings without a name of their own in Matroska: a BITMAPINFOHEADER, as in AVI, and the codec's
/// set-up record behind it (Matroska codec specifications, V_MS/VFW/FOURCC).
struct MatroskaBitmap {
  static let codecID = "V_MS/VFW/FOURCC"
  private static let headerBytes = 40
  /// Codings whose pictures come in the order in which they are decoded, since times are those of decoding here.
  private static let codecs: [String: VideoCodec] = ["FFV1": .ffv1, "MJPG": .mjpeg, "MPNG": .png]

  let codec: VideoCodec
  /// The codec's set-up record; may be empty.
  let config: [UInt8]
  private let header: [UInt8]

  /// Throws `unsupported` for a coding that is not decoded.
  init(_ bytes: [UInt8]) throws(MediaError) {
    let name = bytes.count < Self.headerBytes ? "" : String(decoding: bytes[16..<20], as: UTF8.self)
    guard let codec = Self.codecs[name] else {
      throw MediaError(
        .unsupported, .decode,
        "pictures coded as \(PictureName.of(name)) are not coded anew; convert them to H.264 first")
    }
    self.codec = codec
    header = Array(bytes.prefix(Self.headerBytes))
    config = Array(bytes.dropFirst(Self.headerBytes))
  }

  /// The same with another set-up record; the header tells the size of both.
  func with(config: [UInt8]) -> [UInt8] {
    var header = header
    let size = UInt32(truncatingIfNeeded: header.count + config.count)
    header.replaceSubrange(0..<4, with: size.littleEndianBytes)
    return header + config
  }
}
