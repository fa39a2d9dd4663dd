internal import MediaCore

/// The bytes of a tag behind its header, with the unsynchronisation of the whole tag (ID3v2.3 5) undone. Positions
/// count from the byte behind the header.
struct ID3Body {
  /// Bytes of the body once undone.
  let count: Int
  private let reader: HeaderReader
  private let base: Int
  private let decoded: [UInt8]?
  /// Positions in `decoded` in front of which a zero was dropped.
  private let drops: [Int]

  /// Throws `limitExceeded` for an unsynchronised tag longer than what may be held.
  init(_ header: ID3Header, in reader: HeaderReader, limits: Limits) throws(MediaError) {
    self.reader = reader
    base = header.bodyOffset
    let stored = max(0, min(header.size, reader.size - header.bodyOffset))
    // Version 4 undoes it frame by frame.
    guard header.isUnsynchronised, header.version < 4 else {
      count = stored
      decoded = nil
      drops = []
      return
    }
    guard stored <= limits.indexBytes else {
      throw MediaError(
        .limitExceeded, .metadata,
        "unsynchronised \(header.name) tag of \(stored) bytes exceeds the \(limits.indexBytes) allowed")
    }
    var drops: [Int] = []
    let bytes = ID3Unsynchronisation.undone(try reader.bytes(stored, at: base), &drops)
    count = bytes.count
    decoded = bytes
    self.drops = drops
  }

  /// `range` of the body; the caller bounds it.
  func bytes(_ range: Range<Int>) throws(MediaError) -> [UInt8] {
    if let decoded { return Array(decoded[range]) }
    return try reader.bytes(range.count, at: base + range.lowerBound)
  }

  /// Where the byte at `position` stands in the file; a zero that was dropped belongs to the byte in front of it.
  func offset(of position: Int) -> Int {
    var (low, high) = (0, drops.count)
    while low < high {
      let middle = (low + high) / 2
      if drops[middle] <= position { low = middle + 1 } else { high = middle }
    }
    return base + position + low
  }
}

/// The scheme that keeps the sync of an MPEG frame out of a tag: a zero behind every FF that needs it.
enum ID3Unsynchronisation {
  /// Without the zeros; `drops` receives the positions in the result in front of which one stood.
  static func undone(_ bytes: [UInt8], _ drops: inout [Int]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var isBehindFF = false
    for byte in bytes {
      if isBehindFF, byte == 0 {
        drops.append(result.count)
        isBehindFF = false
        continue
      }
      result.append(byte)
      isBehindFF = byte == 0xFF
    }
    return result
  }

  /// With the zeros, one at the end as well when it is FF.
  static func applied(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    for (index, byte) in bytes.enumerated() {
      result.append(byte)
      guard byte == 0xFF else { continue }
      let next = index + 1 < bytes.count ? bytes[index + 1] : 0
      if next >= 0xE0 || next == 0 { result.append(0) }
    }
    return result
  }
}
