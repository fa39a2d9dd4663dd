/// Bits on their way to memory, a zero byte stuffed behind each 0xFF (T.81 B.1.1.5). Trivial to copy, so that a loop can have it in
/// registers.
struct JPEGBitQueue {
  /// Where the next byte goes; whoever writes has seen to room.
  private(set) var cursor: UnsafeMutableRawPointer
  // The lowest 64 - `free` bits are to be written yet; what stands above them is of no meaning.
  private var held: UInt64 = 0
  private var free = 64

  init(at cursor: UnsafeMutableRawPointer) { self.cursor = cursor }

  /// Goes on elsewhere, in memory that holds what was written.
  mutating func move(to cursor: UnsafeMutableRawPointer) { self.cursor = cursor }

  /// Writes the lowest `count` bits, at most 56, of `bits`, which has no others.
  @inline(__always) mutating func put(_ bits: UInt64, _ count: Int) {
    if count < free {
      held = held &<< UInt64(count) | bits
      free &-= count
      return
    }
    let over = count &- free
    let word = held &<< UInt64(free & 63) | bits &>> UInt64(over)
    // Only in a byte of 0xFF does adding one clear the highest bit.
    if word & 0x8080_8080_8080_8080 & ~(word &+ 0x0101_0101_0101_0101) == 0 {
      cursor.storeBytes(of: word.bigEndian, as: UInt64.self)
      cursor += 8
    } else {
      cursor = Self.stuffed(word, 8, at: cursor)
    }
    held = bits
    free = 64 &- over
  }

  /// Writes the lowest `count` bytes of `word` and returns what is behind them.
  private static func stuffed(
    _ word: UInt64, _ count: Int, at start: UnsafeMutableRawPointer
  ) -> UnsafeMutableRawPointer {
    var cursor = start
    for index in (0..<count).reversed() {
      let byte = UInt8(truncatingIfNeeded: word >> UInt64(8 * index))
      cursor.storeBytes(of: byte, as: UInt8.self)
      cursor += 1
      guard byte == 0xFF else { continue }
      cursor.storeBytes(of: 0, as: UInt8.self)
      cursor += 1
    }
    return cursor
  }

  /// Fills the last byte up with ones (T.81 F.1.2.3) and writes what is held.
  mutating func flush() {
    let open = free % 8
    if open > 0 { put(1 << UInt64(open) - 1, open) }
    cursor = Self.stuffed(held, (64 - free) / 8, at: cursor)
    free = 64
  }

  /// Writes marker `code`; nothing may be held.
  mutating func mark(_ code: UInt8) {
    cursor.storeBytes(of: 0xFF, as: UInt8.self)
    cursor.storeBytes(of: code, toByteOffset: 1, as: UInt8.self)
    cursor += 2
  }
}
