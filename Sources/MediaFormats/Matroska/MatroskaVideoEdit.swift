internal import MediaCore

extension MatroskaBlockEdit {
  /// Puts pictures coded anew in the places of `track`'s.
  mutating func add(_ recoded: RecodedVideo, in track: MatroskaVideoTrack) throws(MediaError) {
    guard !recoded.segments.isEmpty else { return }
    let spool = try recoded.spool.file()
    let shown = track.video.samples.map(\.pts).sorted()
    for segment in recoded.segments {
      for (sample, packet) in zip(segment.samples, segment.packets) {
        try add(packet, of: spool, at: sample, in: track, shown: shown)
      }
    }
    if let record = try recoded.description?.record(of: track.video.codec) {
      let bytes = track.bitmap?.with(config: record) ?? record
      add(Record(entry: track.entry, former: track.codecPrivate, bytes: bytes))
    }
  }

  /// What a block group says of references and duration follows the new picture.
  private mutating func add(
    _ packet: CodedSpool.Packet, of spool: InputFile, at sample: Int, in track: MatroskaVideoTrack,
    shown: [Int64]
  ) throws(MediaError) {
    let block = track.blocks[sample]
    let relative = packet.pts - track.times[block.cluster]
    guard let time = Int16(exactly: relative) else {
      throw MediaError(.unsupported, .encode, "a picture moves \(relative) ticks from its cluster's time")
    }
    let isSimple = block.element.id == .simpleBlock
    var head = block.head
    head.replaceSubrange(head.count - 3..<head.count - 1, with: time.bigEndianBytes)
    head[head.count - 1] = head[head.count - 1] & 0x7F | (isSimple && packet.isKey ? 0x80 : 0)
    var children: [UInt8] = []
    if let alpha = packet.alpha {
      // The picture's opacity (RFC 9559, 5.1.3.5.2.1).
      let more =
        EBMLWriting.element(.blockAdditional, try spool.read(alpha.count, at: alpha.lowerBound))
        + EBMLWriting.unsigned(.blockAddID, 1)
      children += EBMLWriting.element(.blockAdditions, EBMLWriting.element(.blockMore, more))
    }
    if let later = Self.first(of: shown, after: packet.pts) {
      children += EBMLWriting.unsigned(.blockDuration, Int(later - packet.pts))
    }
    if !packet.isKey {
      let before = track.video.samples[max(0, sample - 1)].pts - packet.pts
      let distance = Int16(truncatingIfNeeded: before == 0 ? -1 : before)
      children += EBMLWriting.element(.referenceBlock, distance.bigEndianBytes)
    }
    try replace(
      block, head: head, with: [(spool, packet.range)],
      keeps: { ![.referenceBlock, .blockDuration, .blockAdditions].contains($0) }, children: children)
  }

  private static func first(of times: [Int64], after time: Int64) -> Int64? {
    var (low, high) = (0, times.count)
    while low < high {
      let middle = (low + high) / 2
      if times[middle] <= time { low = middle + 1 } else { high = middle }
    }
    return low < times.count ? times[low] : nil
  }
}
