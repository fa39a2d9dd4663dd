internal import MediaCore

/// A tag of an FLV file (Adobe FLV 10.1, E.4.1) at its place.
struct FLVTag {
  enum Kind: UInt8 {
    case audio = 8
    case video = 9
    case script = 18
  }

  /// Bytes in front of the data.
  static let headerBytes = 11

  /// nil for reserved types.
  let kind: Kind?
  /// Whether the data is encrypted.
  let isFiltered: Bool
  let offset: Int
  /// Bytes of data.
  let length: Int
  /// Milliseconds.
  let timestamp: Int

  var dataOffset: Int { offset + Self.headerBytes }
  /// Where the data ends and the size of the tag is repeated.
  var end: Int { dataOffset + length }

  /// The tag whose header stands at `offset`.
  init(at offset: Int, in reader: HeaderReader) throws(MediaError) {
    let head = try reader.bytes(Self.headerBytes, at: offset)
    self.offset = offset
    kind = Kind(rawValue: head[0] & 0x1F)
    isFiltered = head[0] & 0x20 != 0
    length = Int(head[1]) << 16 | Int(head[2]) << 8 | Int(head[3])
    timestamp = Int(head[7]) << 24 | Int(head[4]) << 16 | Int(head[5]) << 8 | Int(head[6])
  }
}

/// The beginning of an FLV file: what is read to know the file, since tags of media follow one another to its end.
struct FLVStructure {
  /// Most tags that are looked at.
  private static let tags = 1024

  /// Whether the header announces audio.
  let hasAudio: Bool
  /// Whether the header announces video.
  let hasVideo: Bool
  /// Where the first tag stands.
  let firstTag: Int
  /// The script tags in front of the first frames and between them.
  private(set) var scripts: [FLVTag] = []
  /// The first tag with audio.
  private(set) var audio: FLVTag?
  /// The first tag with video.
  private(set) var video: FLVTag?

  /// Reads the header and the first tags; throws `malformed` when there is not even one.
  init(_ reader: HeaderReader) throws(MediaError) {
    let head = try reader.bytes(9, at: 0)
    guard head.starts(with: Array("FLV".utf8)) else {
      throw MediaError(.malformed, .decode, "no 'FLV' at the start of the file")
    }
    hasAudio = head[4] & 4 != 0
    hasVideo = head[4] & 1 != 0
    let length = Int(head[5...].bigEndian32)
    guard length >= 9, length <= 1 << 16, length + 4 <= reader.size else {
      throw MediaError(
        .malformed, .decode, "header of \(length) bytes in a file of \(reader.size), expected 9")
    }
    firstTag = length + 4
    var offset = firstTag
    for index in 0..<Self.tags {
      guard offset + FLVTag.headerBytes <= reader.size else { break }
      let tag = try FLVTag(at: offset, in: reader)
      guard tag.end <= reader.size else {
        // A recording that was cut off ends in the middle of a frame; one that never began is none.
        if index == 0 {
          throw .cut(
            at: reader.size, inside: "the tag at offset \(offset)", endingAt: UInt64(tag.end), as: nil)
        }
        break
      }
      switch tag.kind {
      case .script: if !tag.isFiltered { scripts.append(tag) }
      case .audio: audio = audio ?? tag
      case .video: video = video ?? tag
      case nil: break
      }
      offset = tag.end + 4
    }
  }

  /// Milliseconds up to the last tag, which the last four bytes of the file lead to; nil when they do not.
  static func lastTimestamp(in reader: HeaderReader) throws(MediaError) -> Int? {
    guard reader.size > 24 else { return nil }
    let length = Int(try reader.bigEndian(4, at: reader.size - 4))
    let offset = reader.size - 4 - length
    guard length >= FLVTag.headerBytes, offset >= 13 else { return nil }
    let tag = try FLVTag(at: offset, in: reader)
    return tag.kind != nil && tag.end == reader.size - 4 ? tag.timestamp : nil
  }
}
