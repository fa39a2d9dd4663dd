internal import MediaCore

/// A box of the file itself.
struct TopLevelBox {
  let type: BoxType
  /// The whole box as its size says: past the end of a file that was cut.
  let range: Range<Int>
  /// Offset behind size and type.
  let content: Int
}

/// The boxes of a file from front to back; only their headers are read.
struct TopLevelBoxes {
  /// A day in fragments of a second has less than a tenth of it.
  private static let mostBoxes = 1 << 22

  /// Where the next box begins.
  private(set) var offset: Int
  /// What is wrong with the end of the boxes, if anything is: nothing behind it was read.
  private(set) var defect: String?
  /// The last box, where the file ends inside of it.
  private(set) var cut: TopLevelBox?
  private var count = 0
  private let reader: HeaderReader

  /// The boxes from `offset` on.
  init(_ input: InputFile, from offset: Int = 0) {
    reader = HeaderReader(input, windowBytes: 4096)
    self.offset = offset
  }

  /// The next box; nil behind the last one. Throws `limitExceeded` for more boxes than a film can have.
  mutating func next() throws(MediaError) -> TopLevelBox? {
    guard defect == nil, cut == nil, offset < reader.size else { return nil }
    count += 1
    guard count <= Self.mostBoxes else {
      throw MediaError(.limitExceeded, .decode, "the file has more than \(Self.mostBoxes) boxes")
    }
    guard reader.size - offset >= 8 else { return end("\(reader.size - offset) bytes are left over") }
    var size = try reader.bigEndian(4, at: offset)
    let type = BoxType(rawValue: UInt32(truncatingIfNeeded: try reader.bigEndian(4, at: offset + 4)))
    var header = 8
    if size == 1 {
      guard reader.size - offset >= 16 else { return end("the size of box '\(type)' is cut off") }
      size = try reader.bigEndian(8, at: offset + 8)
      header = 16
    } else if size == 0 {
      size = UInt64(reader.size - offset)
    }
    guard size >= UInt64(header), let length = Int(exactly: size) else {
      return end("box '\(type)' says that it is \(size) bytes long")
    }
    let (upper, isTooFar) = offset.addingReportingOverflow(length)
    guard !isTooFar else { return end("box '\(type)' says that it is \(size) bytes long") }
    let box = TopLevelBox(type: type, range: offset..<upper, content: offset + header)
    if upper > reader.size { cut = box }
    offset = upper
    return box
  }

  private mutating func end(_ what: String) -> TopLevelBox? {
    defect = "\(what) at offset \(offset)"
    return nil
  }
}
