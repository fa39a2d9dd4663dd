internal import MediaCore

/// Reads the headers of a sound track's blocks, and what lacing puts together in them (RFC 9559, 10.3).
struct SoundBlockReader {
  private(set) var packets: [VideoSample] = []
  private(set) var blocks: [(block: MatroskaBlock, packets: Range<Int>)] = []
  private let walk: MatroskaClusterWalk
  private let most: Int

  /// Bits of a block's flags that say how packets are laced.
  static let lacing: UInt8 = 0x06

  /// At most `most` packets are held.
  init(_ reader: HeaderReader, track: UInt64, most: Int) {
    walk = MatroskaClusterWalk(reader: reader, track: track)
    self.most = most
  }

  /// Adds the blocks of a cluster.
  mutating func read(_ cluster: EBMLElement, _ index: Int) throws(MediaError) {
    _ = try walk(cluster) { (child, time) throws(MediaError) in
      if child.id == .simpleBlock { return try add(child, in: child, index, time) }
      var offset = child.dataOffset
      while offset < child.end {
        let part = try walk.whole(offset, in: child)
        if part.id == .block { try add(part, in: child, index, time) }
        offset = part.end
      }
    }
  }

  private mutating func add(
    _ block: EBMLElement, in element: EBMLElement, _ cluster: Int, _ time: Int64
  ) throws(MediaError) {
    guard let head = try walk.head(of: block), let flags = head.bytes.last else { return }
    let frame = block.dataOffset + head.bytes.count..<block.end
    let parts = try parts(of: frame, flags & Self.lacing)
    guard packets.count + parts.count <= most else { throw .tooMany("packets of sound", most) }
    let first = packets.count
    for part in parts {
      let pts = time + head.time
      packets.append(VideoSample(offset: part.lowerBound, size: part.count, dts: pts, pts: pts, isSync: true))
    }
    blocks.append(
      (
        MatroskaBlock(cluster: cluster, element: element, frame: frame, head: head.bytes),
        first..<packets.count
      ))
  }

  /// The packets of a block.
  private func parts(of frame: Range<Int>, _ lacing: UInt8) throws(MediaError) -> [Range<Int>] {
    guard lacing != 0 else { return [frame] }
    let damaged = MediaError(.malformed, .decode, "the lacing at offset \(frame.lowerBound) does not add up")
    guard let first = try walk.reader.bytes(min(1, frame.count), at: frame.lowerBound).first else {
      throw damaged
    }
    let count = Int(first) + 1
    var offset = frame.lowerBound + 1
    var sizes: [Int] = []
    if lacing == 0x04 {
      let size = (frame.upperBound - offset) / count
      guard size * count == frame.upperBound - offset else { throw damaged }
      sizes = [Int](repeating: size, count: count - 1)
    } else {
      // At most 255 sizes of a few bytes each: Xiph's take one more for every 255 bytes of a packet.
      let table = try walk.reader.bytes(min(frame.upperBound - offset, 1 << 16), at: offset)
      var cursor = table[...]
      while sizes.count < count - 1 {
        let size = lacing == 0x02 ? XiphLacing.next(&cursor) : Self.ebml(&cursor, after: sizes.last)
        guard let size, size >= 0 else { throw damaged }
        sizes.append(size)
      }
      offset += cursor.startIndex
    }
    var parts: [Range<Int>] = []
    for size in sizes {
      guard size <= frame.upperBound - offset else { throw damaged }
      parts.append(offset..<offset + size)
      offset += size
    }
    return parts + [offset..<frame.upperBound]
  }

  /// The first as it is, the others as what they differ by from the one before.
  private static func ebml(_ bytes: inout ArraySlice<UInt8>, after previous: Int?) -> Int? {
    guard let lead = bytes.first else { return nil }
    let width = lead.leadingZeroBitCount + 1
    guard width <= 4, bytes.count >= width else { return nil }
    let field = bytes.prefix(width).reduce(0) { $0 << 8 | Int($1) } & (1 << (7 * width) - 1)
    bytes = bytes.dropFirst(width)
    guard let previous else { return field }
    return previous + field - (1 << (7 * width - 1) - 1)
  }
}
