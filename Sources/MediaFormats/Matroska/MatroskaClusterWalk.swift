internal import MediaCore

/// Walks through the blocks of a cluster (RFC 9559, 5.1.3), and what all of them have alike.
struct MatroskaClusterWalk {
  let reader: HeaderReader
  /// The track whose blocks are wanted.
  let track: UInt64

  /// Calls `visit` with each SimpleBlock and BlockGroup of `cluster` and the cluster's time so far; returns its Timestamp.
  func callAsFunction(
    _ cluster: EBMLElement, _ visit: (EBMLElement, Int64) throws(MediaError) -> Void
  ) throws(MediaError) -> Int64 {
    guard cluster.length != nil else {
      throw MediaError(
        .unsupported, .decode, "clusters have no size, as live streams write them; remux the file first")
    }
    var time: Int64 = 0
    var offset = cluster.dataOffset
    while offset < cluster.end {
      let child = try whole(offset, in: cluster, "a cluster")
      switch child.id {
      case .clusterTimestamp: time = try self.time(child)
      case .simpleBlock, .blockGroup: try visit(child, time)
      default: break
      }
      offset = child.end
    }
    return time
  }

  /// The Timestamp of `cluster`, which stands in front of its blocks.
  func time(of cluster: EBMLElement) throws(MediaError) -> Int64 {
    var offset = cluster.dataOffset
    while offset < cluster.end {
      let child = try whole(offset, in: cluster, "a cluster")
      if child.id == .clusterTimestamp { return try time(child) }
      if child.id == .simpleBlock || child.id == .blockGroup { break }
      offset = child.end
    }
    throw MediaError(.malformed, .decode, "the cluster at offset \(cluster.offset) has no time")
  }

  private func time(_ element: EBMLElement) throws(MediaError) -> Int64 {
    let stored = try reader.bigEndian(min(8, element.data.count), at: element.dataOffset)
    let time = Int64(truncatingIfNeeded: stored)
    guard time >= 0, time < 1 << 60 else {
      throw MediaError(.malformed, .decode, "a cluster's time is \(time) ticks")
    }
    return time
  }

  /// The element at `offset`, which must end within `parent`.
  func whole(
    _ offset: Int, in parent: EBMLElement, _ name: String = "a block group"
  ) throws(MediaError) -> EBMLElement {
    guard let child = try reader.element(at: offset), child.length != nil, child.end <= parent.end else {
      throw MediaError(.malformed, .decode, "no whole element at offset \(offset) inside \(name)")
    }
    return child
  }

  /// Track number, timestamp and flags of `block` as stored (RFC 9559, 10.1), and the timestamp, which counts from the cluster's;
  /// nil for a block of another track.
  func head(of block: EBMLElement) throws(MediaError) -> (bytes: [UInt8], time: Int64)? {
    let head = try reader.bytes(min(12, block.data.count), at: block.dataOffset)
    let width = (head.first?.leadingZeroBitCount ?? 8) + 1
    guard width <= 8, head.count >= width + 3 else { return nil }
    let number = head.prefix(width).reduce(0) { $0 << 8 | UInt64($1) } & (1 << (7 * UInt64(width)) - 1)
    guard number == track else { return nil }
    let relative = Int16(truncatingIfNeeded: Int(head[width]) << 8 | Int(head[width + 1]))
    return (Array(head.prefix(width + 3)), Int64(relative))
  }
}
