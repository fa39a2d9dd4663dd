internal import MediaCore

/// A frame of an ID3v2 tag.
struct ID3Frame {
  /// Three letters in version 2, four in 3 and 4.
  let id: String
  /// Header and content as stored in the file.
  let range: Range<Int>
  /// Content in positions of the body.
  let content: Range<Int>
  /// Bytes in front of the content proper: group, method of encryption, sizes.
  let prefixLength: Int
  /// Whether compression or encryption hides the content.
  let isHidden: Bool
  /// Whether zeros behind FF are to be dropped in this frame (version 4).
  let isUnsynchronised: Bool

  /// Flag bytes of version 3 (3.3.1) and 4 (4.1).
  init(
    id: String, range: Range<Int>, content: Range<Int>, format: UInt8, version: UInt8,
    tagIsUnsynchronised: Bool
  ) {
    self.id = id
    self.range = range
    self.content = content
    switch version {
    case 3:
      isHidden = format & 0xC0 != 0
      prefixLength =
        (format & 0x80 != 0 ? 4 : 0) + (format & 0x40 != 0 ? 1 : 0) + (format & 0x20 != 0 ? 1 : 0)
      isUnsynchronised = false
    case 4:
      isHidden = format & 0x0C != 0
      prefixLength =
        (format & 0x40 != 0 ? 1 : 0) + (format & 0x04 != 0 ? 1 : 0) + (format & 0x01 != 0 ? 4 : 0)
      isUnsynchronised = format & 0x02 != 0 || tagIsUnsynchronised
    default:
      isHidden = false
      prefixLength = 0
      isUnsynchronised = false
    }
  }

  /// At most `limit` bytes of the content, decoded; nil when it is longer or hidden.
  func bytes(of body: ID3Body, limit: Int) throws(MediaError) -> [UInt8]? {
    guard !isHidden, content.count - prefixLength <= limit else { return nil }
    let bytes = Array(try body.bytes(content).dropFirst(prefixLength))
    guard isUnsynchronised else { return bytes }
    var drops: [Int] = []
    return ID3Unsynchronisation.undone(bytes, &drops)
  }

  /// Header and content of a frame as stored in a tag of `version`.
  static func serialized(
    _ id: String, _ content: [UInt8], version: UInt8, isUnsynchronised: Bool
  ) throws(MediaError) -> [UInt8] {
    let largest = version == 2 ? 0xFF_FFFF : ID3Size.largest
    guard content.count <= largest else {
      throw MediaError(
        .limitExceeded, .metadata,
        "a frame of \(content.count) bytes exceeds the \(largest) of ID3v2.\(version)")
    }
    let size = UInt32(truncatingIfNeeded: content.count)
    let frame =
      switch version {
      case 2: Array(id.utf8) + size.bigEndianBytes.dropFirst() + content
      case 3: Array(id.utf8) + size.bigEndianBytes + [0, 0] + content
      default: Array(id.utf8) + ID3Size.bytes(content.count) + [0, 0] + content
      }
    return isUnsynchronised && version < 4 ? ID3Unsynchronisation.applied(frame) : frame
  }
}
