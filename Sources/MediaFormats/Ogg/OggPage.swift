internal import MediaCore

/// A page (RFC 3533 6) at its place in the file.
struct OggPage {
  static let mark = Array("OggS".utf8)
  static let headerLength = 27
  static let largestCount = 255
  /// The granule position of a page on which no packet ends.
  static let noGranule = UInt64.max

  let offset: Int
  let flags: UInt8
  let granule: UInt64
  let serial: UInt32
  let sequence: UInt32
  let checksum: UInt32
  /// Lengths of the segments; one below 255 ends a packet.
  let lacing: [UInt8]
  let bodyLength: Int

  var isContinued: Bool { flags & 1 != 0 }
  /// Whether a logical stream begins here.
  var isFirst: Bool { flags & 2 != 0 }
  var bodyOffset: Int { offset + Self.headerLength + lacing.count }
  /// Offset behind the page, which may be behind the file.
  var end: Int { bodyOffset + bodyLength }
  /// Whether a packet ends with the page.
  var endsPacket: Bool { lacing.last.map { $0 < 255 } ?? false }

  /// The page at `offset`; nil where none stands or the file ends inside its header.
  init?(at offset: Int, _ reader: HeaderReader) throws(MediaError) {
    guard offset <= reader.size - Self.headerLength else { return nil }
    let bytes = try reader.bytes(Self.headerLength, at: offset)
    guard bytes.starts(with: Self.mark), bytes[4] == 0,
      offset + Self.headerLength + Int(bytes[26]) <= reader.size
    else { return nil }
    func number(_ range: Range<Int>) -> UInt64 { bytes[range].reversed().reduce(0) { $0 << 8 | UInt64($1) } }
    self.offset = offset
    flags = bytes[5]
    granule = number(6..<14)
    serial = UInt32(truncatingIfNeeded: number(14..<18))
    sequence = UInt32(truncatingIfNeeded: number(18..<22))
    checksum = UInt32(truncatingIfNeeded: number(22..<26))
    lacing = try reader.bytes(Int(bytes[26]), at: offset + Self.headerLength)
    bodyLength = lacing.reduce(0) { $0 + Int($1) }
  }

  /// The whole page as stored, as much of it as the file has.
  func bytes(_ reader: HeaderReader) throws(MediaError) -> [UInt8] {
    try reader.bytes(min(end, reader.size) - offset, at: offset)
  }

  /// Whether the check sum of `bytes`, the page as stored, holds.
  func isIntact(_ bytes: [UInt8]) -> Bool {
    var blank = bytes
    guard blank.count == end - offset else { return false }
    for index in 22..<26 { blank[index] = 0 }
    return OggChecksum.of(blank) == checksum
  }

  /// A page as stored.
  static func serialized(
    flags: UInt8, granule: UInt64, serial: UInt32, sequence: UInt32, lacing: ArraySlice<UInt8>,
    body: ArraySlice<UInt8>
  ) -> [UInt8] {
    var bytes = mark + [0, flags] + granule.littleEndianBytes + serial.littleEndianBytes
    bytes += sequence.littleEndianBytes + [0, 0, 0, 0, UInt8(truncatingIfNeeded: lacing.count)]
    bytes += lacing
    bytes += body
    bytes.replaceSubrange(22..<26, with: OggChecksum.of(bytes).littleEndianBytes)
    return bytes
  }

  /// Gives `bytes`, a page as stored, another sequence number.
  func renumbered(_ bytes: [UInt8], to number: UInt32) -> [UInt8] {
    var bytes = bytes
    let change = OggChecksum.change(
      (sequence ^ number).littleEndianBytes, at: 18, ofPageOf: end - offset)
    bytes.replaceSubrange(18..<22, with: number.littleEndianBytes)
    bytes.replaceSubrange(22..<26, with: (checksum ^ change).littleEndianBytes)
    return bytes
  }
}

/// Goes from page to page, over damage to the next page, and counts the links of a chain: streams that begin after
/// others have ended.
struct OggWalk {
  let reader: HeaderReader
  /// Index of the link that the last page belongs to.
  private(set) var link = -1
  private var offset = 0
  private var isBehindData = true

  init(_ reader: HeaderReader) { self.reader = reader }

  /// The next page; nil at the end.
  mutating func next() throws(MediaError) -> OggPage? {
    while offset <= reader.size - OggPage.headerLength {
      guard let page = try OggPage(at: offset, reader) else {
        try skip()
        continue
      }
      if page.isFirst, isBehindData { link += 1 }
      isBehindData = !page.isFirst
      offset = page.end
      return page
    }
    return nil
  }

  /// Goes to the next capture pattern.
  private mutating func skip() throws(MediaError) {
    // With the version, so that what only looks like a page costs no reading.
    let pattern = OggPage.mark + [0]
    offset += 1
    while offset < reader.size {
      let bytes = try reader.bytes(min(4096, reader.size - offset), at: offset)
      var index = 0
      while index + 5 <= bytes.count {
        if bytes[index] == pattern[0], bytes[index..<index + 5].elementsEqual(pattern) {
          offset += index
          return
        }
        index += 1
      }
      offset += max(1, index)
    }
  }
}
