internal import MediaCore

/// Reads the headers of a sound track's blocks, and what lacing puts together in them (RFC 9559, 10.3).
struct SoundBlockReader {
  private(set) var packets: [VideoSample] = []
  private(set) var blocks: [(block: MatroskaBlock, packets: Range<Int>)] = []
  private let reader: HeaderReader
  private let track: UInt64
  private let most: Int

  /// Bits of a block's flags that say how packets are laced.
  static let lacing: UInt8 = 0x06

  /// At most `most` packets are held.
  init(_ reader: HeaderReader, track: UInt64, most: Int) {
    self.reader = reader
    self.track = track
    self.most = most
  }

  /// Adds the blocks of a cluster.
  mutating func read(_ cluster: EBMLElement, _ index: Int) throws(MediaError) {
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
      case .simpleBlock: try add(child, in: child, index, time)
      case .blockGroup:
        var place = child.dataOffset
        while place < child.end {
          guard let part = try reader.element(at: place), part.length != nil, part.end <= child.end else {
            throw MediaError(.malformed, .decode, "no whole element at offset \(place) inside a block group")
          }
          if part.id == .block { try add(part, in: child, index, time) }
          place = part.end
        }
      default: break
      }
      offset = child.end
    }
  }

  private mutating func add(
    _ block: EBMLElement, in element: EBMLElement, _ cluster: Int, _ time: Int64
  ) throws(MediaError) {
    let head = try reader.bytes(min(12, block.data.count), at: block.dataOffset)
    let width = (head.first?.leadingZeroBitCount ?? 8) + 1
    guard width <= 8, head.count >= width + 3 else { return }
    let number = head.prefix(width).reduce(0) { $0 << 8 | UInt64($1) } & (1 << (7 * UInt64(width)) - 1)
    guard number == track else { return }
    let relative = Int16(truncatingIfNeeded: Int(head[width]) << 8 | Int(head[width + 1]))
    let frame = block.dataOffset + width + 3..<block.end
    let parts = try parts(of: frame, head[width + 2] & Self.lacing)
    guard packets.count + parts.count <= most else { throw .tooMany("packets of sound", most) }
    let first = packets.count
    for part in parts {
      let pts = time + Int64(relative)
      packets.append(VideoSample(offset: part.lowerBound, size: part.count, dts: pts, pts: pts, isSync: true))
    }
    blocks.append(
      (
        MatroskaBlock(cluster: cluster, element: element, frame: frame, head: Array(head.prefix(width + 3))),
        first..<packets.count
      ))
  }

  /// The packets of a block.
  private func parts(of frame: Range<Int>, _ lacing: UInt8) throws(MediaError) -> [Range<Int>] {
    guard lacing != 0 else { return [frame] }
    let damaged = MediaError(.malformed, .decode, "the lacing at offset \(frame.lowerBound) does not add up")
    guard let first = try reader.bytes(min(1, frame.count), at: frame.lowerBound).first else { throw damaged }
    let count = Int(first) + 1
    var offset = frame.lowerBound + 1
    var sizes: [Int] = []
    if lacing == 0x04 {
      let size = (frame.upperBound - offset) / count
      guard size * count == frame.upperBound - offset else { throw damaged }
      sizes = [Int](repeating: size, count: count - 1)
    } else {
      // At most 255 sizes of a few bytes each: Xiph's take one more for every 255 bytes of a packet.
      let table = try reader.bytes(min(frame.upperBound - offset, 1 << 16), at: offset)
      var cursor = table[...]
      while sizes.count < count - 1 {
        let size = lacing == 0x02 ? Self.xiph(&cursor) : Self.ebml(&cursor, after: sizes.last)
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

  private static func xiph(_ bytes: inout ArraySlice<UInt8>) -> Int? {
    var size = 0
    while let byte = bytes.popFirst() {
      size += Int(byte)
      if byte < 255 { return size }
    }
    return nil
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
