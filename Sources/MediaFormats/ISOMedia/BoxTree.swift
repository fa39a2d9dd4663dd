internal import MediaCore

/// A box at its place in a `BoxTree`; ranges count from the first byte of the tree.
struct Box {
  let type: BoxType
  /// The whole box.
  let range: Range<Int>
  /// Behind size and type, and behind version and flags in a `meta` that has them.
  let content: Range<Int>
  /// Index of the box around it; nil for a root.
  let parent: Int?
  /// Index of the first box that is not inside it.
  var next: Int
  /// How many bytes of a container, from its content on, are boxes: less than all where the rest makes no box.
  var filled: Int
}

/// A box and the boxes inside it, taken apart as far as metadata and the tables of samples need it.
struct BoxTree {
  private static let containers: Set<BoxType> = Set(
    [
      "moov", "trak", "mdia", "minf", "stbl", "udta", "meta", "ilst", "mvex", "dinf", "edts", "moof", "traf",
      "mfra",
    ]
    .map { BoxType($0) })
  /// Containers in which a byte that is no box may hide a table of offsets.
  private static let structural: Set<BoxType> = Set(
    ["moov", "trak", "mdia", "minf", "stbl", "moof", "traf", "mfra"].map { BoxType($0) })
  /// An honest film has about thirty boxes a track; more than this is an attack.
  private static let mostBoxes = 1 << 16

  /// All bytes.
  let bytes: [UInt8]
  /// Offset of the first byte in the file.
  let base: Int
  /// In the order of the file, containers in front of what they contain.
  private(set) var boxes: [Box] = []

  /// Takes the box that fills `bytes` apart. Throws `malformed` for a root that does not, `limitExceeded` for too many
  /// boxes or too deep ones. What makes no box inside ends its container: see `raggedContainer`.
  init(_ bytes: [UInt8], base: Int, limits: Limits) throws(MediaError) {
    self.bytes = bytes
    self.base = base
    guard let root = header(at: 0, end: bytes.count) else {
      throw MediaError(.malformed, .decode, "no box stands at offset \(base)")
    }
    try append(root, parent: nil, depth: 0, limits)
  }

  /// The outermost box.
  var root: Box { boxes[0] }

  /// The first container of samples whose bytes do not all make boxes: what it hides cannot be kept right.
  var raggedContainer: Box? {
    boxes.first {
      Self.structural.contains($0.type) && $0.content.lowerBound + $0.filled < $0.content.upperBound
    }
  }

  /// Indices of the boxes directly inside box `index`.
  func children(of index: Int) -> [Int] {
    var result: [Int] = []
    var child = index + 1
    while child < boxes[index].next {
      if boxes[child].parent == index { result.append(child) }
      child = boxes[child].next
    }
    return result
  }

  /// The first box of `type` directly inside box `index`.
  func child(_ type: BoxType, of index: Int) -> Int? { children(of: index).first { boxes[$0].type == type } }

  /// The first box at the end of a path of types below box `index`.
  func descendant(_ path: String, of index: Int) -> Int? {
    var current = index
    for type in path.split(separator: "/") {
      guard let child = child(BoxType(String(type)), of: current) else { return nil }
      current = child
    }
    return current
  }

  /// The way to a box for people: `moov/udta/meta`.
  func path(to index: Int) -> String {
    var names: [String] = []
    var current: Int? = index
    while let box = current {
      names.append(boxes[box].type.description)
      current = boxes[box].parent
    }
    return names.reversed().joined(separator: "/")
  }

  /// The type of the handler box inside box `index`.
  func handler(of index: Int) -> BoxType? {
    guard let hdlr = child(.hdlr, of: index) else { return nil }
    return number(4, at: boxes[hdlr].content.lowerBound + 8, in: hdlr).map {
      BoxType(rawValue: UInt32(truncatingIfNeeded: $0))
    }
  }

  /// The unsigned number of `count` bytes at `offset` of the tree; nil where box `index` does not hold all of it.
  func number(_ count: Int, at offset: Int, in index: Int) -> UInt64? {
    let content = boxes[index].content
    guard offset >= content.lowerBound, offset <= content.upperBound - count else { return nil }
    return bytes.bigEndian(count, at: offset)
  }
}

// Taking apart.
extension BoxTree {
  private func header(at offset: Int, end: Int) -> Box? {
    guard end - offset >= 8 else { return nil }
    var size = bytes.bigEndian(4, at: offset)
    let type = BoxType(rawValue: UInt32(truncatingIfNeeded: bytes.bigEndian(4, at: offset + 4)))
    var header = 8
    if size == 1 {
      guard end - offset >= 16 else { return nil }
      size = bytes.bigEndian(8, at: offset + 8)
      header = 16
    } else if size == 0, offset == 0 {
      size = UInt64(end)
    }
    guard size >= UInt64(header), size <= UInt64(end - offset) else { return nil }
    let range = offset..<offset + Int(size)
    let start = range.lowerBound + header + (type == .meta ? metaPrefix(range.dropFirst(header)) : 0)
    let content = start..<range.upperBound
    return Box(type: type, range: range, content: content, parent: nil, next: 0, filled: content.count)
  }

  /// Four bytes of version and flags in front of the boxes of a `meta`; none in the QuickTime form, which is told by
  /// the type that stands where the other form has the size of its first box.
  private func metaPrefix(_ content: Range<Int>) -> Int {
    guard content.count >= 8 else { return min(4, content.count) }
    let type = BoxType(rawValue: UInt32(truncatingIfNeeded: bytes.bigEndian(4, at: content.lowerBound + 4)))
    return [.hdlr, .keys, .ilst].contains(type) ? 0 : 4
  }

  private mutating func append(
    _ box: Box, parent: Int?, depth: Int, _ limits: Limits
  ) throws(MediaError) {
    guard boxes.count < Self.mostBoxes else {
      throw MediaError(
        .limitExceeded, .decode,
        "box '\(boxes.first?.type.description ?? "")' at offset \(base) holds more than \(Self.mostBoxes) boxes"
      )
    }
    guard depth <= limits.nesting else {
      throw MediaError(
        .limitExceeded, .decode, "boxes are nested more than \(limits.nesting) deep at offset \(base)")
    }
    let index = boxes.count
    boxes.append(
      Box(
        type: box.type, range: box.range, content: box.content, parent: parent, next: index + 1,
        filled: box.filled))
    let isItem = parent.map { boxes[$0].type == .ilst } ?? false
    guard Self.containers.contains(box.type) || isItem else { return }
    var offset = box.content.lowerBound
    while let child = header(at: offset, end: box.content.upperBound) {
      try append(child, parent: index, depth: depth + 1, limits)
      offset = child.range.upperBound
    }
    boxes[index].filled = offset - box.content.lowerBound
    boxes[index].next = boxes.count
  }
}

extension [UInt8] {
  /// The unsigned number of `count` (1 … 8) bytes at `offset`, most significant first; the caller has checked that
  /// they are there.
  func bigEndian(_ count: Int, at offset: Int) -> UInt64 {
    var value: UInt64 = 0
    for index in offset..<offset + count { value = value << 8 | UInt64(self[index]) }
    return value
  }
}
