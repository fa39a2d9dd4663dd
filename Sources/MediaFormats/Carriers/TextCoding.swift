/// Text of the containers that came before Unicode was everywhere.
enum TextCoding {
  /// Bytes of a text that ends with the field: zeros behind it are padding.
  static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    bytes[..<(bytes.lastIndex { $0 != 0 }.map { $0 + 1 } ?? bytes.startIndex)]
  }

  /// UTF-8 where it is valid, Latin-1 elsewhere: fields specified as ASCII or Latin-1 are often filled with UTF-8.
  static func text(_ bytes: ArraySlice<UInt8>) -> String {
    String(validating: bytes, as: UTF8.self) ?? latin1(bytes)
  }

  /// ISO 8859-1.
  static func latin1(_ bytes: some Sequence<UInt8>) -> String {
    var text = String.UnicodeScalarView()
    for byte in bytes { text.append(Unicode.Scalar(byte)) }
    return String(text)
  }

  /// UTF-16; an odd byte at the end is dropped, what is invalid replaced.
  static func utf16(_ bytes: ArraySlice<UInt8>, isBigEndian: Bool) -> String {
    let units = stride(from: bytes.startIndex, to: bytes.endIndex - bytes.count % 2, by: 2).map { index in
      let (a, b) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
      return isBigEndian ? a << 8 | b : b << 8 | a
    }
    return String(decoding: units, as: UTF16.self)
  }
}
