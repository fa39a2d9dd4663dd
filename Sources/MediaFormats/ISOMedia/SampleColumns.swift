internal import MediaCore

/// A table of rows of 32-bit numbers: `stts`, `ctts` and `stsc`.
struct RunTable {
  /// Rows.
  let count: Int
  private let bytes: [UInt8]
  private let start: Int
  private let columns: Int

  /// The table `name` of box `stbl`. Throws `malformed` where it is missing or cut.
  init(_ name: String, columns: Int, of stbl: Int, in tree: BoxTree) throws(MediaError) {
    guard let table = try RunTable(optional: name, columns: columns, of: stbl, in: tree) else {
      throw MediaError(.malformed, .decode, "a track has no '\(name)'")
    }
    self = table
  }

  /// Nil where it is missing. Throws `malformed` where it is cut.
  init?(optional name: String, columns: Int, of stbl: Int, in tree: BoxTree) throws(MediaError) {
    guard let box = tree.child(BoxType(name), of: stbl) else { return nil }
    (start, count) = try tree.rows(of: box, width: 4 * columns)
    bytes = tree.bytes
    self.columns = columns
  }

  subscript(row: Int, column: Int) -> UInt32 {
    UInt32(truncatingIfNeeded: bytes.bigEndian(4, at: start + 4 * (row * columns + column)))
  }
}

/// A table of numbers of one width: `stco`, `co64` and `stss`.
struct NumberTable {
  /// Numbers.
  let count: Int
  private let bytes: [UInt8]
  private let start: Int
  private let width: Int

  /// No numbers.
  init() { (count, bytes, start, width) = (0, [], 0, 4) }

  /// The table `name` of box `stbl`, nil where it is missing. Throws `malformed` where it is cut.
  init?(_ name: String, width: Int, of stbl: Int, in tree: BoxTree) throws(MediaError) {
    guard let box = tree.child(BoxType(name), of: stbl) else { return nil }
    (start, count) = try tree.rows(of: box, width: width)
    bytes = tree.bytes
    self.width = width
  }

  subscript(index: Int) -> UInt64 { bytes.bigEndian(width, at: start + width * index) }
}

/// The sizes of samples: `stsz`, or `stz2` with fields of four, eight or sixteen bits.
struct SampleSizes {
  /// Samples.
  let count: Int
  /// The size of all samples; zero where each has its own.
  let uniform: Int
  private let bytes: [UInt8]
  private let start: Int
  private let bits: Int

  /// Throws `malformed` where both tables are missing or the one is cut.
  init(_ stbl: Int, of tree: BoxTree) throws(MediaError) {
    let short = tree.child(BoxType("stz2"), of: stbl)
    guard let box = tree.child(BoxType("stsz"), of: stbl) ?? short else {
      throw MediaError(.malformed, .decode, "a track has neither 'stsz' nor 'stz2'")
    }
    var fields = BoxFields(tree, box)
    try fields.skip(4)
    let first = try fields.next(4)
    count = Int(try fields.next(4))
    let isShort = tree.boxes[box].type == BoxType("stz2")
    uniform = isShort ? 0 : Int(first)
    bits = isShort ? Int(first & 0xFF) : 32
    bytes = tree.bytes
    start = fields.offset
    guard [4, 8, 16, 32].contains(bits) else {
      throw MediaError(.malformed, .decode, "box 'stz2' has fields of \(bits) bits")
    }
    let room = tree.boxes[box].content.upperBound - start
    guard uniform > 0 || (count * bits + 7) / 8 <= room else {
      throw MediaError(
        .malformed, .decode, "box '\(tree.boxes[box].type)' has \(room) bytes for \(count) samples")
    }
  }

  subscript(index: Int) -> Int {
    if uniform > 0 { return uniform }
    if bits == 4 {
      let byte = bytes[start + index / 2]
      return Int(index.isMultiple(of: 2) ? byte >> 4 : byte & 15)
    }
    return Int(bytes.bigEndian(bits / 8, at: start + index * bits / 8))
  }
}

extension BoxTree {
  /// Where the rows of a table begin behind version, flags and count, and how many there are.
  fileprivate func rows(of box: Int, width: Int) throws(MediaError) -> (start: Int, count: Int) {
    var fields = BoxFields(self, box)
    try fields.skip(4)
    let count = Int(try fields.next(4))
    let room = boxes[box].content.upperBound - fields.offset
    guard count <= room / width else {
      throw MediaError(
        .malformed, .decode, "box '\(boxes[box].type)' has \(room) bytes for \(count) rows of \(width)")
    }
    return (fields.offset, count)
  }
}
