internal import MediaCore

/// What a decoder of Apple Lossless is told, the "magic cookie": 24 bytes, behind the head of a box or alone.
struct ALACCookie {
  /// Bytes without the head of a box, and with it.
  static let bytes = 24
  private static let whole = 36

  /// With the head of the box, as libavcodec takes it.
  let record: [UInt8]

  /// From a box, its content or the bare cookie; nil for what is too short.
  init?(_ stored: [UInt8]) {
    let head: [UInt8] = [0, 0, 0, UInt8(Self.whole)] + Array("alac".utf8)
    let version: [UInt8] = [0, 0, 0, 0]
    if stored.count >= Self.whole, stored[4..<8].elementsEqual("alac".utf8) {
      record = head + version + stored[12..<Self.whole]
    } else if stored.count >= Self.bytes + 4, stored.prefix(4).elementsEqual(version) {
      record = head + stored[..<(Self.bytes + 4)]
    } else if stored.count >= Self.bytes {
      record = head + version + stored[..<Self.bytes]
    } else {
      return nil
    }
  }

  /// Samples of each channel in a packet, bits, and the settings of the entropy coder: what packets of one stream share.
  var coding: ArraySlice<UInt8> { record[12..<22] }
  private var bits: UInt8 { record[17] }

  /// The record with room for packets of `size` bytes; nil where it has that, or does not say.
  func allowing(packetsOf size: Int) -> [UInt8]? {
    guard case let most = Int(record.bigEndian(4, at: 24)), most > 0, most < size else { return nil }
    return record[..<24] + UInt32(clamping: size).bigEndianBytes + record[28...]
  }

  /// Why packets like those of this stream are not made; nil where they are.
  var objection: String? {
    [16, 24].contains(bits) ? nil : "ALAC of \(bits) bits is not coded anew; of 16 and 24 it is"
  }
}
