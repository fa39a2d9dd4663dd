/// NAL units of H.264 (ITU-T H.264 7.3.1, annex B; lengths by ISO/IEC 14496-15).
enum H264Stream {
  /// `nal_unit_type` of table 7-1.
  private enum Unit {
    static let idr: UInt8 = 5
    static let supplement: UInt8 = 6
    static let sets: ClosedRange<UInt8> = 7...8
  }

  /// What x264 writes in front of its own description of itself (supplemental message 5, D.1.7).
  private static let signature: [UInt8] = [
    0xDC, 0x45, 0xE9, 0xBD, 0xE6, 0xD9, 0x48, 0xB7, 0x96, 0x2C, 0xD8, 0x20, 0xD9, 0x23, 0xEE, 0xEF,
  ]

  /// Whether a sample holds an IDR picture, at which decoding begins afresh. A recovery point, which containers call a
  /// sync sample as well, does not.
  static func isIDR(_ sample: [UInt8], _ framing: UnitFraming) -> Bool {
    framing.units(of: sample).contains { sample[$0.lowerBound] & 31 == Unit.idr }
  }

  /// The encoder's description of itself that a sample begins with, as a whole unit; nil without one.
  static func signature(in sample: [UInt8], _ framing: UnitFraming) -> [UInt8]? {
    framing.units(of: sample).map { sample[$0] }.first(where: isSignature).map(Array.init)
  }

  /// x264's build number in its description of itself.
  static func build(in signature: [UInt8]) -> Int? {
    let words = String(decoding: signature.prefix(200), as: UTF8.self).split(separator: " ")
    guard let index = words.firstIndex(of: "core"), index + 1 < words.count else { return nil }
    return Int(words[index + 1])
  }

  /// A picture of the encoder's byte stream as a container holds it, without x264's description of itself: decoders judge
  /// the whole stream by it. With lengths, parameter sets stand elsewhere. `prefix` are units to put in front.
  static func packed(
    _ stream: UnsafeRawBufferPointer, _ framing: UnitFraming, prefix: [[UInt8]] = []
  ) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(stream.count + 64)
    for unit in prefix { framing.append(unit[...], to: &result) }
    let hasSets = if case .startCodes = framing { true } else { false }
    let bytes = Array(stream)
    for range in AnnexB.units(of: bytes) {
      let unit = bytes[range]
      guard let header = unit.first, hasSets || !Unit.sets.contains(header & 31), !isSignature(unit) else {
        continue
      }
      framing.append(unit, to: &result)
    }
    return result
  }

  private static func isSignature(_ unit: ArraySlice<UInt8>) -> Bool {
    guard let header = unit.first, header & 31 == Unit.supplement else { return false }
    // Type 5, then its size in one or more bytes.
    let rest = unit.dropFirst()
    guard rest.first == 5 else { return false }
    return rest.dropFirst().drop { $0 == 0xFF }.dropFirst().starts(with: signature)
  }
}
