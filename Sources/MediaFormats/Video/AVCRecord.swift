/// An AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1), the content of `avcC`.
struct AVCRecord {
  let profile: UInt8
  let compatibility: UInt8
  let level: UInt8
  /// Bytes of the length in front of each NAL unit: 1, 2 or 4.
  let lengthSize: Int
  let sequenceSets: [[UInt8]]
  let pictureSets: [[UInt8]]
  /// Chroma format, depths and extensions, which high profiles have.
  let tail: [UInt8]

  /// Takes a record apart; nil for one that is damaged.
  init?(_ bytes: [UInt8]) {
    guard bytes.count >= 7, bytes[0] == 1 else { return nil }
    profile = bytes[1]
    compatibility = bytes[2]
    level = bytes[3]
    lengthSize = Int(bytes[4] & 3) + 1
    var rest = bytes[5...]
    func sets(_ mask: UInt8, _ rest: inout ArraySlice<UInt8>) -> [[UInt8]]? {
      guard let count = rest.popFirst() else { return nil }
      var sets: [[UInt8]] = []
      for _ in 0..<(count & mask) {
        guard let high = rest.popFirst(), let low = rest.popFirst() else { return nil }
        let length = Int(high) << 8 | Int(low)
        guard length > 0, rest.count >= length else { return nil }
        sets.append(Array(rest.prefix(length)))
        rest = rest.dropFirst(length)
      }
      return sets
    }
    guard lengthSize != 3, let sequenceSets = sets(0x1F, &rest), let pictureSets = sets(0xFF, &rest),
      !sequenceSets.isEmpty
    else { return nil }
    self.sequenceSets = sequenceSets
    self.pictureSets = pictureSets
    tail = Array(rest)
  }

  /// The record for the parameter sets of a byte stream; nil for a stream without any.
  init?(byteStream bytes: [UInt8]) {
    let units = AnnexB.units(of: bytes).map { Array(bytes[$0]) }
    sequenceSets = units.filter { ($0.first ?? 0) & 31 == 7 }
    pictureSets = units.filter { ($0.first ?? 0) & 31 == 8 }
    guard let first = sequenceSets.first, first.count >= 4, !pictureSets.isEmpty else { return nil }
    (profile, compatibility, level) = (first[1], first[2], first[3])
    lengthSize = 4
    tail = []
  }

  private init(_ first: AVCRecord, joining second: AVCRecord) {
    profile = max(first.profile, second.profile)
    compatibility = first.compatibility & second.compatibility
    level = max(first.level, second.level)
    lengthSize = first.lengthSize
    sequenceSets = first.sequenceSets + second.sequenceSets
    pictureSets = first.pictureSets + second.pictureSets
    tail = first.tail.isEmpty ? second.tail : first.tail
  }

  /// A record for streams of both, whose sets must have different ids; nil where a record cannot hold as many.
  func joined(with other: AVCRecord) -> AVCRecord? {
    let result = AVCRecord(self, joining: other)
    return result.sequenceSets.count <= 31 && result.pictureSets.count <= 255 ? result : nil
  }

  /// Whether pictures may be coded without loss: every sequence set of profile 244 lets transforms be bypassed (H.264 7.3.2.1.1,
  /// qpprime_y_zero_transform_bypass_flag), which encoders set for that alone.
  var isLossless: Bool {
    sequenceSets.allSatisfy { set in
      var reader = BitReader(payload: set.dropFirst(4))
      guard set.count > 4, set[1] == Self.predictive, reader.exponentialGolomb() != nil,
        let chroma = reader.exponentialGolomb()
      else { return false }
      if chroma == 3 { _ = reader.bits(1) }
      // The depths of both kinds of samples stand in front.
      guard reader.exponentialGolomb() != nil, reader.exponentialGolomb() != nil else { return false }
      return reader.bits(1) == 1
    }
  }

  /// High 4:4:4 Predictive (A.2.11), which is also the profile of what is coded without loss.
  static let predictive: UInt8 = 244

  /// The smallest id that no set of either kind has; nil when a set cannot be read or all 32 are taken.
  var freeID: Int? {
    var used: Set<UInt32> = []
    for set in sequenceSets {
      // Behind the header: profile, constraints, level.
      var reader = BitReader(payload: set.dropFirst(4))
      guard let id = reader.exponentialGolomb() else { return nil }
      used.insert(id)
    }
    for set in pictureSets {
      var reader = BitReader(payload: set.dropFirst())
      guard let picture = reader.exponentialGolomb(), let sequence = reader.exponentialGolomb() else {
        return nil
      }
      used.formUnion([picture, sequence])
    }
    return (0..<32).first { !used.contains(UInt32($0)) }
  }

  /// The record's bytes.
  var bytes: [UInt8] {
    var result: [UInt8] = [1, profile, compatibility, level, 0xFC | UInt8(lengthSize - 1)]
    result.append(0xE0 | UInt8(sequenceSets.count))
    for set in sequenceSets { result += UInt16(set.count).bigEndianBytes + set }
    result.append(UInt8(pictureSets.count))
    for set in pictureSets { result += UInt16(set.count).bigEndianBytes + set }
    return result + tail
  }
}
