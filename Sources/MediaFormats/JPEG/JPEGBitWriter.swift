internal import CImageIO
internal import MediaCore

/// Writes entropy-coded data to memory that grows.
struct JPEGBitWriter {
  /// What a block's codes can take, each byte stuffed, and more.
  static let blockBytes = 1024

  private(set) var buffer: ScratchBuffer
  private let scratch: Scratch
  private var start: UnsafeMutableRawPointer
  private var queue: JPEGBitQueue
  private var end: UnsafeMutableRawPointer

  /// A writer of about `capacity` bytes; it grows.
  init?(capacity: Int, _ scratch: Scratch) {
    buffer = scratch.borrow(capacity)
    guard let start = buffer.bytes.baseAddress else { return nil }
    (self.start, self.scratch, end) = (start, scratch, start + buffer.bytes.count)
    queue = JPEGBitQueue(at: start)
  }

  /// Bytes written to `buffer`.
  var count: Int { queue.cursor - start }

  /// Has room for `bytes` more; false without memory.
  @inline(__always) mutating func reserve(_ bytes: Int) -> Bool {
    end - queue.cursor >= bytes || grow(bytes)
  }

  private mutating func grow(_ bytes: Int) -> Bool {
    let larger = scratch.borrow(2 * buffer.bytes.count + bytes)
    guard let target = larger.bytes.baseAddress else { return false }
    target.copyMemory(from: start, byteCount: count)
    queue.move(to: target + count)
    (buffer, start, end) = (larger, target, target + larger.bytes.count)
    return true
  }

  /// Writes the lowest `count` bits, at most 56, of `bits`, which has no others. There must be room.
  mutating func put(_ bits: UInt64, _ count: Int) { queue.put(bits, count) }

  /// Copies bits `range` of `source`, which must go on for eight bytes more; false without memory.
  mutating func copy(_ range: Range<Int>, of source: UnsafePointer<UInt8>) -> Bool {
    guard !range.isEmpty else { return true }
    guard reserve(range.count / 4 + Self.blockBytes) else { return false }
    var queue = queue
    var position = range.lowerBound
    while position < range.upperBound {
      let word = UnsafeRawPointer(source + position &>> 3).loadUnaligned(as: UInt64.self).bigEndian
      let bits = min(56, range.upperBound &- position)
      queue.put((word &<< UInt64(position & 7)) &>> UInt64(64 &- bits), bits)
      position &+= bits
    }
    self.queue = queue
    return true
  }

  /// Ends the data, its last byte filled up.
  mutating func flush() { queue.flush() }

  /// Begins another restart interval behind marker `number`, counted from 0.
  mutating func restart(_ number: Int) { queue.mark(UInt8(0xD0 + number % 8)) }

  /// Writes the difference of a block's first coefficient to the one before; false where `table` has no code for it.
  @inline(__always) mutating func putDC(_ difference: Int, _ table: JPEGHuffmanTable.Lookup) -> Bool {
    let size = Self.size(difference)
    guard size < 12 else { return false }
    return Self.put(difference, size, table.code(size), to: &queue)
  }

  /// Writes a block's other coefficients; false where `table` has no code for one.
  @inline(__always)
  mutating func putAC(
    _ block: UnsafePointer<Int16>, _ table: JPEGHuffmanTable.Lookup, _ order: JPEGZigzag.Pointers
  ) -> Bool {
    var queue = queue
    defer { self.queue = queue }
    var rest = order.codedOrder(of: tm_block_nonzero(block)) & ~1
    var last = 0
    while rest != 0 {
      let k = rest.trailingZeroBitCount
      var run = k &- last &- 1
      while run > 15 {
        guard Self.put(0, 0, table.code(0xF0), to: &queue) else { return false }
        run &-= 16
      }
      let value = Int(block[Int(order.natural[k])])
      let size = Self.size(value)
      guard size < 11, Self.put(value, size, table.code(run &<< 4 | size), to: &queue) else { return false }
      last = k
      rest &= rest &- 1
    }
    return last == 63 || Self.put(0, 0, table.code(0), to: &queue)
  }

  @inline(__always)
  private static func put(_ value: Int, _ size: Int, _ code: UInt32, to queue: inout JPEGBitQueue) -> Bool {
    guard code != 0 else { return false }
    // Negative values stand for themselves less one (T.81 F.1.2.1.1).
    let bits = UInt64(bitPattern: Int64(value &+ value &>> 63)) & (1 &<< UInt64(size) &- 1)
    queue.put(UInt64(code &>> 8) &<< UInt64(size) | bits, Int(code & 0xFF) &+ size)
    return true
  }

  /// Calls `body` with the symbols of a block's other coefficients (T.81 F.1.2.2).
  @inline(__always)
  static func forEachSymbol(
    of block: UnsafePointer<Int16>, _ order: JPEGZigzag.Pointers, _ body: (Int) -> Void
  ) {
    var rest = order.codedOrder(of: tm_block_nonzero(block)) & ~1
    var last = 0
    while rest != 0 {
      let k = rest.trailingZeroBitCount
      let run = k &- last &- 1
      if run > 15 { body(0xF0) }
      body((run & 15) &<< 4 | size(Int(block[Int(order.natural[k])])) & 15)
      last = k
      rest &= rest &- 1
    }
    if last < 63 { body(0) }
  }

  /// The bits of a value's magnitude.
  @inline(__always) static func size(_ value: Int) -> Int {
    64 &- value.magnitude.leadingZeroBitCount
  }
}
