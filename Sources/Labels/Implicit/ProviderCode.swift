/// The code of a service provider (TC260-PG-20252A): 27 digits and capital letters that hold the subject's number and
/// say which of its services.
public enum ProviderCode {
  /// Characters of a code.
  public static let length = 27

  // GB 32100: the letters left out look like digits.
  private static let creditDigits = Array("0123456789ABCDEFGHJKLMNPQRTUWXY".utf8)

  /// Whether `text` is meant as a code: 27 letters and digits that begin with the format definition 00.
  public static func looksLikeCode(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return bytes.count == length && bytes.starts(with: "00".utf8)
      && bytes.allSatisfy { isDigit($0) || isCapital($0) || (0x61...0x7A).contains($0) }
  }

  /// What is wrong with a code, to follow "the code"; nil when its characters and, for an organisation bound by its
  /// unified social credit code, the check digit hold.
  public static func defect(of text: String) -> String? {
    let bytes = Array(text.utf8)
    guard bytes.count == length else { return "has \(bytes.count) characters instead of \(length)" }
    if let index = bytes.firstIndex(where: { !isDigit($0) && !isCapital($0) }) {
      return
        "has '\(Character(Unicode.Scalar(bytes[index])))' at position \(index + 1), where a digit or capital belongs"
    }
    guard bytes.starts(with: "00".utf8) else { return "does not begin with the format definition 00" }
    guard bytes[2] == 0x31, bytes[3] == 0x31 else { return nil }
    return creditDefect(bytes[4..<22])
  }

  /// The check digit of a unified social credit code (GB 32100): weights 3^i mod 31.
  private static func creditDefect(_ code: ArraySlice<UInt8>) -> String? {
    var sum = 0
    var weight = 1
    for (index, byte) in code.dropLast().enumerated() {
      guard let value = creditDigits.firstIndex(of: byte) else {
        return
          "has '\(Character(Unicode.Scalar(byte)))' at position \(index + 5), which no credit code holds (GB 32100)"
      }
      sum += value * weight
      weight = weight * 3 % 31
    }
    let expected = creditDigits[(31 - sum % 31) % 31]
    guard let last = code.last, last != expected else { return nil }
    return "its credit code ends in '\(Character(Unicode.Scalar(last)))' where the check digit is"
      + " '\(Character(Unicode.Scalar(expected)))' (position 22, GB 32100)"
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
  private static func isCapital(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }
}
