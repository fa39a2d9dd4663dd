internal import CImageIO

/// Reads block after block of a scan's entropy-coded data (T.81 F.2.2). The data must go on for more bytes than a block can
/// take; whether one went beyond its end is for the caller to see.
struct JPEGBlockReader {
  typealias Entry = JPEGHuffmanTable.Entry

  /// Data without stuffed bytes.
  let bytes: UnsafePointer<UInt8>
  /// The next bit.
  var position: Int

  /// The next bits from the highest on; at least 57 of them are of the data.
  @inline(__always) private var window: UInt64 {
    UInt64(bigEndian: UnsafeRawPointer(bytes + position &>> 3).loadUnaligned(as: UInt64.self))
      &<< UInt64(position & 7)
  }

  /// Passes over the difference of a block's first coefficient.
  mutating func skipDC(_ table: JPEGHuffmanTable.Lookup) { position &+= Int(table.entry(window) & 0xFF) }

  /// Reads a block's other coefficients into `block`, whose first is `first`; false where they are none.
  @inline(__always)
  mutating func readAC(
    _ table: JPEGHuffmanTable.Lookup, into block: UnsafeMutablePointer<Int16>, first: Int16,
    _ order: JPEGZigzag.Pointers
  ) -> Bool {
    let end = tm_huffman_read(bytes, Int64(position), table.kernel, order.natural, block, first)
    guard end >= 0 else { return false }
    position = Int(end)
    return true
  }

  /// Whether a block is coded with a symbol that `first` or `others`, 256 flags each, have for its first coefficient and for the
  /// others.
  @inline(__always)
  mutating func meets(
    _ first: UnsafePointer<Bool>, _ others: UnsafePointer<Bool>, _ dc: JPEGHuffmanTable.Lookup,
    _ ac: JPEGHuffmanTable.Lookup
  ) -> Bool {
    let entry = dc.entry(window)
    if first[Int(entry &>> 24)] { return true }
    position &+= Int(entry & 0xFF)
    var k = 1
    while k < 64 {
      let entry = ac.entry(window)
      guard entry != 0 else { return false }
      let advance = Int(entry &>> 8 & 0xFF)
      let isEnd = advance == JPEGHuffmanTable.endOfBlock
      if others[isEnd ? 0 : ((advance &- 1) &<< 4 | Int(entry &>> 24)) & 0xFF] { return true }
      position &+= Int(entry & 0xFF)
      k &+= advance
    }
    return false
  }
}
