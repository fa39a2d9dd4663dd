/// Picture order counts of H.264 (ITU-T H.264 8.2.1), from parameter sets and the beginnings of slices.
struct H264Order {
  private struct Sequence {
    var frameNumberBits = 0
    /// 0 when pictures are shown as they are decoded.
    var countBits = 0
    var isSplit = false
    var hasFields = false
  }

  /// Bytes of a slice that hold all that is read of it.
  static let headBytes = 48

  /// All parameter sets seen.
  private(set) var sets: Set<[UInt8]> = []
  /// Whether the order is told in a way that is not read.
  private(set) var isUnknown = false
  private var sequences: [UInt32: Sequence] = [:]
  /// The sequence set of each picture set.
  private var owners: [UInt32: UInt32] = [:]
  private var group = 0
  /// The count of the last picture that others refer to, and where its high part stands.
  private var (low, high) = (0, 0)

  static func isSlice(_ header: UInt8) -> Bool { [1, 2, 5].contains(header & 31) }
  static func isSet(_ header: UInt8) -> Bool { [7, 8].contains(header & 31) }

  /// Takes a parameter set.
  mutating func add(_ unit: [UInt8]) {
    guard let header = unit.first, sets.insert(unit).inserted else { return }
    var reader = BitReader(payload: unit.dropFirst())
    if header & 31 == 7 {
      if let (id, sequence) = Self.sequence(&reader) {
        sequences[id] = sequence
        if sequence == nil { isUnknown = true }
      }
    } else if header & 31 == 8, let id = reader.exponentialGolomb(), let owner = reader.exponentialGolomb() {
      owners[id] = owner
    }
  }

  /// When the picture that a slice begins is shown: its group, and its count in there; and whether it is predicted from
  /// no other.
  mutating func picture(_ slice: [UInt8]) -> (place: (group: Int, count: Int), isIntra: Bool) {
    let header = slice.first ?? 0
    let isIDR = header & 31 == 5
    if isIDR {
      group += 1
      (low, high) = (0, 0)
    }
    var reader = BitReader(payload: slice.dropFirst())
    // Table 7-6: 2 and 7 are slices of intra prediction alone.
    let isIntra: Bool
    if reader.exponentialGolomb() != nil, let type = reader.exponentialGolomb() {
      isIntra = isIDR || type % 5 == 2
    } else {
      isIntra = isIDR
    }
    guard let owner = reader.exponentialGolomb().flatMap({ owners[$0] }), let sequence = sequences[owner],
      sequence.countBits > 0
    else { return ((group, 0), isIntra) }
    if sequence.isSplit { _ = reader.bits(2) }
    _ = reader.bits(sequence.frameNumberBits)
    if sequence.hasFields, reader.bits(1) == 1 { _ = reader.bits(1) }
    if isIDR { _ = reader.exponentialGolomb() }
    let count = Int(reader.bits(sequence.countBits) ?? 0)
    let range = 1 << sequence.countBits
    var high = high
    if count < low, low - count >= range / 2 { high += range }
    if count > low, count - low > range / 2 { high -= range }
    if header & 0x60 != 0 { (low, self.high) = (count, high) }
    return ((group, high + count), isIntra)
  }

  /// The id of a sequence set, and what of it matters, which is nil for an order that is not read (7.3.2.1.1).
  private static func sequence(_ reader: inout BitReader) -> (UInt32, Sequence?)? {
    var sequence = Sequence()
    guard let profile = reader.bits(8), reader.bits(16) != nil, let id = reader.exponentialGolomb() else {
      return nil
    }
    if [100, 110, 122, 244, 44, 83, 86, 118, 128].contains(profile) {
      guard let chroma = reader.exponentialGolomb() else { return nil }
      if chroma == 3 { sequence.isSplit = reader.bits(1) == 1 }
      guard reader.exponentialGolomb() != nil, reader.exponentialGolomb() != nil, reader.bits(1) != nil,
        let hasLists = reader.bits(1)
      else { return nil }
      for list in 0..<(hasLists == 0 ? 0 : chroma == 3 ? 12 : 8) where reader.bits(1) == 1 {
        skipScaling(&reader, list < 6 ? 16 : 64)
      }
    }
    guard let frameBits = reader.exponentialGolomb(), frameBits <= 12, let type = reader.exponentialGolomb()
    else { return nil }
    sequence.frameNumberBits = Int(frameBits) + 4
    if type == 0 {
      guard let bits = reader.exponentialGolomb(), bits <= 12 else { return nil }
      sequence.countBits = Int(bits) + 4
    } else if type != 2 {
      return (id, nil)
    }
    guard reader.exponentialGolomb() != nil, reader.bits(1) != nil, reader.exponentialGolomb() != nil,
      reader.exponentialGolomb() != nil, let isProgressive = reader.bits(1)
    else { return nil }
    sequence.hasFields = isProgressive == 0
    return (id, sequence)
  }

  /// A scaling list (7.3.2.1.1.1).
  private static func skipScaling(_ reader: inout BitReader, _ count: Int) {
    var (last, next) = (8, 8)
    for _ in 0..<count {
      if next != 0 {
        guard let code = reader.exponentialGolomb() else { return }
        // Codes of numbers with sign alternate (9.1.1).
        let delta = code % 2 == 1 ? Int(code / 2) + 1 : -Int(code / 2)
        next = ((last + delta) % 256 + 256) % 256
      }
      if next != 0 { last = next }
    }
  }
}
