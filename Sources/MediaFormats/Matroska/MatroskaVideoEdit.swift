internal import MediaCore

/// Clusters of which some blocks hold pictures coded anew. Order, tracks and times of blocks stay; their sizes change,
/// and with them where everything behind them stands.
struct MatroskaVideoEdit {
  /// The clusters that change, by their offset.
  private(set) var clusters: [Int: [UInt8]] = [:]
  /// Where blocks stand in such a cluster, counted from its data: by the cluster's offset, old to new.
  private(set) var moves: [Int: [Int: Int]] = [:]
  /// Elements elsewhere that are no longer true, to be made Void.
  private(set) var voided: [Range<Int>] = []
  /// The CodecPrivate that the track needs; nil where it stays.
  private(set) var codecPrivate: [UInt8]?

  /// The CodecPrivate that it replaces, in the Tracks element.
  var formerPrivate: EBMLElement? { track.codecPrivate }
  /// The track's entry in the Tracks element.
  var entry: EBMLElement { track.entry }

  private let track: MatroskaVideoTrack
  private let reader: HeaderReader
  private var budget: Int

  /// Throws `limitExceeded` where the new clusters are more than may be held in memory.
  init(
    _ track: MatroskaVideoTrack, _ recoded: RecodedVideo, of segment: MatroskaSegment,
    in reader: HeaderReader,
    limits: Limits
  ) throws(MediaError) {
    self.track = track
    self.reader = reader
    budget = limits.decodedBytes
    let spool = try recoded.spool.file()
    var packets: [Int: [(sample: Int, packet: CodedSpool.Packet)]] = [:]
    for part in recoded.segments {
      for (sample, packet) in zip(part.samples, part.packets) {
        packets[track.blocks[sample].cluster, default: []].append((sample, packet))
      }
    }
    for (index, own) in packets.sorted(by: { $0.key < $1.key }) {
      try rewrite(segment.clusters[index], index, own, spool)
      // The size of the one before it was true of the old one.
      guard index + 1 < segment.clusters.count, packets[index + 1] == nil else { continue }
      let next = segment.clusters[index + 1]
      guard let (range, isSealed) = try previousSize(in: next) else { continue }
      if isSealed { try rewrite(next, index + 1, [], spool) } else { voided.append(range) }
    }
    let record = try recoded.description?.record(of: track.video.codec)
    codecPrivate = record.map { track.bitmap?.with(config: $0) ?? $0 }
  }

  private mutating func rewrite(
    _ cluster: EBMLElement, _ index: Int, _ packets: [(sample: Int, packet: CodedSpool.Packet)],
    _ spool: InputFile
  ) throws(MediaError) {
    let buffer = try EBMLBuffer(cluster, in: reader, budget: &budget)
    var patch = EBMLPatch()
    for (sample, packet) in packets {
      let block = track.blocks[sample]
      budget -= packet.range.count + (packet.alpha?.count ?? 0)
      guard budget > 0 else {
        throw MediaError(
          .limitExceeded, .encode,
          "the video coded anew is more than may be held in memory; label its opening alone")
      }
      let relative = packet.pts - track.times[index]
      guard let time = Int16(exactly: relative) else {
        throw MediaError(.unsupported, .encode, "a picture moves \(relative) ticks from its cluster's time")
      }
      let picture = try spool.picture(packet)
      let isSimple = block.element.id == .simpleBlock
      var head = block.head
      head.replaceSubrange(head.count - 3..<head.count - 1, with: time.bigEndianBytes)
      head[head.count - 1] = head[head.count - 1] & 0x7F | (isSimple && packet.isKey ? 0x80 : 0)
      let place = block.element.offset - cluster.offset
      patch.replacements[place] =
        isSimple
        ? EBMLWriting.element(.simpleBlock, head + picture.bytes)
        : try group(place, buffer, Self.block(head, picture), sample, packet)
    }
    var moved: [Int: Int] = [:]
    var shift = 0
    var cursor = buffer.children(of: buffer.root)
    while let child = try cursor.next() {
      if child.id == .clusterPosition || child.id == .previousSize {
        patch.replacements[child.offset] = EBMLWriting.void(child.range.count)
      }
      let place = child.offset - buffer.root.dataOffset
      moved[place] = place + shift
      if let new = patch.replacements[child.offset] { shift += new.count - child.range.count }
    }
    moves[cluster.offset] = moved
    clusters[cluster.offset] = try patch.applied(to: buffer)
  }

  /// The Block of a group and, behind it, its opacity (RFC 9559, 5.1.3.5.2.1).
  private static func block(_ head: [UInt8], _ picture: CodedPicture) -> [UInt8] {
    let block = EBMLWriting.element(.block, head + picture.bytes)
    guard let alpha = picture.alpha else { return block }
    let more = EBMLWriting.element(.blockAdditional, alpha) + EBMLWriting.unsigned(.blockAddID, 1)
    return block + EBMLWriting.element(.blockAdditions, EBMLWriting.element(.blockMore, more))
  }

  /// A block group with another block; what it says of references and duration follows the new picture.
  private func group(
    _ place: Int, _ buffer: EBMLBuffer, _ block: [UInt8], _ sample: Int, _ packet: CodedSpool.Packet
  ) throws(MediaError) -> [UInt8] {
    guard let group = EBMLElement(buffer.bytes[place...].prefix(EBMLElement.headerBytes), at: place) else {
      return []
    }
    var children = block
    var cursor = buffer.children(of: group)
    while let child = try cursor.next() {
      switch child.id {
      case .block, .referenceBlock, .blockDuration, .blockAdditions: break
      default: children += buffer.bytes[child.range]
      }
    }
    let later = track.video.samples.lazy.map(\.pts).filter { $0 > packet.pts }.min()
    if let later { children += EBMLWriting.unsigned(.blockDuration, Int(later - packet.pts)) }
    if !packet.isKey {
      let before = track.video.samples[max(0, sample - 1)].pts - packet.pts
      let distance = Int16(truncatingIfNeeded: before == 0 ? -1 : before)
      children += EBMLWriting.element(.referenceBlock, distance.bigEndianBytes)
    }
    return EBMLWriting.element(.blockGroup, children)
  }

  /// The PrevSize of a cluster and whether a checksum stands over it; nil without one.
  private func previousSize(in cluster: EBMLElement) throws(MediaError) -> (
    range: Range<Int>, isSealed: Bool
  )? {
    var offset = cluster.dataOffset
    var isSealed = false
    for _ in 0..<6 where offset < cluster.end {
      guard let child = try reader.element(at: offset), child.length != nil, child.id != .simpleBlock,
        child.id != .blockGroup
      else { return nil }
      if child.id == .crc32 { isSealed = true }
      if child.id == .previousSize { return (child.range, isSealed) }
      offset = child.end
    }
    return nil
  }
}
