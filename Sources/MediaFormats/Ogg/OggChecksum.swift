/// The check sum of an Ogg page (RFC 3533 6, field 7): CRC-32 with the generator 04C11DB7, highest bit first, no
/// complements.
enum OggChecksum {
  private static let generator: UInt32 = 0x04C1_1DB7

  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte) << 24) { value, _ in value << 1 ^ (value >> 31 == 1 ? generator : 0) }
  }

  /// x^8, x^16, x^32 … modulo the generator: the effect of 1, 2, 4 … zero bytes.
  private static let zeros: [UInt32] = (1..<24).reduce(into: [0x100]) { powers, _ in
    powers.append(product(powers[powers.count - 1], powers[powers.count - 1]))
  }

  /// The check sum of `bytes`.
  static func of(_ bytes: some Sequence<UInt8>) -> UInt32 {
    bytes.reduce(0) { $0 << 8 ^ table[Int($0 >> 24) ^ Int($1)] }
  }

  /// By what the sum of a page of `length` bytes changes when its four bytes at `offset` change by `difference`
  /// (old XOR new). The sum is linear, so that the page need not be read, and one that was wrong stays wrong.
  static func change(_ difference: [UInt8], at offset: Int, ofPageOf length: Int) -> UInt32 {
    var value = of(difference)
    var count = length - offset - difference.count
    var power = 0
    while count > 0, power < zeros.count {
      if count & 1 == 1 { value = product(value, zeros[power]) }
      count >>= 1
      power += 1
    }
    return value
  }

  /// The product of two polynomials modulo the generator.
  private static func product(_ a: UInt32, _ b: UInt32) -> UInt32 {
    var result: UInt32 = 0
    for bit in stride(from: 31, through: 0, by: -1) {
      result = result << 1 ^ (result >> 31 == 1 ? generator : 0)
      if b >> UInt32(bit) & 1 == 1 { result ^= a }
    }
    return result
  }
}
