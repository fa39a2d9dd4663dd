/// Annex E of GB 45438-2025: the one field of an implicit label, its seven keys and its characters.
enum AnnexE {
  /// The XMP namespace of TC260-PG-20259A, with its slash.
  static let namespace = "http://www.tc260.org.cn/ns/AIGC/1.0/"
  /// The prefix that the guides print.
  static let prefix = "TC260"
  /// The name of the field.
  static let field = "AIGC"
  /// Longest value of one key. The standard gives no bound; 2048 is what Tencent's labelling service takes, so a
  /// longer one would not pass there.
  static let longestValue = 2048

  /// The seven keys, in the order of E c) to i).
  enum Key: String, CaseIterable {
    case label = "Label"
    case producer = "ContentProducer"
    case produceID = "ProduceID"
    case reservedCode1 = "ReservedCode1"
    case propagator = "ContentPropagator"
    case propagateID = "PropagateID"
    case reservedCode2 = "ReservedCode2"

    /// Whether it holds protection data, which may quote JSON.
    var isReserved: Bool { self == .reservedCode1 || self == .reservedCode2 }
  }

  /// A character outside of E j).
  struct BadCharacter: Equatable {
    let scalar: Unicode.Scalar
    /// Counted in characters from 1.
    let position: Int

    /// `'\' (0x5C) at position 3`.
    var description: String {
      let hex = String(scalar.value, radix: 16, uppercase: true)
      let code = scalar.isASCII ? "0x" + (hex.count < 2 ? "0" : "") + hex : "U+" + hex
      let isShown = scalar.value > 0x20 && scalar.value < 0x7F
      return (isShown ? "'\(scalar)' (\(code))" : code) + " at position \(position)"
    }
  }

  /// The characters of E j) in words.
  static let charset = "0x21, 0x23-0x5B and 0x5D-0x7E (GB 45438-2025 Annex E j)"

  /// The first character of `value` outside of E j). A quote counts as one unless `quotes` is true: it may stand in
  /// a value, but only as `\"` in the JSON, which is how JSON writes it anyway.
  static func badCharacter(in value: String, quotes: Bool) -> BadCharacter? {
    var position = 0
    for scalar in value.unicodeScalars {
      position += 1
      switch scalar.value {
      case 0x22 where quotes: continue
      case 0x21, 0x23...0x5B, 0x5D...0x7E: continue
      default: return BadCharacter(scalar: scalar, position: position)
      }
    }
    return nil
  }
}
