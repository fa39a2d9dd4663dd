internal import MediaCore

/// The ten bytes in front of an ID3v2 tag, or behind it (ID3v2.4 structure, 3.1 and 3.4).
struct ID3Header {
  static let length = 10

  /// Offset of the tag.
  let offset: Int
  /// 2, 3 or 4.
  let version: UInt8
  let flags: UInt8
  /// Bytes between header and footer.
  let size: Int

  var isUnsynchronised: Bool { flags & 0x80 != 0 }
  /// Bit 6 of version 2 announces a compression that was never specified.
  var isCompressed: Bool { version == 2 && flags & 0x40 != 0 }
  var hasExtendedHeader: Bool { version > 2 && flags & 0x40 != 0 }
  var hasFooter: Bool { version == 4 && flags & 0x10 != 0 }
  /// Offset of the first byte behind header.
  var bodyOffset: Int { offset + Self.length }
  /// Offset behind the tag with its footer.
  var end: Int { bodyOffset + size + (hasFooter ? Self.length : 0) }

  /// The header of the tag that begins at `offset`; nil when there is none.
  init?(at offset: Int, in reader: HeaderReader) throws(MediaError) {
    guard offset <= reader.size - Self.length else { return nil }
    self.init(try reader.bytes(Self.length, at: offset), mark: "ID3", offset: offset)
  }

  /// The header of the tag whose footer ends at `end`; nil when there is none.
  init?(endingAt end: Int, in reader: HeaderReader) throws(MediaError) {
    guard end >= 2 * Self.length else { return nil }
    let footer = try reader.bytes(Self.length, at: end - Self.length)
    guard let found = ID3Header(footer, mark: "3DI", offset: 0), found.hasFooter,
      let header = try ID3Header(at: end - found.size - 2 * Self.length, in: reader), header.end == end
    else { return nil }
    self = header
  }

  /// The header in the first ten of `bytes`.
  init?(_ bytes: [UInt8], mark: String = "ID3", offset: Int = 0) {
    guard offset >= 0, bytes.count >= Self.length, bytes.starts(with: mark.utf8), (2...4).contains(bytes[3]),
      bytes[4] != 0xFF, let size = ID3Size.value(of: bytes[6..<10])
    else { return nil }
    self.offset = offset
    version = bytes[3]
    flags = bytes[5]
    self.size = size
  }

  /// The bytes of a header (or footer) like this one with another size.
  func bytes(mark: String = "ID3", size: Int, flags: UInt8) -> [UInt8] {
    Array(mark.utf8) + [version, 0, flags] + ID3Size.bytes(size)
  }

  /// `ID3v2.3`.
  var name: String { "ID3v2.\(version)" }
}

/// Sizes of ID3v2: seven bits a byte, so that none looks like the sync of an MPEG frame.
enum ID3Size {
  /// Largest size of a tag.
  static let largest = 0x0FFF_FFFF

  /// The number; nil when a byte has its highest bit set.
  static func value(of bytes: some Sequence<UInt8>) -> Int? {
    var value = 0
    for byte in bytes {
      guard byte < 0x80 else { return nil }
      value = value << 7 | Int(byte)
    }
    return value
  }

  /// Four bytes of seven bits.
  static func bytes(_ value: Int) -> [UInt8] { [21, 14, 7, 0].map { UInt8(value >> $0 & 0x7F) } }
}
