internal import MediaCore

extension MetadataCarrier {
  /// An item of an APE tag.
  static let ape = MetadataCarrier(rawValue: "ape")
}

/// An APEv2 (or v1) tag at the end of a file: items between an optional header and a footer.
struct APETag {
  private struct Item {
    let key: String
    let range: Range<Int>
    let value: Range<Int>
    let isText: Bool
  }

  static let frameLength = 32
  private static let mark = Array("APETAGEX".utf8)
  /// Header, items and footer.
  let range: Range<Int>
  private let hasHeader: Bool
  private let items: [Item]
  private let isWhole: Bool

  /// The tag whose footer ends at `end`; nil when there is none.
  init?(endingAt end: Int, in reader: HeaderReader, limits: Limits) throws(MediaError) {
    let footer = end - Self.frameLength
    guard footer >= 0, try reader.bytes(8, at: footer) == Self.mark else { return nil }
    // The size counts items and footer.
    let size = Int(try reader.littleEndian(4, at: footer + 12))
    let count = Int(try reader.littleEndian(4, at: footer + 16))
    let start = end - size
    guard size >= Self.frameLength, start >= 0 else { return nil }
    let front = start - Self.frameLength
    hasHeader = front >= 0 ? try reader.bytes(8, at: front) == Self.mark : false
    range = (hasHeader ? start - Self.frameLength : start)..<end
    var items: [Item] = []
    var offset = start
    while items.count < min(count, limits.metadataItems), footer - offset > 9 {
      let length = Int(try reader.littleEndian(4, at: offset))
      let flags = try reader.littleEndian(4, at: offset + 4)
      let key = try reader.bytes(min(256, footer - offset - 8), at: offset + 8).prefix { $0 != 0 }
      let value = offset + 8 + key.count + 1
      guard key.count < 256, value <= footer, length <= footer - value else { break }
      items.append(
        Item(
          key: TextCoding.latin1(key), range: offset..<value + length, value: value..<value + length,
          isText: flags & 6 == 0))
      offset = value + length
    }
    self.items = items
    isWhole = items.count == count && offset == footer
  }

  /// Adds one item for each text.
  func add(to list: inout MetadataList, _ reader: HeaderReader) throws(MediaError) {
    for item in items where item.isText {
      let bytes =
        item.value.count <= list.room ? try reader.bytes(item.value.count, at: item.value.lowerBound) : nil
      try list.addText(
        .ape, namespace: "APE", name: item.key,
        value: bytes.map { TextCoding.text(TextCoding.trimmed($0[...])) },
        offset: item.range.lowerBound, path: "APE \(item.key)", isRegularPlace: false)
    }
  }

  /// Whether an item begins at `offset`.
  func holds(_ offset: UInt64) -> Bool { items.contains { UInt64($0.range.lowerBound) == offset } }

  /// Takes the items at the offsets of `removed` out; a tag without items goes.
  func remove(
    _ removed: [MetadataItem], from edits: inout ByteEdits, _ reader: HeaderReader
  ) throws(MediaError) {
    let offsets = Set(removed.map(\.offset))
    let doomed = items.filter { offsets.contains(UInt64($0.range.lowerBound)) }
    guard !doomed.isEmpty else { return }
    guard isWhole else {
      throw MediaError(
        .malformed, .metadata,
        "APE tag at offset \(range.lowerBound) cannot be edited without loss: its sizes do not add up")
    }
    if doomed.count == items.count {
      try edits.remove(range)
      return
    }
    for item in doomed { try edits.remove(item.range) }
    let size = range.count - (hasHeader ? Self.frameLength : 0) - doomed.reduce(0) { $0 + $1.range.count }
    let fields =
      UInt32(truncatingIfNeeded: size).littleEndianBytes
      + UInt32(truncatingIfNeeded: items.count - doomed.count).littleEndianBytes
    let footer = range.upperBound - Self.frameLength
    try edits.replace(footer + 12..<footer + 20, with: fields)
    if hasHeader { try edits.replace(range.lowerBound + 12..<range.lowerBound + 20, with: fields) }
  }
}
