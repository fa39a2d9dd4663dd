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
  static let blockBytes = Int(tm_block_bytes)

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

  /// Writes MCUs up to `end` as `tm_scan_splice` does; false where a table lacks a code, and without memory.
  mutating func splice(_ scan: UnsafePointer<tm_scan>, _ state: inout tm_splice, until end: Int) -> Bool {
    while true {
      let outcome = Int(tm_scan_splice(scan, &state, Int64(end), &queue, self.end))
      guard outcome == Int(tm_splice_full) else { return outcome == Int(tm_splice_done) }
      guard grow(Int(state.room)) else { return false }
    }
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
    let total = count + Int(tm_count_stuffed(start, Int64(count))) + 2 * intervals.count
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
