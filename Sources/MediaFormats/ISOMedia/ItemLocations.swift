internal import MediaCore

/// Where the items of a `meta` box are (`iloc`, ISO/IEC 14496-12, 8.11.3), as still pictures and some films have them.
struct ItemLocations {
  private struct Field {
    let place: Int
    let width: Int
    let value: UInt64
  }
  private struct Item {
    let id: UInt64
    /// 0 for the file, 1 for the `idat` box.
    let method: UInt64
    let isOwn: Bool
    let base: Field
    let extents: [(offset: Field, length: UInt64)]
  }

  private static let mostExtents = 1 << 16

  private let tree: BoxTree
  private var items: [Item] = []

  /// Those of the outermost box of `tree`; none without an `iloc`.
  init(_ tree: BoxTree) throws(MediaError) {
    self.tree = tree
    if let iloc = tree.child(.iloc, of: 0) { try parse(iloc) }
  }

  /// Those of box `iloc`.
  init(_ tree: BoxTree, iloc: Int) throws(MediaError) {
    self.tree = tree
    try parse(iloc)
  }

  private mutating func parse(_ iloc: Int) throws(MediaError) {
    var fields = BoxFields(tree, iloc)
    let version = try fields.next(1)
    try fields.skip(3)
    let (first, second) = (try fields.next(1), try fields.next(1))
    let widths = [first >> 4, first & 15, second >> 4, version == 0 ? 0 : second & 15].map { Int($0) }
    guard version <= 2, widths.allSatisfy({ [0, 4, 8].contains($0) }) else {
      throw MediaError(
        .malformed, .metadata, "box 'iloc' has version \(version) and fields of \(widths) bytes")
    }
    var left = Self.mostExtents
    for _ in 0..<(try fields.next(version == 2 ? 4 : 2)) {
      let id = try fields.next(version == 2 ? 4 : 2)
      let method = version == 0 ? 0 : try fields.next(2) & 15
      let reference = try fields.next(2)
      let base = Field(place: fields.offset, width: widths[2], value: try fields.next(widths[2]))
      let count = Int(try fields.next(2))
      left -= count
      guard left >= 0 else {
        throw MediaError(.limitExceeded, .metadata, "box 'iloc' has more than \(Self.mostExtents) extents")
      }
      var extents: [(Field, UInt64)] = []
      for _ in 0..<count {
        try fields.skip(widths[3])
        let offset = Field(place: fields.offset, width: widths[0], value: try fields.next(widths[0]))
        extents.append((offset, try fields.next(widths[1])))
      }
      items.append(Item(id: id, method: method, isOwn: reference == 0, base: base, extents: extents))
    }
  }

  /// Puts all offsets into the file right in `bytes`, those of the tree.
  func patch(_ bytes: inout [UInt8], by shift: ByteShift) throws(MediaError) {
    for item in items where item.method == 0 && item.isOwn {
      var moves: [UInt64] = []
      for extent in item.extents {
        let offset = item.base.value &+ extent.offset.value
        moves.append(try shift.position(of: offset) &- offset)
      }
      guard let move = moves.first, moves.contains(where: { $0 != 0 }) else { continue }
      if item.base.width > 0, moves.allSatisfy({ $0 == move }) {
        try bytes.put(item.base.value &+ move, item.base.width, at: item.base.place)
        continue
      }
      for (extent, move) in zip(item.extents, moves) where move != 0 {
        guard extent.offset.width > 0 else {
          throw MediaError(.unsupported, .metadata, "item \(item.id) of 'iloc' has no field for its offset")
        }
        try bytes.put(extent.offset.value &+ move, extent.offset.width, at: extent.offset.place)
      }
    }
  }

  /// The XMP packets among the items of a top-level `meta`, in one piece of the file each.
  func packets(in input: InputFile, limits: Limits) throws(MediaError) -> [(Range<Int>, [MetadataItem])] {
    let packets = packetItems
    var result: [(Range<Int>, [MetadataItem])] = []
    for item in items where packets.contains(item.id) && item.isOwn && item.extents.count == 1 {
      guard let start = start(of: item), let length = Int(exactly: item.extents[0].length),
        length <= limits.metadataValueBytes, start <= input.size - length
      else { continue }
      let opaque = OpaqueBox(packet: start..<start + length)
      let items = opaque.items(
        try input.read(length, at: start), offset: UInt64(start), path: "meta item \(item.id)", limits: limits
      )
      result.append((start..<start + length, items))
    }
    return result
  }

  private func start(of item: Item) -> Int? {
    guard let offset = Int(exactly: item.base.value &+ item.extents[0].offset.value) else { return nil }
    if item.method == 0 { return offset }
    guard item.method == 1, let idat = tree.child(BoxType("idat"), of: 0) else { return nil }
    let content = tree.boxes[idat].content
    return offset <= content.count ? tree.base + content.lowerBound + offset : nil
  }

  /// The items of content type `application/rdf+xml` (`infe` version 2 or 3, 8.11.6).
  private var packetItems: Set<UInt64> {
    guard let iinf = tree.child(BoxType("iinf"), of: 0) else { return [] }
    var result: Set<UInt64> = []
    let content = tree.boxes[iinf].content
    var offset = content.lowerBound + (tree.number(1, at: content.lowerBound, in: iinf) == 0 ? 6 : 8)
    while let size = tree.number(4, at: offset, in: iinf).map({ Int($0) }), size >= 20,
      size <= content.upperBound - offset
    {
      let width = tree.bytes[offset + 8] == 3 ? 4 : 2
      let names = tree.bytes[offset + 18 + width..<offset + size].split(
        separator: 0, omittingEmptySubsequences: false)
      if tree.bytes.bigEndian(4, at: offset + 14 + width) == UInt64(BoxType("mime").rawValue),
        names.count > 1,
        names[1].elementsEqual("application/rdf+xml".utf8)
      {
        result.insert(tree.bytes.bigEndian(width, at: offset + 12))
      }
      offset += size
    }
    return result
  }
}

/// The fields of a box one after the other.
struct BoxFields {
  /// Where in the tree the next one is.
  private(set) var offset: Int
  private let tree: BoxTree
  private let box: Int

  init(_ tree: BoxTree, _ box: Int) {
    self.tree = tree
    self.box = box
    offset = tree.boxes[box].content.lowerBound
  }

  /// The next `count` (0 … 8) bytes as a number. Throws `malformed` behind the end of the box.
  mutating func next(_ count: Int) throws(MediaError) -> UInt64 {
    guard let value = tree.number(count, at: offset, in: box) else {
      throw MediaError(
        .malformed, .decode,
        "box '\(tree.boxes[box].type)' at offset \(tree.base + tree.boxes[box].range.lowerBound) is too short"
      )
    }
    offset += count
    return value
  }

  /// Passes over `count` bytes.
  mutating func skip(_ count: Int) throws(MediaError) {
    for _ in 0..<count { _ = try next(1) }
  }
}
