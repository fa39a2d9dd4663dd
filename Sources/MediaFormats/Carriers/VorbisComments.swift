internal import MediaCore

extension MetadataCarrier {
  /// A Vorbis comment.
  static let vorbis = MetadataCarrier(rawValue: "vorbis-comment")
}

/// A list of comments (Vorbis I 5.2): vendor, count, `KEY=value` each behind its length, as FLAC, Ogg Vorbis, Opus,
/// Theora and Speex share it. What is not edited is kept byte for byte.
struct VorbisComments {
  private let bytes: [UInt8]
  private let vendor: Range<Int>
  /// Each with the four bytes of its length in front.
  private(set) var comments: [Range<Int>] = []
  /// What follows the last comment: a framing bit, padding.
  let rest: ArraySlice<UInt8>

  /// Takes `bytes` apart from `start` on. Throws `malformed` for lengths that do not fit.
  init(_ bytes: [UInt8], from start: Int, limits: Limits) throws(MediaError) {
    self.bytes = bytes
    var offset = start
    vendor = try Self.field(bytes, at: &offset, "vendor")
    guard offset + 4 <= bytes.count else { throw Self.malformed("count", offset, bytes.count) }
    let count = Int(Self.number(bytes, at: offset))
    offset += 4
    guard count <= (bytes.count - offset) / 4 else {
      throw MediaError(
        .malformed, .metadata, "\(count) Vorbis comments are announced in \(bytes.count - offset) bytes")
    }
    guard count <= limits.metadataItems else {
      throw MediaError(
        .limitExceeded, .metadata, "\(count) Vorbis comments exceed the \(limits.metadataItems) allowed")
    }
    for index in 0..<count { comments.append(try Self.field(bytes, at: &offset, "comment \(index)")) }
    rest = bytes[offset...]
  }

  private static func field(
    _ bytes: [UInt8], at offset: inout Int, _ name: String
  ) throws(MediaError) -> Range<Int> {
    guard offset + 4 <= bytes.count else { throw malformed(name, offset, bytes.count) }
    let end = offset + 4 + Int(number(bytes, at: offset))
    guard end <= bytes.count else { throw malformed(name, offset, bytes.count) }
    defer { offset = end }
    return offset..<end
  }

  private static func number(_ bytes: [UInt8], at offset: Int) -> UInt32 {
    bytes[offset..<offset + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  private static func malformed(_ name: String, _ offset: Int, _ count: Int) -> MediaError {
    MediaError(
      .malformed, .metadata,
      "Vorbis comments: the \(name) at byte \(offset) exceeds the \(count) bytes there are")
  }

  /// The key of a comment as written; empty for one without.
  func key(_ comment: Range<Int>) -> String {
    let text = bytes[comment].dropFirst(4)
    guard let end = text.prefix(256).firstIndex(of: UInt8(ascii: "=")) else { return "" }
    return TextCoding.latin1(text[..<end])
  }

  /// Adds one item a comment; `offset` tells where a byte of `bytes` stands in the file.
  func add(
    to list: inout MetadataList, path: String, isRegularPlace: Bool, offset: (Int) -> Int
  ) throws(MediaError) {
    try list.addText(
      .vorbis, namespace: "vendor", name: "vendor",
      value: TextCoding.text(bytes[vendor].dropFirst(4)), offset: offset(vendor.lowerBound),
      path: "\(path) vendor", isRegularPlace: isRegularPlace)
    for comment in comments {
      let name = key(comment)
      let text = bytes[comment].dropFirst(4 + (name.isEmpty ? 0 : name.unicodeScalars.count + 1))
      let isPicture = ["METADATA_BLOCK_PICTURE", "COVERART"].contains(name.uppercased())
      let isRead = !isPicture && text.count <= list.room
      try list.addText(
        .vorbis, namespace: "comment", name: name,
        value: isRead ? TextCoding.text(TextCoding.trimmed(text)) : nil,
        offset: offset(comment.lowerBound), path: "\(path) \(name)", isRegularPlace: isRegularPlace)
    }
  }

  /// The list, without `rest`, once `removed` (positions where comments begin) are out and `properties` in: in the
  /// place of the first comment with the key, of whatever case, or at the end.
  func serialized(removing removed: Set<Int>, setting properties: [MetadataProperty]) -> [UInt8] {
    var fields: [[UInt8]] = []
    var added = properties
    let names = Set(properties.map { $0.name.lowercased() })
    for comment in comments {
      let name = key(comment).lowercased()
      if names.contains(name) {
        guard let index = added.firstIndex(where: { $0.name.lowercased() == name }) else { continue }
        fields.append(Self.comment(added.remove(at: index)))
      } else if !removed.contains(comment.lowerBound) {
        fields.append(Array(bytes[comment]))
      }
    }
    fields += added.map(Self.comment)
    var result = Array(bytes[vendor])
    result += UInt32(truncatingIfNeeded: fields.count).littleEndianBytes
    for field in fields { result += field }
    return result
  }

  private static func comment(_ property: MetadataProperty) -> [UInt8] {
    let text = Array("\(property.name)=\(property.value)".utf8)
    return UInt32(truncatingIfNeeded: text.count).littleEndianBytes + text
  }

  /// A list with nothing but `properties`, written by nobody in particular.
  static func new(_ properties: [MetadataProperty]) -> [UInt8] {
    properties.reduce(into: [0, 0, 0, 0] + UInt32(properties.count).littleEndianBytes) { $0 += comment($1) }
  }
}
