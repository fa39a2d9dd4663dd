/// Makes numbers for contents that sort by time and are unique across machines: 48 bits of milliseconds and 80 random
/// bits as 26 characters of Crockford's base 32, the form known as ULID. Within one generator they only grow.
public struct ProduceIDs: Sendable {
  private static let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
  private var time: UInt64 = 0
  private var high: UInt16 = 0
  private var low: UInt64 = 0

  /// A generator; give each worker its own.
  public init() {}

  /// The next number. `milliseconds` are those since 1970; a clock that went back is not followed.
  public mutating func next(
    milliseconds: Int64, using random: inout some RandomNumberGenerator
  ) -> String {
    let now = UInt64(clamping: milliseconds) & 0xFFFF_FFFF_FFFF
    if now > time {
      time = now
      high = random.next() & 0x7FFF
      low = random.next()
    } else {
      let (sum, overflow) = low.addingReportingOverflow(1 &+ random.next() % 0xFFFF_FFFF)
      low = sum
      if overflow { high &+= 1 }
    }
    return text
  }

  /// The next number, with the system's randomness.
  public mutating func next(milliseconds: Int64) -> String {
    var random = SystemRandomNumberGenerator()
    return next(milliseconds: milliseconds, using: &random)
  }

  private var text: String {
    var bytes = [UInt8](repeating: 0, count: 26)
    for index in 0..<10 { bytes[9 - index] = Self.digits[Int(time >> (5 * UInt64(index)) & 31)] }
    // 80 bits from the right: `high` above the 64 of `low`.
    for index in 0..<16 {
      let shift = UInt64(5 * index)
      var value = shift < 64 ? low >> shift : 0
      if shift >= 64 {
        value = UInt64(high) >> (shift - 64)
      } else if shift > 59 {
        value |= UInt64(high) << (64 - shift)
      }
      bytes[25 - index] = Self.digits[Int(value & 31)]
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
