/// A profile that ImageMagick and others keep in a text chunk `Raw profile type NAME`: a line break, the name, the
/// length in decimal and the bytes in hexadecimal digits.
struct PNGRawProfile {
  static let keywordPrefix = "Raw profile type "
  private static let exifPrefix = Array("Exif\0\0".utf8)
  private static let packetPrefix = Array("http://ns.adobe.com/xap/1.0/\0".utf8)

  enum Content { case packet, exif }

  let name: String
  let content: Content
  /// What stands in front of the packet or TIFF structure: the identifier of a JPEG APP1 segment, or nothing.
  private let prefix: [UInt8]
  /// The packet or TIFF structure.
  var payload: [UInt8]

  /// Reads a profile that holds XMP or Exif; nil for others and for damaged ones.
  init?(keyword: String, text: [UInt8]) {
    guard keyword.hasPrefix(Self.keywordPrefix) else { return nil }
    name = String(keyword.dropFirst(Self.keywordPrefix.count))
    guard ["xmp", "exif", "app1"].contains(name.lowercased()), let bytes = Self.bytes(text) else {
      return nil
    }
    if bytes.starts(with: Self.exifPrefix) {
      (content, prefix) = (.exif, Self.exifPrefix)
    } else if bytes.starts(with: Self.packetPrefix) {
      (content, prefix) = (.packet, Self.packetPrefix)
    } else {
      let isTIFF = bytes.starts(with: Array("II*\0".utf8)) || bytes.starts(with: Array("MM\0*".utf8))
      (content, prefix) = (isTIFF ? .exif : .packet, [])
    }
    payload = Array(bytes.dropFirst(prefix.count))
  }

  /// The text of the chunk again, 36 bytes a line.
  var text: [UInt8] {
    let bytes = prefix + payload
    let digits = Array("0123456789abcdef".utf8)
    var text = Array("\n\(name)\n".utf8)
    let length = String(bytes.count)
    text += Array(repeating: UInt8(ascii: " "), count: max(0, 8 - length.utf8.count)) + Array(length.utf8)
    for (index, byte) in bytes.enumerated() {
      if index % 36 == 0 { text.append(UInt8(ascii: "\n")) }
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    text.append(UInt8(ascii: "\n"))
    return text
  }

  private static func bytes(_ text: [UInt8]) -> [UInt8]? {
    let lines = text.split(separator: UInt8(ascii: "\n"), maxSplits: 2)
    guard lines.count == 3, let length = Int(String(decoding: lines[1].filter { $0 != 32 }, as: UTF8.self)),
      length >= 0, length <= lines[2].count / 2
    else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(length)
    var high: UInt8?
    for digit in lines[2] {
      guard let value = hexValue(digit) else { continue }
      if let first = high {
        bytes.append(first << 4 | value)
        high = nil
      } else {
        high = value
      }
    }
    return bytes.count >= length ? Array(bytes.prefix(length)) : nil
  }

  private static func hexValue(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - 48
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - 87
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - 55
    default: nil
    }
  }
}
