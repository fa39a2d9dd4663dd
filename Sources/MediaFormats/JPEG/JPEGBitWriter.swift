internal import CImageIO
internal import MediaCore

/// Writes the bits of entropy-coded data, a zero byte stuffed behind each 0xFF (T.81 B.1.1.5).
struct JPEGBitWriter {
  /// What a block's codes can take, each byte stuffed, and more.
  static let blockBytes = 1024

  private(set) var buffer: ScratchBuffer
  /// Bytes written to `buffer`.
  private(set) var count = 0
  private let scratch: Scratch
  private var target: UnsafeMutableRawPointer
  private var capacity: Int
  // The lowest 64 - `free` bits are to be written yet; what stands above them is of no meaning.
  private var held: UInt64 = 0
  private var free = 64

  /// A writer of about `capacity` bytes; it grows.
  init?(capacity: Int, _ scratch: Scratch) {
    buffer = scratch.borrow(capacity)
    guard let target = buffer.bytes.baseAddress else { return nil }
    (self.capacity, self.target, self.scratch) = (buffer.bytes.count, target, scratch)
  }

  /// Has room for `bytes` more; false without memory.
  @inline(__always) mutating func reserve(_ bytes: Int) -> Bool {
    capacity - count >= bytes || grow(bytes)
  }

  private mutating func grow(_ bytes: Int) -> Bool {
    let larger = scratch.borrow(2 * capacity + bytes)
    guard let start = larger.bytes.baseAddress else { return false }
    start.copyMemory(from: target, byteCount: count)
    (buffer, target, capacity) = (larger, start, larger.bytes.count)
    return true
  }

  /// Writes the lowest `count` bits, at most 56, of `bits`, which has no others. There must be room.
  @inline(__always) mutating func put(_ bits: UInt64, _ count: Int) {
    if count < free {
      held = held &<< UInt64(count) | bits
      free &-= count
      return
    }
    let over = count &- free
    emit(held &<< UInt64(free & 63) | bits &>> UInt64(over))
    held = bits
    free = 64 &- over
  }

  @inline(__always) private mutating func emit(_ word: UInt64) {
    // Only in a byte of 0xFF does adding one clear the highest bit.
    if word & 0x8080_8080_8080_8080 & ~(word &+ 0x0101_0101_0101_0101) == 0 {
      target.storeBytes(of: word.bigEndian, toByteOffset: count, as: UInt64.self)
      count &+= 8
    } else {
      emitStuffed(word)
    }
  }

  private mutating func emitStuffed(_ word: UInt64) {
    for shift in stride(from: UInt64(56), through: 0, by: -8) {
      emit(UInt8(truncatingIfNeeded: word >> shift))
    }
  }

  private mutating func emit(_ byte: UInt8) {
    target.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
    count += 1
    guard byte == 0xFF else { return }
    target.storeBytes(of: 0, toByteOffset: count, as: UInt8.self)
    count += 1
  }

  /// Copies bits `range` of `source`, which must go on for eight bytes more; false without memory.
  mutating func copy(_ range: Range<Int>, of source: UnsafePointer<UInt8>) -> Bool {
    guard !range.isEmpty else { return true }
    guard reserve(range.count / 4 + Self.blockBytes) else { return false }
    var position = range.lowerBound
    while position < range.upperBound {
      let word = UnsafeRawPointer(source + position &>> 3).loadUnaligned(as: UInt64.self).bigEndian
      let bits = min(56, range.upperBound &- position)
      put((word &<< UInt64(position & 7)) &>> UInt64(64 &- bits), bits)
      position &+= bits
    }
    return true
  }

  /// Fills the last byte up with ones (T.81 F.1.2.3) and writes what is held.
  mutating func flush() {
    let open = free % 8
    if open > 0 { put(1 << UInt64(open) - 1, open) }
    for shift in stride(from: 56 - free, through: 0, by: -8) {
      emit(UInt8(truncatingIfNeeded: held >> UInt64(shift)))
    }
    free = 64
  }

  /// Ends a restart interval with marker `number`, counted from 0.
  mutating func restart(_ number: Int) {
    flush()
    target.storeBytes(of: 0xFF, toByteOffset: count, as: UInt8.self)
    target.storeBytes(of: UInt8(0xD0 + number % 8), toByteOffset: count + 1, as: UInt8.self)
    count += 2
  }

  /// Writes the difference of a block's first coefficient to the one before; false where `table` has no code for it.
  @inline(__always) mutating func putDC(_ difference: Int, _ table: JPEGHuffmanTable.Lookup) -> Bool {
    let size = Self.size(difference)
    guard size < 12 else { return false }
    return put(difference, size, table.code(size))
  }

  /// Writes a block's other coefficients; false where `table` has no code for one.
  @inline(__always)
  mutating func putAC(
    _ block: UnsafePointer<Int16>, _ table: JPEGHuffmanTable.Lookup, _ order: JPEGZigzag.Pointers
  ) -> Bool {
    var rest = order.codedOrder(of: tm_block_nonzero(block)) & ~1
    var last = 0
    while rest != 0 {
      let k = rest.trailingZeroBitCount
      var run = k &- last &- 1
      while run > 15 {
        guard put(0, 0, table.code(0xF0)) else { return false }
        run &-= 16
      }
      let value = Int(block[Int(order.natural[k])])
      let size = Self.size(value)
      guard size < 11, put(value, size, table.code(run &<< 4 | size)) else { return false }
      last = k
      rest &= rest &- 1
    }
    return last == 63 || put(0, 0, table.code(0))
  }

  @inline(__always) private mutating func put(_ value: Int, _ size: Int, _ code: UInt32) -> Bool {
    guard code != 0 else { return false }
    // Negative values stand for themselves less one (T.81 F.1.2.1.1).
    let bits = UInt64(bitPattern: Int64(value &+ value &>> 63)) & (1 &<< UInt64(size) &- 1)
    put(UInt64(code &>> 8) &<< UInt64(size) | bits, Int(code & 0xFF) &+ size)
    return true
  }

  @inline(__always) private static func size(_ value: Int) -> Int {
    64 &- value.magnitude.leadingZeroBitCount
  }
}
