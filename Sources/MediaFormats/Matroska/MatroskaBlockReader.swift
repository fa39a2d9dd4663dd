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
  /// Where the BlockAdditional with the picture's opacity stands; nil without.
  var alpha: Range<Int>?
}

/// Reads the headers of one track's blocks.
struct MatroskaBlockReader {
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
    var isKey = true
    var additions: EBMLElement?
    var offset = group.dataOffset
    while offset < group.end {
      let child = try whole(offset, in: group)
      if child.id == .block { block = child }
      if child.id == .referenceBlock { isKey = false }
      if child.id == .blockAdditions { additions = child }
      offset = child.end
    }
    guard let block else { return }
    let count = blocks.count
    try add(block, in: group, index, time, isKey: isKey)
    if blocks.count > count, let additions { blocks[count].alpha = try opacity(in: additions) }
  }

  /// Where the only addition of a block stands, which must be opacity: others describe a picture that is no more.
  private func opacity(in additions: EBMLElement) throws(MediaError) -> Range<Int> {
    var found: [(id: UInt64, data: Range<Int>)] = []
    var offset = additions.dataOffset
    while offset < additions.end, found.count < 2 {
      let more = try whole(offset, in: additions)
      if more.id == .blockMore { found.append(try addition(more)) }
      offset = more.end
    }
    guard found.count == 1, let only = found.first, only.id == 1, !only.data.isEmpty else {
      throw MediaError(
        .unsupported, .decode,
        "pictures have additions other than opacity, which coding anew would make untrue")
    }
    return only.data
  }

  private func addition(_ more: EBMLElement) throws(MediaError) -> (UInt64, Range<Int>) {
    // RFC 9559, 5.1.3.5.2.3: without a BlockAddID it is 1.
    var (id, data) = (1 as UInt64, 0..<0)
    var offset = more.dataOffset
    while offset < more.end {
      let field = try whole(offset, in: more)
      if field.id == .blockAddID { id = try reader.bigEndian(min(8, field.data.count), at: field.dataOffset) }
      if field.id == .blockAdditional { data = field.data }
      offset = field.end
    }
    return (id, data)
  }

  private func whole(_ offset: Int, in parent: EBMLElement) throws(MediaError) -> EBMLElement {
    guard let child = try reader.element(at: offset), child.length != nil, child.end <= parent.end else {
      throw MediaError(.malformed, .decode, "no whole element at offset \(offset) inside a block group")
    }
    return child
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
