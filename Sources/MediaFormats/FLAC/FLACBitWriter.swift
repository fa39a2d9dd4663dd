/// Bits, most significant first.
struct FLACBitWriter {
  private(set) var bytes: [UInt8]
  private var word: UInt64 = 0
  private var filled = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The lowest 0 … 56 bits of `value`.
  mutating func write(_ value: Int, _ count: Int) {
    guard count > 0 else { return }
    let mask = (UInt64(1) << UInt64(count)) - 1
    word = word << UInt64(count) | UInt64(bitPattern: Int64(value)) & mask
    filled += count
    while filled >= 8 {
      filled -= 8
      bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(filled)))
    }
  }

  /// `count` zeros and a one.
  mutating func unary(_ count: Int) {
    var rest = count
    while rest >= 32 {
      write(0, 32)
      rest -= 32
    }
    write(1, rest + 1)
  }

  mutating func alignToByte() { if filled > 0 { write(0, 8 - filled) } }
}
