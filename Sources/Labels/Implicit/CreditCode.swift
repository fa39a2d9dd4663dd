/// The check character of a unified social credit code (GB 32100-2015: 18 characters, the last is the check).
enum CreditCode {
  /// Digits and upper-case letters without I, O, S, V and Z; a character's value is its place.
  static let alphabet = Array("0123456789ABCDEFGHJKLMNPQRTUWXY".utf8)

  /// Why `code` is no credit code, with `first` as the position of its first character; nil when it is one.
  static func problem(with code: [UInt8], countingFrom first: Int) -> String? {
    var sum = 0
    var weight = 1
    for (index, byte) in code.enumerated() {
      guard let value = alphabet.firstIndex(of: byte) else {
        return "position \(first + index) is '\(character(byte))', which a credit code (GB 32100) never holds"
      }
      guard index < 17 else { break }
      sum += value * weight
      weight = weight * 3 % 31
    }
    guard code.count == 18 else { return "a credit code (GB 32100) has 18 characters, not \(code.count)" }
    let check = alphabet[(31 - sum % 31) % 31]
    guard code[17] == check else {
      return
        "position \(first + 17) is '\(character(code[17]))', but the credit code's check character (GB 32100) "
        + "is '\(character(check))'"
    }
    return nil
  }

  private static func character(_ byte: UInt8) -> Character { Character(Unicode.Scalar(byte)) }
}
