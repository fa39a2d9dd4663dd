internal import MediaCore

/// A block of the video track where it stands.
struct MatroskaBlock {
  /// Index of its cluster in the segment.
  let cluster: Int
  /// The SimpleBlock, or the BlockGroup around the Block.
  let element: EBMLElement
  /// Offset of the coded picture: behind track number, timestamp and flags.
  let frame: Range<Int>
  /// Track number, timestamp and flags as stored (RFC 9559, 10.1).
  let head: [UInt8]
}

/// The video track of a segment, as samples that can be decoded.
struct MatroskaVideoTrack {
  let video: CodedVideo
  /// One for each sample.
  let blocks: [MatroskaBlock]
  /// The Timestamp of each cluster, in ticks of the segment.
  let times: [Int64]
  /// The track's CodecPrivate in the Tracks element; nil without one.
  let codecPrivate: EBMLElement?
  /// The whole track entry in the Tracks element.
  let entry: EBMLElement

  private static let codecs: [String: VideoCodec] = [
    "V_MPEG4/ISO/AVC": .h264, "V_MPEGH/ISO/HEVC": .hevc, "V_VP8": .vp8, "V_VP9": .vp9, "V_AV1": .av1,
    "V_MPEG4/ISO/ASP": .mpeg4, "V_MJPEG": .mjpeg,
  ]
  private static let most = 1 << 22

  /// Throws `unsupported` for a segment without one such track or with blocks in a form that is not edited.
  init(_ segment: MatroskaSegment, tracks: EBMLBuffer, ticks: Int, input: InputFile) throws(MediaError) {
    let description = try Description(tracks)
    guard let codec = Self.codecs[description.codec] else {
      throw MediaError(.unsupported, .decode, "pictures coded as '\(description.codec)' are not decoded here")
    }
    var reader = BlockReader(HeaderReader(input, windowBytes: 64), track: description.number)
    var times: [Int64] = []
    for (index, cluster) in segment.clusters.enumerated() {
      times.append(try reader.read(cluster, index))
      guard reader.blocks.count <= Self.most else { throw .tooMany("blocks", Self.most) }
    }
    guard !reader.blocks.isEmpty, ticks > 0 else {
      throw MediaError(.malformed, .decode, "the video track has no blocks, or no time")
    }
    // Matroska keeps no decoding times: pictures come out in the order of presentation, as much later as reordering asks.
    let shown = reader.times.map(\.pts).sorted()
    let delay = zip(shown, reader.times).map { $0 - $1.pts }.max() ?? 0
    let samples = zip(reader.blocks, reader.times).enumerated().map { index, block in
      VideoSample(
        offset: block.0.frame.lowerBound, size: block.0.frame.count, dts: shown[index] - delay,
        pts: block.1.pts,
        isSync: block.1.isKey)
    }
    blocks = reader.blocks
    self.times = times
    codecPrivate = description.codecPrivate
    entry = description.entry
    video = CodedVideo(
      codec: codec, config: description.codecPrivate.map { Array(tracks.bytes[$0.data]) } ?? [],
      size: description.size, orientation: .up, timescale: ticks, samples: samples, start: shown.first ?? 0,
      others: description.others)
  }

  /// What Tracks say of the one video track.
  private struct Description {
    var entry = EBMLElement(id: .trackEntry, offset: 0, dataOffset: 0, length: 0)
    var number: UInt64 = 0
    var codec = ""
    var codecPrivate: EBMLElement?
    var size = PixelSize(width: 0, height: 0)
    /// How many more video tracks there are.
    var others = 0

    /// The first video track that players choose by themselves, or else the first.
    init(_ tracks: EBMLBuffer) throws(MediaError) {
      var found: [(entry: EBMLElement, isDefault: Bool)] = []
      var cursor = tracks.children(of: tracks.root)
      while let entry = try cursor.next() {
        guard entry.id == .trackEntry, try Self.number(.trackType, of: entry, in: tracks) == 1 else {
          continue
        }
        found.append((entry, try Self.number(.flagDefault, of: entry, in: tracks) != 0))
      }
      guard let chosen = found.first(where: \.isDefault) ?? found.first else {
        throw MediaError(.unsupported, .decode, "the file has no video track")
      }
      entry = chosen.entry
      others = found.count - 1
      try read(entry, tracks)
    }

    private static func number(
      _ id: EBMLID, of entry: EBMLElement, in tracks: EBMLBuffer
    ) throws(MediaError) -> UInt64? {
      var fields = tracks.children(of: entry)
      while let field = try fields.next() { if field.id == id { return tracks.unsigned(field) } }
      return nil
    }

    private mutating func read(_ entry: EBMLElement, _ tracks: EBMLBuffer) throws(MediaError) {
      var fields = tracks.children(of: entry)
      while let field = try fields.next() {
        switch field.id {
        case .trackNumber: number = tracks.unsigned(field) ?? 0
        case .codecID: codec = tracks.shortText(field)
        case .codecPrivate: codecPrivate = field
        case .contentEncodings:
          throw MediaError(
            .unsupported, .decode, "the video track is compressed or encrypted by the container")
        case .video:
          var (width, height) = (0, 0)
          var settings = tracks.children(of: field)
          while let setting = try settings.next() {
            let value = Int(truncatingIfNeeded: min(tracks.unsigned(setting) ?? 0, 1 << 20))
            if setting.id == .pixelWidth { width = value }
            if setting.id == .pixelHeight { height = value }
          }
          size = PixelSize(width: width, height: height)
        default: break
        }
      }
    }
  }
}

/// Reads the headers of one track's blocks.
private struct BlockReader {
  private(set) var blocks: [MatroskaBlock] = []
  private(set) var times: [(pts: Int64, isKey: Bool)] = []
  private let reader: HeaderReader
  private let track: UInt64

  init(_ reader: HeaderReader, track: UInt64) {
    self.reader = reader
    self.track = track
  }

  /// Adds the blocks of a cluster; returns its Timestamp.
  mutating func read(_ cluster: EBMLElement, _ index: Int) throws(MediaError) -> Int64 {
    guard cluster.length != nil else {
      throw MediaError(
        .unsupported, .decode, "clusters have no size, as live streams write them; remux the file first")
    }
    var time: Int64 = 0
    var offset = cluster.dataOffset
    while offset < cluster.end {
      guard let child = try reader.element(at: offset), child.length != nil, child.end <= cluster.end else {
        throw MediaError(.malformed, .decode, "no whole element at offset \(offset) inside a cluster")
      }
      switch child.id {
      case .clusterTimestamp:
        time = Int64(truncatingIfNeeded: try reader.bigEndian(min(8, child.data.count), at: child.dataOffset))
        guard time >= 0, time < 1 << 60 else {
          throw MediaError(.malformed, .decode, "a cluster's time is \(time) ticks")
        }
      case .simpleBlock: try add(child, in: child, index, time, isKey: nil)
      case .blockGroup: try readGroup(child, index, time)
      default: break
      }
      offset = child.end
    }
    return time
  }

  private mutating func readGroup(_ group: EBMLElement, _ index: Int, _ time: Int64) throws(MediaError) {
    var block: EBMLElement?
    var (isKey, hasAdditions) = (true, false)
    var offset = group.dataOffset
    while offset < group.end {
      guard let child = try reader.element(at: offset), child.length != nil, child.end <= group.end else {
        throw MediaError(.malformed, .decode, "no whole element at offset \(offset) inside a block group")
      }
      if child.id == .block { block = child }
      if child.id == .referenceBlock { isKey = false }
      if child.id == .blockAdditions { hasAdditions = true }
      offset = child.end
    }
    guard let block else { return }
    let count = blocks.count
    try add(block, in: group, index, time, isKey: isKey)
    if blocks.count > count, hasAdditions {
      throw MediaError(.unsupported, .decode, "pictures have additions (alpha), which coding anew would lose")
    }
  }

  private mutating func add(
    _ block: EBMLElement, in element: EBMLElement, _ index: Int, _ time: Int64, isKey: Bool?
  ) throws(MediaError) {
    let head = try reader.bytes(min(12, block.data.count), at: block.dataOffset)
    let width = (head.first?.leadingZeroBitCount ?? 8) + 1
    guard width <= 8, head.count >= width + 3 else { return }
    let number = head.prefix(width).reduce(0) { $0 << 8 | UInt64($1) } & (1 << (7 * UInt64(width)) - 1)
    guard number == track else { return }
    let flags = head[width + 2]
    guard flags & 0x06 == 0 else {
      throw MediaError(.unsupported, .decode, "several pictures stand in one block (lacing)")
    }
    let relative = Int16(truncatingIfNeeded: Int(head[width]) << 8 | Int(head[width + 1]))
    blocks.append(
      MatroskaBlock(
        cluster: index, element: element, frame: block.dataOffset + width + 3..<block.end,
        head: Array(head.prefix(width + 3))))
    times.append((time + Int64(relative), isKey ?? (flags & 0x80 != 0)))
  }
}
