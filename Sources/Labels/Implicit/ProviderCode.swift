/// The 27-character code of a service provider (TC260-PG-20252A): format `00`, subject type, way of binding, subject
/// code and service extension.
public struct ProviderCode: Sendable, Hashable {
  /// What is wrong with a text that was to be a code.
  public struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
    /// The position (from 1) and what was expected there.
    public let description: String
  }

  /// What the service extension says the service does.
  public enum Service: Sendable, Hashable {
    /// `00000`: not told apart.
    case unspecified
    /// `1`: generates content.
    case generation
    /// `2`: propagates content.
    case propagation
    /// A digit or letter that the guide gives no meaning.
    case other(Character)
  }

  /// All 27 characters.
  public let text: String
  /// Position 3: `1` is an organisation.
  public let subjectType: Character
  /// Position 4: `1` binds by unified social credit code.
  public let binding: Character
  /// Positions 5 to 22: the credit code for an organisation.
  public let subject: String
  /// Positions 23 to 27: `00000`, or the service and its model or app code.
  public let serviceExtension: String

  /// Reads a code; throws what is wrong and where. The check character is verified for organisations that bind by
  /// credit code (positions 3 and 4 are `11`), the only binding whose digits are settled.
  public init(_ text: String) throws(Problem) {
    let bytes = Array(text.utf8)
    if let problem = Self.structure(of: text) { throw Problem(description: problem) }
    if bytes[2] == UInt8(ascii: "1"), bytes[3] == UInt8(ascii: "1"),
      let problem = CreditCode.problem(with: Array(bytes[4..<22]), countingFrom: 5)
    {
      throw Problem(description: problem)
    }
    self.text = text
    subjectType = Character(Unicode.Scalar(bytes[2]))
    binding = Character(Unicode.Scalar(bytes[3]))
    subject = String(decoding: bytes[4..<22], as: UTF8.self)
    serviceExtension = String(decoding: bytes[22...], as: UTF8.self)
  }

  /// Position 23.
  public var service: Service {
    if serviceExtension == "00000" { return .unspecified }
    return switch serviceExtension.first {
    case "1": .generation
    case "2": .propagation
    case let other: .other(other ?? "0")
    }
  }

  /// Whether `text` is meant to be a code rather than a name: 27 letters and digits of which at least nine are
  /// digits, or letters and digits of nearly that length that start as an organisation's code does.
  public static func looksLikeCode(_ text: String) -> Bool {
    let bytes = text.utf8
    guard (20...34).contains(bytes.count), bytes.allSatisfy(isAlphanumeric) else { return false }
    if bytes.starts(with: "0011".utf8) { return true }
    return bytes.count == 27 && bytes.count(where: { (0x30...0x39).contains($0) }) >= 9
  }

  /// What is wrong with `text` if it looks like a code; nil for a good code and for a name.
  public static func problem(with text: String) -> Problem? {
    guard looksLikeCode(text) else { return nil }
    do throws(Problem) {
      _ = try ProviderCode(text)
      return nil
    } catch { return error }
  }

  /// What to tell a person who gives `text` as a provider: nil for a good code and for nothing at all.
  public static func note(on text: String) -> String? {
    if text.isEmpty || looksLikeCode(text) { return nil }
    let bytes = Array(text.utf8)
    if bytes.count == 18, CreditCode.problem(with: bytes, countingFrom: 1) == nil {
      return
        "'\(text)' is a bare credit code; the provider's code made of it is 0011\(text)00000 or has its own last "
        + "five characters (TC260-PG-20252A)"
    }
    return
      "'\(text.prefix(80))' is a name, not a 27-character code (TC260-PG-20252A); the standard allows both"
  }

  private static func structure(of text: String) -> String? {
    let scalars = text.unicodeScalars
    guard scalars.count == 27 else { return "it has \(scalars.count) characters instead of 27" }
    for (index, scalar) in scalars.enumerated() {
      let isRight = scalar.isASCII && isAlphanumeric(UInt8(scalar.value)) && !("a"..."z").contains(scalar)
      if !isRight {
        return "position \(index + 1) is '\(scalar)', expected a digit or an upper-case letter"
      }
      if index < 2, scalar != "0" {
        return "position \(index + 1) is '\(scalar)', expected '0': the format is 00"
      }
    }
    return nil
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: false
    }
  }
}
