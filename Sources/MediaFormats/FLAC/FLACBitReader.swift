/// Bits of frames, most significant first. Reading beyond the end gives zeros and sets `isExhausted`.
struct FLACBitReader {
  private let bytes: UnsafeRawBufferPointer
  private let end: Int
  /// Bits read.
  private(set) var position: Int
  /// Whether more was read than there is.
  var isExhausted: Bool { position > end }

  /// `bytes` end with `padding` bytes that belong to nothing.
  init(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
    self.bytes = bytes
    end = 8 * (bytes.count - Self.padding)
    position = 8 * offset
  }

  /// Bytes that a load may reach beyond the last.
  static let padding = 16

  @inline(__always)
  private var next: UInt64 {
    let offset = min(position >> 3, bytes.count - Self.padding)
    let word = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    return word << UInt64(position & 7)
  }

  /// An unsigned number of 0 … 56 bits.
  @inline(__always)
  mutating func unsigned(_ count: Int) -> UInt64 {
    guard count > 0 else { return 0 }
    let word = next >> UInt64(64 - count)
    position += count
    return word
  }

  /// A number of 1 … 56 bits in two's complement.
  @inline(__always)
  mutating func signed(_ count: Int) -> Int {
    guard count > 0 else { return 0 }
    let word = Int(truncatingIfNeeded: Int64(bitPattern: next) >> Int64(64 - count))
    position += count
    return word
  }

  /// Zeros before a one.
  @inline(__always)
  mutating func unary() -> Int {
    var count = 0
    while position <= end {
      let zeros = next.leadingZeroBitCount
      // The last 7 bits of a word may be shifted in zeros.
      if zeros < 57 {
        position += zeros + 1
        return count + zeros
      }
      count += 56
      position += 56
    }
    return count
  }

  /// A number by Rice: zeros before a one, and `parameter` bits behind it.
  @inline(__always)
  mutating func rice(_ parameter: Int) -> UInt64 {
    let word = next
    let zeros = word.leadingZeroBitCount
    let length = zeros + 1 + parameter
    guard length <= 57 else { return UInt64(unary()) << UInt64(parameter) | unsigned(parameter) }
    position += length
    // In two steps, for no bits at all are a shift by 64.
    let low = ((word &<< UInt64(zeros + 1)) &>> 1) &>> UInt64(63 - parameter)
    return (UInt64(zeros) &<< UInt64(parameter)) | low
  }

  mutating func alignToByte() { position = (position + 7) & ~7 }
}
