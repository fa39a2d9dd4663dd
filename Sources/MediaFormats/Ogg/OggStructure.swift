internal import MediaCore

/// A logical stream: its coding and its comments.
struct OggStream {
  let serial: UInt32
  /// Index of the link of the chain that it belongs to.
  let link: Int
  let codec: OggCodec
  /// The packet behind the first.
  var comments: OggPacket
  /// The last granule position seen.
  var granule = OggPage.noGranule
}

/// A packet put together from pages.
struct OggPacket {
  private(set) var bytes: [UInt8] = []
  /// Offset of the page on which it begins; nil before it has begun.
  private(set) var pageOffset: Int?
  /// Whether it begins its page.
  private(set) var beginsPage = false
  private(set) var isComplete = false
  /// Whether the check sums of its pages hold.
  private(set) var isIntact = true
  /// Where in the file the bytes from a position on stand.
  private var places: [(position: Int, offset: Int)] = []

  /// Takes what `page` has of the packet, from the segment at `index` on; returns the index of the segment behind.
  mutating func add(
    _ page: OggPage, _ body: ArraySlice<UInt8>, from index: Int, isIntact: Bool, limit: Int
  ) throws(MediaError) -> Int {
    if pageOffset == nil {
      pageOffset = page.offset
      beginsPage = index == 0
    }
    self.isIntact = self.isIntact && isIntact
    let start = page.lacing[..<index].reduce(0) { $0 + Int($1) }
    var (length, next) = (0, index)
    while next < page.lacing.count, !isComplete {
      length += Int(page.lacing[next])
      isComplete = page.lacing[next] < 255
      next += 1
    }
    guard bytes.count + length <= limit else {
      throw MediaError(
        .limitExceeded, .metadata, "a packet of more than \(limit) bytes of comments exceeds what is allowed")
    }
    places.append((bytes.count, page.bodyOffset + start))
    bytes += body.dropFirst(start).prefix(length)
    return next
  }

  /// Where the byte at `position` stands in the file.
  func offset(of position: Int) -> Int {
    guard let place = places.last(where: { $0.position <= position }) else { return pageOffset ?? 0 }
    return place.offset + position - place.position
  }
}

/// The logical streams of a file. All page headers are read, no data but the first packets.
struct OggStructure {
  private(set) var streams: [OggStream] = []
  private(set) var linkCount = 0
  /// The page that the file ends inside of.
  private(set) var cut: OggPage?
  private let reader: HeaderReader
  private let limits: Limits
  /// Indexes in `streams` by serial number, of the link that is being read.
  private var current: [UInt32: Int] = [:]
  /// Serial numbers of the streams whose comments are not complete.
  private var open: Set<UInt32> = []
  /// Bytes of all comments.
  private var held = 0

  /// Throws `malformed` when the file ends before the comments of its first streams do.
  init(_ input: InputFile, limits: Limits) throws(MediaError) {
    // Pages are far apart: a larger window would read the data as well.
    reader = HeaderReader(input, windowBytes: 512)
    self.limits = limits
    var walk = OggWalk(reader)
    while let page = try walk.next() {
      if page.end > reader.size { cut = page }
      if page.isFirst { try begin(page, link: walk.link) }
      guard let index = current[page.serial] else { continue }
      if page.granule != OggPage.noGranule { streams[index].granule = page.granule }
      if open.contains(page.serial) { try collect(page, index) }
    }
    linkCount = walk.link + 1
    if let stream = streams.first(where: {
      $0.link == 0 && $0.codec.kind.commentMark != nil && !$0.comments.isComplete
    }) {
      let what = "the comment header of its \(stream.codec.kind.rawValue) stream"
      throw .cut(at: reader.size, inside: what, as: nil)
    }
    guard streams.contains(where: { $0.codec.kind.commentMark != nil }) else {
      throw MediaError(.unsupported, .decode, "no stream of a known coding is in this Ogg file")
    }
  }

  private mutating func begin(_ page: OggPage, link: Int) throws(MediaError) {
    if link != streams.last?.link ?? link {
      current = [:]
      open = []
    }
    guard streams.count < limits.metadataItems else {
      throw MediaError(
        .limitExceeded, .decode, "more than \(limits.metadataItems) streams in one Ogg file")
    }
    let count = min(page.bodyLength, 128, reader.size - page.bodyOffset)
    let codec = OggCodec(try reader.bytes(max(0, count), at: page.bodyOffset))
    streams.append(OggStream(serial: page.serial, link: link, codec: codec, comments: OggPacket()))
    current[page.serial] = streams.count - 1
    if codec.kind.commentMark != nil { open.insert(page.serial) }
  }

  private mutating func collect(_ page: OggPage, _ index: Int) throws(MediaError) {
    var start = 0
    if page.isFirst {
      start = (page.lacing.firstIndex { $0 < 255 } ?? page.lacing.count - 1) + 1
      if start >= page.lacing.count { return }
    }
    let bytes = try page.bytes(reader)
    let room = limits.indexBytes - held
    let before = streams[index].comments.bytes.count
    _ = try streams[index].comments.add(
      page, bytes.dropFirst(page.bodyOffset - page.offset), from: start, isIntact: page.isIntact(bytes),
      limit: room)
    held += streams[index].comments.bytes.count - before
    if streams[index].comments.isComplete { open.remove(page.serial) }
  }

  /// The stream whose comments take the label: of the first link, the one that has a comment of the name, else the
  /// first.
  func home(of properties: [MetadataProperty]) throws(MediaError) -> Int? {
    var first: Int?
    let names = Set(properties.map { $0.name.lowercased() })
    for (index, stream) in streams.enumerated() where stream.link == 0 {
      guard let comments = try stream.list(limits: limits) else { continue }
      if comments.comments.contains(where: { names.contains(comments.key($0).lowercased()) }) { return index }
      first = first ?? index
    }
    return first
  }
}

extension OggStream {
  /// The comments taken apart; nil when the stream has none. Throws `malformed`.
  func list(limits: Limits) throws(MediaError) -> VorbisComments? {
    guard comments.isComplete, let start = codec.commentStart(in: comments.bytes) else { return nil }
    return try VorbisComments(comments.bytes, from: start, limits: limits)
  }
}
