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

  /// Whether a sample with lengths of `lengthSize` bytes holds an IDR picture, at which decoding begins afresh. A recovery
  /// point, which containers call a sync sample as well, does not.
  static func isIDR(_ sample: [UInt8], lengthSize: Int) -> Bool {
    units(of: sample, lengthSize: lengthSize).contains { sample[$0.lowerBound] & 31 == Unit.idr }
  }

  /// The encoder's description of itself that a sample begins with, as a whole unit without length; nil without one.
  static func signature(in sample: [UInt8], lengthSize: Int) -> [UInt8]? {
    units(of: sample, lengthSize: lengthSize).map { sample[$0] }.first(where: isSignature).map(Array.init)
  }

  /// x264's build number in its description of itself.
  static func build(in signature: [UInt8]) -> Int? {
    let words = String(decoding: signature.prefix(200), as: UTF8.self).split(separator: " ")
    guard let index = words.firstIndex(of: "core"), index + 1 < words.count else { return nil }
    return Int(words[index + 1])
  }

  /// A picture in annex B turned into units with lengths, without parameter sets and without x264's description of
  /// itself: decoders judge the whole stream by it. `prefix` is a unit to put in front.
  static func packed(_ stream: UnsafeRawBufferPointer, lengthSize: Int, prefix: [UInt8]? = nil) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(stream.count + 64)
    if let prefix { AnnexB.append(prefix[...], lengthSize, to: &result) }
    let bytes = Array(stream)
    for range in AnnexB.units(of: bytes) {
      let unit = bytes[range]
      guard let header = unit.first, !Unit.sets.contains(header & 31), !isSignature(unit) else { continue }
      AnnexB.append(unit, lengthSize, to: &result)
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

  /// The units of a sample, headers included; damaged lengths end the list.
  private static func units(of sample: [UInt8], lengthSize: Int) -> [Range<Int>] {
    var units: [Range<Int>] = []
    var offset = 0
    while offset + lengthSize < sample.count {
      let length = sample[offset..<offset + lengthSize].reduce(0) { $0 << 8 | Int($1) }
      offset += lengthSize
      guard length > 0, length <= sample.count - offset else { break }
      units.append(offset..<offset + length)
      offset += length
    }
    return units
  }
}
