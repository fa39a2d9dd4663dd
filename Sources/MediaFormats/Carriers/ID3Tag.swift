internal import MediaCore

/// An ID3v2 tag at its place in a file, frames told apart.
struct ID3Tag {
  let header: ID3Header
  let body: ID3Body
  let frames: [ID3Frame]
  /// The extended header in the file; empty when there is none.
  let extended: Range<Int>
  /// Offset in the file behind the last frame.
  let framesEnd: Int
  /// Zeros behind the last frame that may be written over, at most 64 KiB.
  let padding: Int
  /// Why not all of the tag could be told apart; nil when it could.
  let defect: String?

  /// Reads the tag of `header`. Throws `limitExceeded` for too many frames.
  init(_ header: ID3Header, in reader: HeaderReader, limits: Limits) throws(MediaError) {
    self.header = header
    let body = try ID3Body(header, in: reader, limits: limits)
    self.body = body
    let start = try Self.extendedLength(header, body)
    var walk = ID3FrameWalk(header, body, limits: limits)
    try walk.run(from: start)
    if header.version == 4, walk.hasOddSizes || walk.defect != nil {
      // Some writers of version 4 kept the sizes of version 3.
      var other = ID3FrameWalk(header, body, limits: limits)
      other.hasPlainSizes = true
      try other.run(from: start)
      if other.defect == nil { walk = other }
    }
    frames = walk.frames
    extended = header.bodyOffset..<body.offset(of: start)
    framesEnd = body.offset(of: walk.end)
    let isCut = reader.size - header.offset < header.end - header.offset
    defect = isCut ? "the file ends inside the tag" : header.isCompressed ? "compressed" : walk.defect
    padding = defect == nil && !header.hasFooter ? try Self.zeros(at: framesEnd, header, reader) : 0
  }

  private static func extendedLength(_ header: ID3Header, _ body: ID3Body) throws(MediaError) -> Int {
    guard header.hasExtendedHeader, body.count >= 4 else { return 0 }
    let field = try body.bytes(0..<4)
    // Version 3 does not count the field itself, version 4 counts it and takes seven bits a byte.
    let length = header.version == 3 ? Int(field.bigEndian32) + 4 : ID3Size.value(of: field) ?? 0
    return min(length, body.count)
  }

  private static func zeros(
    at offset: Int, _ header: ID3Header, _ reader: HeaderReader
  ) throws(MediaError) -> Int {
    let count = min(1 << 16, header.bodyOffset + header.size - offset)
    guard count > 0 else { return 0 }
    return try reader.bytes(count, at: offset).prefix { $0 == 0 }.count
  }

  /// Tags that stand one behind the other from `offset` on.
  static func run(from offset: Int, in reader: HeaderReader, limits: Limits) throws(MediaError) -> [ID3Tag] {
    var tags: [ID3Tag] = []
    var next = offset
    while tags.count < 16, let header = try ID3Header(at: next, in: reader) {
      tags.append(try ID3Tag(header, in: reader, limits: limits))
      next = header.end
    }
    return tags
  }
}

/// Finds the frames of a tag.
struct ID3FrameWalk {
  /// Whether sizes of version 4 are read with eight bits a byte.
  var hasPlainSizes = false
  private(set) var frames: [ID3Frame] = []
  private(set) var end = 0
  private(set) var defect: String?
  /// Whether a size has a bit set that it cannot have in version 4.
  private(set) var hasOddSizes = false
  private let header: ID3Header
  private let body: ID3Body
  private let limits: Limits
  private var letters: Int { header.version == 2 ? 3 : 4 }
  private var headerLength: Int { header.version == 2 ? 6 : 10 }

  init(_ header: ID3Header, _ body: ID3Body, limits: Limits) {
    self.header = header
    self.body = body
    self.limits = limits
  }

  mutating func run(from start: Int) throws(MediaError) {
    end = start
    if header.isCompressed { return }
    while body.count - end >= headerLength {
      let bytes = try body.bytes(end..<end + headerLength)
      if bytes[0] == 0 { return }
      let id = TextCoding.latin1(bytes[..<letters])
      guard bytes[..<letters].allSatisfy(Self.isLetterOrDigit) else {
        defect = "no frame stands at offset \(body.offset(of: end))"
        return
      }
      let size = size(of: bytes)
      let content = end + headerLength
      guard size <= body.count - content else {
        defect = "frame \(id) at offset \(body.offset(of: end)) of \(size) bytes exceeds its tag"
        return
      }
      guard frames.count < limits.metadataItems else {
        throw MediaError(.limitExceeded, .metadata, "more than \(limits.metadataItems) frames in one tag")
      }
      frames.append(
        ID3Frame(
          id: id, range: body.offset(of: end)..<body.offset(of: content + size),
          content: content..<content + size,
          format: header.version == 2 ? 0 : bytes[9], version: header.version,
          tagIsUnsynchronised: header.isUnsynchronised))
      end = content + size
    }
  }

  private mutating func size(of bytes: [UInt8]) -> Int {
    let plain = bytes[letters..<2 * letters].reduce(0) { $0 << 8 | Int($1) }
    guard header.version == 4, !hasPlainSizes else { return plain }
    if let size = ID3Size.value(of: bytes[4..<8]) { return size }
    hasOddSizes = true
    return plain
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
