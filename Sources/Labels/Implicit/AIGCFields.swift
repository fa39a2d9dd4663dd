/// The members of the metadata label (GB 45438-2025, annex E) and what their values may hold.
enum AIGCFields {
  /// In the order of annex E c) to i).
  static let names = [
    "Label", "ContentProducer", "ProduceID", "ReservedCode1", "ContentPropagator", "PropagateID",
    "ReservedCode2",
  ]

  /// Longest value written. The standard names no length; the strictest reader known takes 2048 characters.
  static let longestValue = 2048

  /// Whether a producer's or propagator's reserved field, which alone may hold quotation marks.
  static func isReserved(_ name: String) -> Bool { name.hasPrefix("ReservedCode") }

  /// The first character of `value` outside annex E j): 0x21, 0x23 … 0x5B, 0x5D … 0x7E, and the quotation mark where
  /// `quotes` are allowed; nil when there is none.
  static func offender(in value: String, quotes: Bool) -> (position: Int, scalar: Unicode.Scalar)? {
    for (position, scalar) in value.unicodeScalars.enumerated() {
      switch scalar.value {
      case 0x21, 0x23...0x5B, 0x5D...0x7E: continue
      case 0x22 where quotes: continue
      default: return (position, scalar)
      }
    }
    return nil
  }

  /// `U+4E2D '中'`, `U+0020`: how an error or finding names a character.
  static func spelled(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    let code = "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    return scalar.properties.isAlphabetic || (0x21...0x7E).contains(scalar.value)
      ? "\(code) '\(scalar)'" : code
  }
}
