internal import MediaCore

/// The header of an element (RFC 8794, 4 … 6) at its place in a file or buffer.
struct EBMLElement {
  /// Most bytes of a header: four of ID (EBMLMaxIDLength cannot make the IDs of Matroska longer) and eight of size.
  static let headerBytes = 12

  let id: EBMLID
  /// Offset of the ID.
  let offset: Int
  /// Offset of the data.
  let dataOffset: Int
  /// Bytes of data; nil where the size is unknown, as live streams write it.
  let length: Int?

  /// Bytes of the size field.
  var sizeBytes: Int { dataOffset - offset - id.bytes.count }
  /// Where the data ends; where it begins when the size is unknown.
  var end: Int { dataOffset + (length ?? 0) }
  /// Header and data.
  var range: Range<Int> { offset..<end }
  /// The data.
  var data: Range<Int> { dataOffset..<end }

  init(id: EBMLID, offset: Int, dataOffset: Int, length: Int?) {
    self.id = id
    self.offset = offset
    self.dataOffset = dataOffset
    self.length = length
  }

  /// The header at the start of `head`, which stands at `offset`; nil when it is none or is cut off.
  init?(_ head: ArraySlice<UInt8>, at offset: Int) {
    guard let first = head.first, first >= 0x10 else { return nil }
    let idBytes = first.leadingZeroBitCount + 1
    guard head.count > idBytes else { return nil }
    let mark = head[head.startIndex + idBytes]
    let sizeBytes = mark.leadingZeroBitCount + 1
    guard sizeBytes <= 8, head.count >= idBytes + sizeBytes else { return nil }
    let id = head.prefix(idBytes).reduce(0) { $0 << 8 | UInt32($1) }
    let field = head.dropFirst(idBytes).prefix(sizeBytes).reduce(0) { $0 << 8 | UInt64($1) }
    let ones = UInt64(1) << (7 * UInt64(sizeBytes)) - 1
    let size = field & ones
    let dataOffset = offset + idBytes + sizeBytes
    // Below 2^56, so the sum with an offset in a file cannot overflow.
    self.init(
      id: EBMLID(id), offset: offset, dataOffset: dataOffset,
      length: size == ones ? nil : Int(truncatingIfNeeded: size))
  }
}

extension HeaderReader {
  /// The element whose header stands at `offset`; nil when there is none.
  func element(at offset: Int) throws(MediaError) -> EBMLElement? {
    guard offset < size else { return nil }
    let head = try bytes(min(EBMLElement.headerBytes, size - offset), at: offset)
    return EBMLElement(head[...], at: offset)
  }
}
