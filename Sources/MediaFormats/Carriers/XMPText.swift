internal import MediaCore

/// The characters of an XMP packet, as UTF-8 and cut to the packet.
struct XMPText {
  /// UTF-8 without byte order mark, padding and what follows the packet.
  let bytes: [UInt8]
  /// What had to be replaced to make valid UTF-8; nil when nothing.
  let defect: String?

  /// Decodes UTF-8, UTF-16 or UTF-32, told apart by byte order mark or by the zeros around the first `<`.
  init(_ packet: [UInt8], limits: Limits) throws(MediaError) {
    guard packet.count <= limits.metadataValueBytes else {
      throw MediaError(
        .limitExceeded, .metadata,
        "XMP packet of \(packet.count) bytes exceeds the \(limits.metadataValueBytes) allowed")
    }
    let (decoded, isExact) = Self.decode(packet)
    bytes = Self.cut(decoded)
    defect = isExact ? nil : "bytes that are not valid Unicode were replaced"
  }

  /// Whether there is anything to parse.
  var isBlank: Bool { bytes.isEmpty }

  /// Whether a line break follows the packet's first processing instruction, kept as the style of the wrapper.
  var breaksLines: Bool {
    guard let end = Self.instructionEnd(in: bytes[...]) else { return false }
    return bytes[end...].first.map { $0 == 0x0A || $0 == 0x0D } ?? false
  }

  private static func decode(_ packet: [UInt8]) -> ([UInt8], isExact: Bool) {
    switch (packet.first, packet.dropFirst().first, packet.dropFirst(2).first, packet.dropFirst(3).first) {
    case (0xFF, 0xFE, 0, 0), (0x3C, 0, 0, 0):
      return decode(packet, as: UTF32.self, width: 4, bigEndian: false)
    case (0, 0, 0xFE, 0xFF), (0, 0, 0, 0x3C): return decode(packet, as: UTF32.self, width: 4, bigEndian: true)
    case (0xFF, 0xFE, _, _), (0x3C, 0, _, _):
      return decode(packet, as: UTF16.self, width: 2, bigEndian: false)
    case (0xFE, 0xFF, _, _), (0, 0x3C, _, _): return decode(packet, as: UTF16.self, width: 2, bigEndian: true)
    default:
      if String(validating: packet, as: UTF8.self) != nil { return (packet, true) }
      return (Array(String(decoding: packet, as: UTF8.self).utf8), false)
    }
  }

  private static func decode<Encoding: Unicode.Encoding>(
    _ packet: [UInt8], as encoding: Encoding.Type, width: Int, bigEndian: Bool
  ) -> ([UInt8], isExact: Bool) where Encoding.CodeUnit: FixedWidthInteger {
    let units = stride(from: 0, to: packet.count - packet.count % width, by: width).map { start in
      packet[start..<start + width].enumerated().reduce(into: Encoding.CodeUnit.zero) { unit, byte in
        unit |= Encoding.CodeUnit(byte.element) << ((bigEndian ? width - 1 - byte.offset : byte.offset) * 8)
      }
    }
    if let exact = String(validating: units, as: encoding) { return (Array(exact.utf8), true) }
    return (Array(String(decoding: units, as: encoding).utf8), false)
  }

  private static func cut(_ text: [UInt8]) -> [UInt8] {
    var rest = text[...]
    if rest.starts(with: "\u{FEFF}".utf8) { rest = rest.dropFirst(3) }
    rest = rest.drop { $0 <= 0x20 }
    // Everything behind the trailer is padding of the carrier; a packet without a trailer ends at its last tag.
    if let trailer = lastIndex(of: Array("<?xpacket end".utf8), in: rest),
      let end = instructionEnd(in: rest[trailer...])
    {
      return Array(rest[..<end])
    }
    guard let last = rest.lastIndex(of: UInt8(ascii: ">")) else { return Array(rest) }
    return Array(rest[...last])
  }

  /// Behind the first `?>` of `text`.
  private static func instructionEnd(in text: ArraySlice<UInt8>) -> Int? {
    text.indices.dropLast().first { text[$0] == UInt8(ascii: "?") && text[$0 + 1] == UInt8(ascii: ">") }.map {
      $0 + 2
    }
  }

  private static func lastIndex(of needle: [UInt8], in text: ArraySlice<UInt8>) -> Int? {
    var end = text.endIndex
    while let index = text[..<end].lastIndex(of: needle[0]) {
      if text[index...].starts(with: needle) { return index }
      end = index
    }
    return nil
  }
}
