internal import CImageIO
internal import MediaCore

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Writes entropy-coded data to memory that grows. Zeros are stuffed behind bytes of 0xFF (T.81 B.1.1.5) when all is there.
struct JPEGBitWriter {
  /// What a block's codes can take, and more.
  static let blockBytes = 512

  private let scratch: Scratch
  private var buffer: ScratchBuffer
  private var start: UnsafeMutablePointer<UInt8>
  private var end: UnsafeMutablePointer<UInt8>
  private var queue: tm_bit_queue
  /// Where each restart interval but the first begins.
  private var intervals: [Int] = []

  /// A writer of about `capacity` bytes; it grows.
  init?(capacity: Int, _ scratch: Scratch) {
    buffer = scratch.borrow(capacity + Self.blockBytes)
    guard let start = buffer.bytes.bindMemory(to: UInt8.self).baseAddress else { return nil }
    (self.start, self.scratch, end) = (start, scratch, start + buffer.bytes.count)
    queue = tm_bit_queue(cursor: start, held: 0, count: 0)
  }

  private var count: Int { queue.cursor - start }

  /// Has room for `bytes` more; false without memory.
  @inline(__always) mutating func reserve(_ bytes: Int) -> Bool {
    end - queue.cursor >= bytes || grow(bytes)
  }

  private mutating func grow(_ bytes: Int) -> Bool {
    let larger = scratch.borrow(2 * buffer.bytes.count + bytes)
    guard let target = larger.bytes.bindMemory(to: UInt8.self).baseAddress else { return false }
    let count = count
    target.update(from: start, count: count)
    queue.cursor = target + count
    (buffer, start, end) = (larger, target, target + larger.bytes.count)
    return true
  }

  /// Writes the lowest `count` bits, at most 56, of `bits`, which has no others. There must be room.
  @inline(__always) mutating func put(_ bits: UInt64, _ count: Int) {
    tm_bits_put(&queue, bits, UInt32(truncatingIfNeeded: count))
  }

  /// Copies bits `range` of `source`, which must go on for eight bytes more; false without memory.
  mutating func copy(_ range: Range<Int>, of source: UnsafePointer<UInt8>) -> Bool {
    guard !range.isEmpty else { return true }
    guard reserve(range.count / 8 + Self.blockBytes) else { return false }
    var queue = queue
    var position = range.lowerBound
    while position < range.upperBound {
      let word = UnsafeRawPointer(source + position &>> 3).loadUnaligned(as: UInt64.self).bigEndian
      let bits = min(56, range.upperBound &- position)
      tm_bits_put(
        &queue, (word &<< UInt64(position & 7)) &>> UInt64(64 &- bits), UInt32(truncatingIfNeeded: bits))
      position &+= bits
    }
    self.queue = queue
    return true
  }

  /// Ends a restart interval: its last byte is filled up with ones (T.81 F.1.2.3).
  mutating func flush() {
    let open = (8 - Int(queue.count)) % 8
    if open > 0 { put(1 << UInt64(open) - 1, open) }
  }

  /// Begins another restart interval.
  mutating func restart() { intervals.append(count) }

  /// All that was written and flushed, with stuffed zeros, and the markers between restart intervals; nil without memory.
  func finish() -> (buffer: ScratchBuffer, count: Int)? {
    var stuffed = 0
    for byte in UnsafeBufferPointer(start: start, count: count) { stuffed &+= byte == 0xFF ? 1 : 0 }
    let total = count + stuffed + 2 * intervals.count
    let result = scratch.borrow(total)
    guard var target = result.bytes.bindMemory(to: UInt8.self).baseAddress else { return nil }
    var begin = 0
    for (number, end) in (intervals + [count]).enumerated() {
      if number > 0 {
        (target[0], target[1]) = (0xFF, UInt8(0xD0 + (number - 1) % 8))
        target += 2
      }
      while begin < end {
        let source = start + begin
        let found = memchr(source, 0xFF, end - begin).map {
          UnsafeRawPointer($0) - UnsafeRawPointer(source) + 1
        }
        let length = found ?? end - begin
        target.update(from: source, count: length)
        target += length
        begin += length
        guard found != nil else { continue }
        target.pointee = 0
        target += 1
      }
    }
    return (result, total)
  }

  /// Writes the difference of a block's first coefficient to the one before; false where `table` has no code for it.
  @inline(__always) mutating func putDC(_ difference: Int, _ table: JPEGHuffmanTable.Lookup) -> Bool {
    let size = Self.size(difference)
    let code = size < 12 ? table.code(size) : 0
    guard code != 0 else { return false }
    // Negative values stand for themselves less one (T.81 F.1.2.1.1).
    let bits = UInt64(bitPattern: Int64(difference &+ difference &>> 63)) & (1 &<< UInt64(size) &- 1)
    put(UInt64(code &>> 8) &<< UInt64(size) | bits, Int(code & 0xFF) &+ size)
    return true
  }

  /// Writes a block's other coefficients; false where `table` has no code for one.
  @inline(__always)
  mutating func putAC(
    _ block: UnsafePointer<Int16>, _ table: JPEGHuffmanTable.Lookup, _ order: JPEGZigzag.Pointers
  ) -> Bool {
    tm_huffman_write(&queue, block, table.kernel, order.natural, order.rows) != 0
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
