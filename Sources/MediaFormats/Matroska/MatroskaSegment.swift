internal import MediaCore

/// A segment: where its children stand. Clusters are stepped over, never read.
struct MatroskaSegment {
  /// The Position element of a cluster (RFC 9559, 5.1.3.2): the cluster's own offset, to be corrected when it moves.
  struct ClusterPosition {
    let cluster: Int
    let element: EBMLElement
    /// The offset that it gives, counted from the segment's data.
    let value: UInt64
    /// Whether the cluster begins with a CRC-32, which only a reader of all its blocks could correct.
    let isSealed: Bool
  }

  /// The segment's header.
  let header: EBMLElement
  /// Where its data ends: as announced, or where the file or the next segment does.
  private(set) var end: Int
  /// The children in file order, without clusters and without what stands between them only as padding.
  private(set) var elements: [EBMLElement] = []
  /// Where the first cluster stands.
  private(set) var firstCluster: Int?
  /// The clusters in file order.
  private(set) var clusters: [EBMLElement] = []
  /// Clusters that say where they stand.
  private(set) var positions: [ClusterPosition] = []
  /// Why the rest of the segment could not be walked; nil when it was walked to its end.
  private(set) var defect: String?
  /// What the file ends inside of, and the byte that goes on to; nil for a whole segment.
  private(set) var cut: (what: String, end: UInt64)?
  /// Where children are said to stand, the nearest last.
  private var seekTargets: [Int] = []
  private let limits: Limits

  // A ten-hour film has about three million blocks; only clusters of unknown size are walked block by block.
  private static let steps = 4 << 20
  private var stepsLeft = MatroskaSegment.steps

  /// Walks the segment with `header`; throws `malformed` when its very beginning is none.
  init(_ header: EBMLElement, in reader: HeaderReader, limits: Limits) throws(MediaError) {
    self.header = header
    self.limits = limits
    end = min(header.length.map { header.dataOffset + $0 } ?? reader.size, reader.size)
    if header.end > reader.size {
      cut = ("the segment at offset \(header.offset)", UInt64(header.end))
    }
    var offset = header.dataOffset
    while offset < end {
      try step(offset)
      guard let element = try reader.element(at: offset) else {
        defect = defect ?? "no element at offset \(offset)"
        end = min(end, offset)
        break
      }
      if header.length == nil, element.id == .header || element.id == .segment {
        end = offset
        break
      }
      if element.id == .cluster {
        offset = try walk(element, in: reader)
      } else {
        // What is left of an element that is cut says nothing, and nothing follows it.
        if cut != nil, element.end > end, firstCluster != nil { break }
        try add(element, in: reader)
        offset = element.end
      }
    }
  }

  /// Throws `malformed` where the segment is not whole or could not be walked to its end.
  func requireWhole(_ format: FormatID, fileSize: Int) throws(MediaError) {
    if let cut { throw .cut(at: fileSize, inside: cut.what, endingAt: cut.end, as: format) }
    if let defect {
      throw MediaError(
        .malformed, .decode,
        "\(defect); remux it first (`ffmpeg -i in.\(format) -map 0 -c copy out.\(format)`)")
    }
  }

  /// The first child with `id`.
  func first(_ id: EBMLID) -> EBMLElement? { elements.first { $0.id == id } }

  /// The Void directly behind `element`.
  func void(behind element: EBMLElement) -> EBMLElement? {
    elements.first { $0.id == .void && $0.offset == element.end }
  }

  private mutating func step(_ offset: Int) throws(MediaError) {
    stepsLeft -= 1
    guard stepsLeft > 0 else {
      throw MediaError(
        .limitExceeded, .decode,
        "more than \(Self.steps) elements before offset \(offset); remux the file so that its clusters have sizes"
      )
    }
  }

  private mutating func add(_ element: EBMLElement, in reader: HeaderReader) throws(MediaError) {
    guard element.length != nil, element.end <= end else {
      let name =
        "element 0x\(String(element.id.rawValue, radix: 16, uppercase: true)) at offset \(element.offset)"
      if cut != nil, element.length != nil {
        throw .cut(at: end, inside: name, endingAt: UInt64(element.end), as: nil)
      }
      throw MediaError(
        .malformed, .decode,
        "\(name) of \(element.length.map(String.init) ?? "unknown") bytes does not fit into what ends at byte \(end)"
      )
    }
    // Padding between clusters is of no use to anybody.
    if element.id == .void, firstCluster != nil, elements.last?.end != element.offset { return }
    guard elements.count < limits.metadataItems else {
      throw .tooMany("elements in a segment", limits.metadataItems)
    }
    elements.append(element)
    if element.id == .seekHead {
      var budget = limits.indexBytes
      let buffer = try EBMLBuffer(element, in: reader, budget: &budget)
      for entry in try MatroskaSeek.all(in: buffer) {
        if let target = entry.position.flatMap({ Int(exactly: $0) }), target < end - header.dataOffset {
          seekTargets.append(header.dataOffset + target)
        }
      }
      seekTargets.sort(by: >)
    }
  }

  /// Steps over a cluster; returns where the next child of the segment stands.
  private mutating func walk(_ cluster: EBMLElement, in reader: HeaderReader) throws(MediaError) -> Int {
    firstCluster = firstCluster ?? cluster.offset
    clusters.append(cluster)
    if cluster.length != nil {
      try readPosition(of: cluster, in: reader)
      if cluster.end > reader.size {
        cut = ("the cluster at offset \(cluster.offset)", UInt64(cluster.end))
      } else if cluster.end > end {
        defect =
          defect ?? "the cluster at offset \(cluster.offset) ends behind the segment, at byte \(cluster.end)"
      }
      return cluster.end
    }
    while let target = seekTargets.popLast() {
      guard target > cluster.offset, try reader.element(at: target)?.id.isTopLevel == true else { continue }
      return target
    }
    var offset = cluster.dataOffset
    while offset < end {
      try step(offset)
      guard let child = try reader.element(at: offset) else { return offset }
      if child.id.isTopLevel { return offset }
      if child.id == .clusterPosition { try addPosition(child, of: cluster, isSealed: false, in: reader) }
      guard child.length != nil else {
        defect = "element at offset \(offset) of unknown size inside a cluster"
        return end
      }
      if child.end > end {
        cut = cut ?? ("the block at offset \(child.offset)", UInt64(child.end))
      }
      offset = child.end
    }
    return offset
  }

  private mutating func readPosition(of cluster: EBMLElement, in reader: HeaderReader) throws(MediaError) {
    var offset = cluster.dataOffset
    var isSealed = false
    // Timestamp, SilentTracks, Position and PrevSize stand in front of the blocks.
    for _ in 0..<6 where offset < min(cluster.end, end) {
      guard let child = try reader.element(at: offset), child.length != nil, child.id != .simpleBlock,
        child.id != .blockGroup
      else { return }
      if child.id == .crc32 { isSealed = true }
      if child.id == .clusterPosition { try addPosition(child, of: cluster, isSealed: isSealed, in: reader) }
      offset = child.end
    }
  }

  private mutating func addPosition(
    _ element: EBMLElement, of cluster: EBMLElement, isSealed: Bool, in reader: HeaderReader
  ) throws(MediaError) {
    guard (1...8).contains(element.data.count), element.end <= end else { return }
    let value = try reader.bigEndian(element.data.count, at: element.dataOffset)
    positions.append(
      ClusterPosition(cluster: cluster.offset, element: element, value: value, isSealed: isSealed))
  }
}
