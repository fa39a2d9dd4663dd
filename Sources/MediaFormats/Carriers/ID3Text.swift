internal import MediaCore

/// The text of a frame, in the four codings of ID3v2.4 4.
struct ID3Text {
  /// Parts that ended with a zero, and the last.
  let parts: [String]

  /// The text in `bytes`, split at its first `splits` terminators. `coding` is the byte in front of it.
  init(_ bytes: ArraySlice<UInt8>, coding: UInt8, splits: Int = 0) {
    let isWide = coding == 1 || coding == 2
    var parts: [String] = []
    var rest = bytes
    // A later string of coding 1 without a mark of its own takes the order of the first.
    var isBigEndian = coding == 2
    for _ in 0..<splits {
      guard let end = Self.terminator(in: rest, isWide: isWide) else { break }
      parts.append(Self.text(rest[..<end], coding: coding, &isBigEndian))
      rest = rest[(end + (isWide ? 2 : 1))...]
    }
    parts.append(Self.text(rest, coding: coding, &isBigEndian))
    self.parts = parts
  }

  private static func terminator(in bytes: ArraySlice<UInt8>, isWide: Bool) -> Int? {
    guard isWide else { return bytes.firstIndex(of: 0) }
    return stride(from: bytes.startIndex, to: bytes.endIndex - 1, by: 2).first { index in
      bytes[index] == 0 && bytes[index + 1] == 0
    }
  }

  private static func text(_ bytes: ArraySlice<UInt8>, coding: UInt8, _ isBigEndian: inout Bool) -> String {
    guard coding == 1 || coding == 2 else { return joined(TextCoding.text(bytes)) }
    if bytes.starts(with: [0xFF, 0xFE]) { isBigEndian = false }
    if bytes.starts(with: [0xFE, 0xFF]) { isBigEndian = true }
    let text = TextCoding.utf16(bytes, isBigEndian: isBigEndian)
    return joined(String(text.unicodeScalars.filter { $0 != "\u{FEFF}" }))
  }

  /// Zeros at the end are padding; inside they separate several values (ID3v2.4 4.2).
  private static func joined(_ text: String) -> String {
    guard text.utf8.contains(0) else { return text }
    return text.split(separator: "\0", omittingEmptySubsequences: true).joined(separator: "\n")
  }

  /// The content of a TXXX frame: coding, description, zero, value. ASCII goes as Latin-1 before version 4, which
  /// every reader takes; other text as UTF-16, version 3's only Unicode.
  static func userText(_ name: String, _ value: String, version: UInt8) -> [UInt8] {
    let bytes = Array((name + "\0" + value).utf8)
    if version == 4 { return [3] + bytes }
    if bytes.allSatisfy({ $0 < 0x80 }) { return [0] + bytes }
    func wide(_ text: String) -> [UInt8] { [0xFF, 0xFE] + text.utf16.flatMap(\.littleEndianBytes) }
    return [1] + wide(name) + [0, 0] + wide(value)
  }
}
