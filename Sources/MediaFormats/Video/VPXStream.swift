/// Frame headers of VP8 and VP9.
enum VPXStream {
  /// Whether a frame is predicted from no other: RFC 6386 9.1, first bit; VP9 bitstream specification 6.2 (`frame_type`).
  static func isKey(_ frame: [UInt8], _ codec: VideoCodec) -> Bool {
    guard codec == .vp9 else { return frame.first.map { $0 & 1 == 0 } ?? false }
    var reader = BitReader(frame)
    guard reader.bits(2) == 2, let low = reader.bits(1), let high = reader.bits(1) else { return false }
    // Profile 3 has a reserved bit; a frame that shows another one again has no type.
    if low & high == 1, reader.bits(1) == nil { return false }
    return reader.bits(1) == 0 && reader.bits(1) == 0
  }
}
