internal import CImageIO
internal import MediaCore

/// Clusters of which some blocks hold packets coded anew. Order, tracks and times of blocks stay; their sizes change,
/// and with them where everything behind them stands. What is new waits in a spool, so that a film of any length is held in
/// bounded memory.
struct MatroskaBlockEdit {
  /// A block, or the group around it, and what takes its place.
  struct Change {
    let range: Range<Int>
    /// In the spool.
    let part: Range<Int>
  }

  /// A cluster that changes.
  struct Cluster {
    let element: EBMLElement
    /// In the order of the file.
    var changes: [Change] = []
    /// PrevSize and Position, which are no longer true.
    var voids: [Range<Int>] = []
    /// The checksum, where it has one.
    var checksum: (place: Range<Int>, bytes: [UInt8])?

    /// By how much its data grows.
    var growth: Int { changes.reduce(0) { $0 + $1.part.count - $1.range.count } }
    /// Its ID and size.
    var header: [UInt8] {
      EBMLWriting.header(element.id, element.data.count + growth, width: element.sizeBytes)
    }
    /// Bytes of all of it.
    var count: Int { header.count + element.data.count + growth }
  }

  /// The CodecPrivate that a track needs.
  struct Record {
    /// The track's entry in the Tracks element.
    let entry: EBMLElement
    /// What it replaces; nil where there was none.
    let former: EBMLElement?
    let bytes: [UInt8]
  }

  /// By their offset.
  private(set) var clusters: [Int: Cluster] = [:]
  /// PrevSize elements elsewhere that are no longer true, to be made Void.
  private(set) var voided: [Range<Int>] = []
  private(set) var records: [Record] = []

  /// Bytes of one element beside a block that are held in memory.
  private static let mostBeside = 1 << 26

  private let segment: MatroskaSegment
  private let reader: HeaderReader
  private let spool: CodedSpool
  /// The spool for reading, once all is in it.
  private var new: InputFile?

  init(_ segment: MatroskaSegment, in reader: HeaderReader, beside output: OutputFile) throws(MediaError) {
    self.segment = segment
    self.reader = reader
    spool = try CodedSpool(beside: output)
  }

  /// Whether nothing changes.
  var isEmpty: Bool { clusters.isEmpty && records.isEmpty }

  mutating func add(_ record: Record) { records.append(record) }

  /// Puts `block` (of one frame, or of several with their sizes in front) in the place of a block; of a group the children that
  /// `keeps` names stay, and `children` are new.
  mutating func replace(
    _ block: MatroskaBlock, head: [UInt8], with frames: [(file: InputFile, range: Range<Int>)],
    keeps: (EBMLID) -> Bool, children: [UInt8] = []
  ) throws(MediaError) {
    let isSimple = block.element.id == .simpleBlock
    let size = head.count + frames.reduce(0) { $0 + $1.range.count }
    let inner = EBMLWriting.header(isSimple ? .simpleBlock : .block, size, width: 1) + head
    var suffix: [UInt8] = []
    if !isSimple { suffix = try others(in: block.element, keeps) + children }
    let whole = inner.count + size - head.count + suffix.count
    var range = try spool.append(isSimple ? inner : EBMLWriting.header(.blockGroup, whole, width: 1) + inner)
    for frame in frames {
      range =
        try range
        .lowerBound..<spool.append(frame.file.read(frame.range.count, at: frame.range.lowerBound)).upperBound
    }
    if !suffix.isEmpty { range = try range.lowerBound..<spool.append(suffix).upperBound }
    let cluster = segment.clusters[block.cluster]
    clusters[cluster.offset, default: Cluster(element: cluster)].changes.append(
      Change(range: block.element.range, part: range))
  }

  /// Puts any number of blocks of one frame in the place of a block, with nothing beside them.
  mutating func replace(
    _ block: MatroskaBlock, with blocks: [(head: [UInt8], file: InputFile, range: Range<Int>)]
  ) throws(MediaError) {
    var range: Range<Int>?
    for new in blocks {
      let size = new.head.count + new.range.count
      var lead = EBMLWriting.header(block.element.id == .simpleBlock ? .simpleBlock : .block, size, width: 1)
      if block.element.id != .simpleBlock {
        lead = EBMLWriting.header(.blockGroup, lead.count + size, width: 1) + lead
      }
      let start = try spool.append(lead + new.head).lowerBound
      let end = try spool.append(new.file.read(new.range.count, at: new.range.lowerBound)).upperBound
      range = (range?.lowerBound ?? start)..<end
    }
    let cluster = segment.clusters[block.cluster]
    clusters[cluster.offset, default: Cluster(element: cluster)].changes.append(
      Change(range: block.element.range, part: range ?? 0..<0))
  }

  /// The children of a group but for its block, as they stand.
  private func others(in group: EBMLElement, _ keeps: (EBMLID) -> Bool) throws(MediaError) -> [UInt8] {
    var bytes: [UInt8] = []
    var offset = group.dataOffset
    while offset < group.end, let child = try reader.element(at: offset), child.length != nil {
      guard child.end <= group.end else { break }
      guard child.id == .block || child.range.count <= Self.mostBeside else {
        throw MediaError(
          .limitExceeded, .encode, "\(child.range.count) bytes stand beside a block in its group")
      }
      if child.id != .block, keeps(child.id) {
        bytes += try reader.bytes(child.range.count, at: child.offset)
      }
      offset = child.end
    }
    return bytes
  }

  /// Ends the edit: what is said of sizes and sums follows. Nothing can be replaced any more.
  mutating func finish() throws(MediaError) {
    let new = try spool.file()
    self.new = new
    for (index, element) in segment.clusters.enumerated() {
      guard var cluster = clusters[element.offset] else { continue }
      cluster.changes.sort { $0.range.lowerBound < $1.range.lowerBound }
      try readHead(of: &cluster)
      clusters[element.offset] = cluster
      // The size of the one before it was true of the old one.
      guard index + 1 < segment.clusters.count else { continue }
      let next = segment.clusters[index + 1]
      guard clusters[next.offset] == nil else { continue }
      var other = Cluster(element: next)
      try readHead(of: &other, isMoved: false)
      guard !other.voids.isEmpty else { continue }
      // It takes part in what moves as before.
      if other.checksum == nil { voided += other.voids } else { clusters[next.offset] = other }
    }
    for (offset, var cluster) in clusters {
      guard let sum = cluster.checksum else { continue }
      cluster.checksum = (sum.place, try checksum(of: cluster, from: sum.place.upperBound, new))
      clusters[offset] = cluster
    }
  }

  /// Finds what stands in front of the blocks.
  private func readHead(of cluster: inout Cluster, isMoved: Bool = true) throws(MediaError) {
    var offset = cluster.element.dataOffset
    for _ in 0..<6 where offset < cluster.element.end {
      guard let child = try reader.element(at: offset), child.length != nil, child.id != .simpleBlock,
        child.id != .blockGroup
      else { return }
      if child.id == .crc32, child.data.count == 4, offset == cluster.element.dataOffset {
        cluster.checksum = (child.data, [])
      }
      if child.id == .previousSize || isMoved && child.id == .clusterPosition {
        cluster.voids.append(child.range)
      }
      offset = child.end
    }
  }

  /// CRC-32 of what stands behind it (RFC 8794, 11.3.1).
  private func checksum(of cluster: Cluster, from start: Int, _ new: InputFile) throws(MediaError) -> [UInt8]
  {
    var sum: UInt32 = 0
    var pending = start
    for (range, content) in Self.parts(of: cluster) where range.lowerBound >= start {
      try Self.add(pending..<range.lowerBound, of: reader.input, to: &sum)
      switch content {
      case .bytes(let bytes): bytes.withUnsafeBufferPointer { sum = tm_crc32(sum, $0.baseAddress, $0.count) }
      case .spool(let part): try Self.add(part, of: new, to: &sum)
      }
      pending = range.upperBound
    }
    try Self.add(pending..<cluster.element.end, of: reader.input, to: &sum)
    return sum.littleEndianBytes
  }

  private static func add(_ range: Range<Int>, of file: InputFile, to sum: inout UInt32) throws(MediaError) {
    var offset = range.lowerBound
    while offset < range.upperBound {
      let bytes = try file.read(min(1 << 18, range.upperBound - offset), at: offset)
      guard !bytes.isEmpty else { throw MediaError(.io, .encode, "file shrank while it was read") }
      bytes.withUnsafeBufferPointer { sum = tm_crc32(sum, $0.baseAddress, $0.count) }
      offset += bytes.count
    }
  }

  private enum Content {
    case bytes([UInt8])
    case spool(Range<Int>)
  }

  /// What changes inside of a cluster, in the order of the file.
  private static func parts(of cluster: Cluster) -> [(range: Range<Int>, content: Content)] {
    let voids = cluster.voids.map { ($0, Content.bytes(EBMLWriting.void($0.count))) }
    let sum = cluster.checksum.map { [($0.place, Content.bytes($0.bytes))] } ?? []
    let changes = cluster.changes.map { ($0.range, Content.spool($0.part)) }
    return (sum + voids + changes).sorted { $0.0.lowerBound < $1.0.lowerBound }
  }

  /// Adds the edits of the cluster at `offset` to those of the file.
  func write(_ offset: Int, into edits: inout ByteEdits) throws(MediaError) {
    guard let cluster = clusters[offset], let new else { return }
    try edits.replace(offset..<cluster.element.dataOffset, with: cluster.header)
    for (range, content) in Self.parts(of: cluster) {
      switch content {
      case .bytes(let bytes): try edits.replace(range, with: bytes)
      case .spool(let part): try edits.replace(range, with: part, of: new)
      }
    }
  }

  /// Where the block goes that stands at `place` of the data of the cluster at `offset`; nil where nothing changes.
  func position(of place: Int, inClusterAt offset: Int) -> Int? {
    guard let cluster = clusters[offset] else { return nil }
    let own = cluster.element.dataOffset + place
    return cluster.changes.prefix { $0.range.lowerBound < own }.reduce(place) {
      $0 + $1.part.count - $1.range.count
    }
  }
}
