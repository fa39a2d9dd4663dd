/// The text of an Exif value, in the codings that are written in practice.
enum ExifText {
  /// The text of bytes without a coding of their own: UTF-16 behind a byte order mark, UTF-8 otherwise (Exif says
  /// ASCII; invalid bytes are replaced). Zeros and spaces around it are padding.
  static func plain(_ bytes: ArraySlice<UInt8>) -> String {
    if let isBigEndian = mark(of: bytes) { return utf16(bytes.dropFirst(2), isBigEndian: isBigEndian) }
    return trimmed(String(decoding: bytes, as: UTF8.self))
  }

  /// UTF-16 text; the byte order mark is dropped.
  static func utf16(_ bytes: ArraySlice<UInt8>, isBigEndian: Bool) -> String {
    trimmed(String(decoding: units(bytes, isBigEndian: isBigEndian), as: UTF16.self))
  }

  /// How many bytes of a UserComment are its character code (CIPA DC-008, 4.6.6): eight, or none where a writer
  /// left it out.
  static func codeLength(of comment: ArraySlice<UInt8>) -> Int { code(of: comment) == nil ? 0 : 8 }

  /// The text of a UserComment. `isBigEndian` is the order of the block, in which `UNICODE` should be written.
  static func comment(_ bytes: ArraySlice<UInt8>, isBigEndian: Bool) -> String {
    guard let code = code(of: bytes) else { return plain(bytes) }
    let text = bytes.dropFirst(8)
    guard code == "UNICODE", mark(of: text) == nil else { return plain(text) }
    if isPlainASCII(text) { return plain(text) }
    let own = plausibility(text, isBigEndian: isBigEndian)
    let other = plausibility(text, isBigEndian: !isBigEndian)
    return utf16(text, isBigEndian: other > own ? !isBigEndian : isBigEndian)
  }

  /// `ASCII`, `UNICODE`, `JIS` or empty for eight blanks; nil for none.
  private static func code(of comment: ArraySlice<UInt8>) -> String? {
    guard comment.count >= 8 else { return nil }
    let word = trimmed(String(decoding: comment.prefix(8), as: UTF8.self)).uppercased()
    return ["ASCII", "UNICODE", "JIS", ""].contains(word) ? word : nil
  }

  private static func mark(of bytes: ArraySlice<UInt8>) -> Bool? {
    if bytes.starts(with: [0xFE, 0xFF]) { return true }
    if bytes.starts(with: [0xFF, 0xFE]) { return false }
    return nil
  }

  private static func units(_ bytes: ArraySlice<UInt8>, isBigEndian: Bool) -> [UInt16] {
    stride(from: bytes.startIndex, to: bytes.endIndex - bytes.count % 2, by: 2).map { index in
      let (a, b) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
      return isBigEndian ? a << 8 | b : b << 8 | a
    }
  }

  /// Whether bytes announced as UTF-16 are plainly not: as such they would be eight or more rare ideographs.
  private static func isPlainASCII(_ bytes: ArraySlice<UInt8>) -> Bool {
    let text = bytes.prefix { $0 != 0 }
    return text.count >= 8 && text.allSatisfy { (0x20...0x7E).contains($0) || $0 == 0x0A || $0 == 0x0D }
  }

  /// Higher for Latin, punctuation and common ideographs, lower for controls and stray surrogates.
  private static func plausibility(_ bytes: ArraySlice<UInt8>, isBigEndian: Bool) -> Int {
    units(bytes, isBigEndian: isBigEndian).reduce(0) { score, unit in
      switch unit {
      case 0: score
      case 0x20...0x7E: score &+ 3
      case 0x3000...0x30FF, 0x4E00...0x9FFF, 0xFF00...0xFFEF: score &+ 1
      case 0x01...0x08, 0x0E...0x1F, 0xD800...0xF8FF, 0xFFFE...: score &- 2
      default: score
      }
    }
  }

  /// Without padding; zeros inside separate the parts of a value (Copyright has two).
  private static func trimmed(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard let first = scalars.firstIndex(where: { $0 != "\0" && $0 != " " }),
      let last = scalars.lastIndex(where: { $0 != "\0" && $0 != " " })
    else { return "" }
    let inner = scalars[first...last]
    guard inner.contains("\0") else { return String(inner) }
    return inner.split(separator: "\0").map { String($0) }.joined(separator: "\n")
  }
}
