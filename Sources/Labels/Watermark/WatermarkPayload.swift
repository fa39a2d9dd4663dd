internal import Crypto

/// The 64 bits of a watermark: 24 of who provides, 40 of what was produced.
public struct WatermarkPayload: Sendable, Hashable, CustomStringConvertible {
  /// The bits, the first in the highest place.
  public let bits: UInt64

  /// A payload by its bits.
  public init(bits: UInt64) { self.bits = bits }

  /// The first 24 bits of SHA-256 of "ContentProducer" NUL `producer`, then the first 40 of SHA-256 of "ProduceID" NUL
  /// `produceID`, in UTF-8.
  public init(producer: String, produceID: String) {
    bits =
      Self.head("ContentProducer", producer, bits: 24) << 40 | Self.head("ProduceID", produceID, bits: 40)
  }

  /// 16 hexadecimal digits; nil for anything else.
  public init?(hexadecimal text: String) {
    guard text.utf8.count == 16, text.utf8.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
      let bits = UInt64(text, radix: 16)
    else { return nil }
    self.bits = bits
  }

  /// 16 hexadecimal digits.
  public var description: String {
    let digits = String(bits, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// The upper 32 bits XOR the lower 32: what short sound carries.
  public var folded: UInt32 { UInt32(truncatingIfNeeded: bits >> 32 ^ bits) }

  /// Whether `text`, 16 hexadecimal digits or the 8 of `folded`, is of this payload.
  public func isShown(as text: String) -> Bool {
    text == description || text == WatermarkPayload(bits: UInt64(folded)).description.suffix(8)
  }

  /// The 24 bits of the provider.
  public var producerBits: UInt64 { bits >> 40 }

  private static func head(_ name: String, _ value: String, bits: Int) -> UInt64 {
    let digest = SHA256.hash(data: Array(name.utf8) + [0] + Array(value.utf8))
    return digest.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } >> (64 - UInt64(bits))
  }
}
