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
  private let walk: MatroskaClusterWalk

  init(_ reader: HeaderReader, track: UInt64) { walk = MatroskaClusterWalk(reader: reader, track: track) }

  /// Adds the blocks of a cluster; returns its Timestamp.
  mutating func read(_ cluster: EBMLElement, _ index: Int) throws(MediaError) -> Int64 {
    try walk(cluster) { (child, time) throws(MediaError) in
      if child.id == .simpleBlock {
        try add(child, in: child, index, time, isKey: nil)
      } else {
        try readGroup(child, index, time)
      }
    }
  }

  private mutating func readGroup(_ group: EBMLElement, _ index: Int, _ time: Int64) throws(MediaError) {
    var block: EBMLElement?
    var isKey = true
    var additions: EBMLElement?
    var offset = group.dataOffset
    while offset < group.end {
      let child = try walk.whole(offset, in: group)
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
      let more = try walk.whole(offset, in: additions)
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
      let field = try walk.whole(offset, in: more)
      if field.id == .blockAddID {
        id = try walk.reader.bigEndian(min(8, field.data.count), at: field.dataOffset)
      }
      if field.id == .blockAdditional { data = field.data }
      offset = field.end
    }
    return (id, data)
  }

  private mutating func add(
    _ block: EBMLElement, in element: EBMLElement, _ index: Int, _ time: Int64, isKey: Bool?
  ) throws(MediaError) {
    guard let head = try walk.head(of: block), let flags = head.bytes.last else { return }
    guard flags & SoundBlockReader.lacing == 0 else {
      throw MediaError(.unsupported, .decode, "several pictures stand in one block (lacing)")
    }
    blocks.append(
      MatroskaBlock(
        cluster: index, element: element, frame: block.dataOffset + head.bytes.count..<block.end,
        head: head.bytes))
    times.append((time + head.time, isKey ?? (flags & 0x80 != 0)))
  }
}
