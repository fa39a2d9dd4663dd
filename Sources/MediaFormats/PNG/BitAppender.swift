internal import MediaCore

/// Joins bit strings, lowest bit of a byte first (RFC 1951 3.1.1), and hands on whole bytes.
struct BitAppender {
  private static let batchWords = 8192
  /// Bits that do not fill a byte yet, at the bottom.
  private var pending: UInt64 = 0
  private var pendingCount = 0
  private let head: [UInt8]
  private var wroteHead = false

  /// Begins with whole bytes.
  init(_ head: [UInt8]) { self.head = head }

  /// Appends the bits `range` of `source`.
  mutating func append(
    _ source: UnsafeRawBufferPointer, _ range: Range<Int>,
    _ sink: (UnsafeRawBufferPointer) throws(MediaError) -> Void
  ) throws(MediaError) {
    try writeHead(sink)
    var bit = range.lowerBound
    if bit % 8 == pendingCount, pendingCount == 0 {
      // Same alignment: whole bytes go as they are.
      let end = range.upperBound / 8
      if end > bit / 8 { try sink(UnsafeRawBufferPointer(rebasing: source[bit / 8..<end])) }
      bit = max(bit, end * 8)
      if bit < range.upperBound { addBits(UInt64(source[bit / 8]), range.upperBound - bit) }
      return
    }
    if bit % 8 != 0, bit < range.upperBound {
      let count = min(8 - bit % 8, range.upperBound - bit)
      addBits(UInt64(source[bit / 8]) >> UInt64(bit % 8), count)
      bit += count
    }
    try drainBytes(sink)
    try appendWords(source, &bit, range.upperBound, sink)
    var rest: [UInt8] = []
    while bit < range.upperBound {
      addBits(UInt64(source[bit / 8]), min(8, range.upperBound - bit))
      bit = min(range.upperBound, bit + 8)
      if pendingCount >= 8 { rest.append(takeByte()) }
    }
    if !rest.isEmpty { try Self.send(rest, sink) }
  }

  /// Fills the last byte with zero bits and appends `tail`.
  mutating func finish(
    _ tail: [UInt8], _ sink: (UnsafeRawBufferPointer) throws(MediaError) -> Void
  ) throws(MediaError) {
    try writeHead(sink)
    var rest: [UInt8] = []
    while pendingCount > 0 {
      pendingCount = max(8, pendingCount)
      rest.append(takeByte())
    }
    try Self.send(rest + tail, sink)
  }

  /// From a byte boundary of the source, eight bytes at a time shifted behind the pending bits (fewer than 8).
  private mutating func appendWords(
    _ source: UnsafeRawBufferPointer, _ bit: inout Int, _ end: Int,
    _ sink: (UnsafeRawBufferPointer) throws(MediaError) -> Void
  ) throws(MediaError) {
    var words = max(0, end - bit) / 64
    let shift = UInt64(pendingCount)
    var carry = pending
    while words > 0 {
      let count = min(words, Self.batchWords)
      let first = bit / 8
      var batch = [UInt64](repeating: 0, count: count)
      batch.withUnsafeMutableBufferPointer { out in
        for i in 0..<count {
          let word = UInt64(
            littleEndian: source.loadUnaligned(fromByteOffset: first &+ i &* 8, as: UInt64.self))
          out[i] = (carry | word &<< shift).littleEndian
          carry = shift == 0 ? 0 : word &>> (64 &- shift)
        }
      }
      try Self.send(batch, sink)
      bit += count * 64
      words -= count
    }
    pending = carry
  }

  private mutating func writeHead(
    _ sink: (UnsafeRawBufferPointer) throws(MediaError) -> Void
  ) throws(MediaError) {
    if !wroteHead { try Self.send(head, sink) }
    wroteHead = true
  }

  private mutating func drainBytes(
    _ sink: (UnsafeRawBufferPointer) throws(MediaError) -> Void
  ) throws(MediaError) {
    if pendingCount >= 8 { try Self.send([takeByte()], sink) }
  }

  private mutating func addBits(_ bits: UInt64, _ count: Int) {
    pending |= (bits & ((1 << UInt64(count)) - 1)) << UInt64(pendingCount)
    pendingCount += count
  }

  private mutating func takeByte() -> UInt8 {
    let byte = UInt8(truncatingIfNeeded: pending)
    pending >>= 8
    pendingCount -= 8
    return byte
  }

  private static func send<Element>(
    _ elements: [Element], _ sink: (UnsafeRawBufferPointer) throws(MediaError) -> Void
  ) throws(MediaError) {
    var failure: MediaError?
    elements.withUnsafeBytes { bytes in
      do throws(MediaError) { try sink(bytes) } catch { failure = error }
    }
    if let failure { throw failure }
  }
}
