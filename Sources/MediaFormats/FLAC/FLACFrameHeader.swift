internal import MediaCore

/// A frame's header (RFC 9639 9.1).
struct FLACFrameHeader {
  /// Bytes of the longest.
  static let longest = 16

  /// Samples of each channel.
  let count: Int
  let channels: Int
  /// 0 … 7 independent, 8 left and side, 9 side and right, 10 mid and side.
  let assignment: Int
  let bits: Int
  /// As stored, the checksum included.
  let bytes: [UInt8]

  /// Reads a header at `offset` of `bytes`, whose checksum must be right; nil for what is none.
  init?(_ bytes: UnsafeRawBufferPointer, at offset: Int, streamBits: Int) {
    guard offset + 6 <= bytes.count, bytes[offset] == 0xFF, bytes[offset + 1] & 0xFE == 0xF8 else {
      return nil
    }
    let (sizes, layout) = (bytes[offset + 2], bytes[offset + 3])
    let lead = bytes[offset + 4]
    let continuation = lead < 0x80 ? 0 : (~lead).leadingZeroBitCount - 1
    guard lead < 0x80 || (1...6).contains(continuation), sizes & 0x0F != 0x0F, layout & 1 == 0 else {
      return nil
    }
    var length = 5 + continuation
    let (sizeCode, rateCode) = (Int(sizes >> 4), Int(sizes & 0x0F))
    let sizeBytes = sizeCode == 6 ? 1 : sizeCode == 7 ? 2 : 0
    let rateBytes = rateCode == 12 ? 1 : rateCode > 12 ? 2 : 0
    guard offset + length + sizeBytes + rateBytes < bytes.count else { return nil }
    let stored = (0..<sizeBytes).reduce(0) { $0 << 8 | Int(bytes[offset + length + $1]) }
    length += sizeBytes + rateBytes
    switch sizeCode {
    case 1: count = 192
    case 2...5: count = 576 << (sizeCode - 2)
    case 6, 7: count = stored + 1
    case 8...15: count = 256 << (sizeCode - 8)
    default: return nil
    }
    assignment = Int(layout >> 4)
    guard assignment <= 10 else { return nil }
    channels = assignment < 8 ? assignment + 1 : 2
    let depths = [streamBits, 8, 12, 0, 16, 20, 24, 32]
    bits = depths[Int(layout >> 1 & 7)]
    let header = (offset...offset + length).map { bytes[$0] }
    guard bits > 0, FLACChecksum.crc8(header.dropLast()) == header.last else { return nil }
    self.bytes = header
  }

  /// The same header for channels coded another way.
  func bytes(assignment: Int) -> [UInt8] {
    var result = Array(bytes.dropLast())
    result[3] = result[3] & 0x0F | UInt8(assignment) << 4
    return result + [FLACChecksum.crc8(result)]
  }
}
