internal import MediaCore

extension MatroskaBlockEdit {
  /// Puts packets coded anew in the places of `track`'s. Blocks keep their times, and what groups say beside the block.
  mutating func add(
    _ recoded: RecodedSound, in track: MatroskaSoundTrack, of input: InputFile
  ) throws(MediaError) {
    let spool = try recoded.spool.file()
    add(recoded.config, in: track)
    if recoded.isRetimed { return try spread(recoded.segments.flatMap(\.packets), of: spool, in: track) }
    var packets: [Int: Range<Int>] = [:]
    for segment in recoded.segments {
      for (index, packet) in zip(segment.samples, segment.packets) { packets[index] = packet.range }
    }
    for (block, own) in track.blocks where own.contains(where: { packets[$0] != nil }) {
      let frames = own.map { index in
        packets[index].map { (file: spool, range: $0) }
          ?? (
            file: input,
            range: track.sound.packets[index].offset..<track.sound.packets[index].end
          )
      }
      try replace(
        block, head: Self.head(of: block, sizes: frames.map(\.range.count)), with: frames,
        keeps: { _ in true })
    }
  }

  private mutating func add(_ config: [UInt8]?, in track: MatroskaSoundTrack) {
    guard let config else { return }
    // What stands in front of the record for libavcodec is not stored.
    var stored = config
    if case .alac = track.sound.codec {
      stored.removeFirst(max(0, config.count - (track.codecPrivate?.data.count ?? config.count)))
    }
    add(Record(entry: track.entry, former: track.codecPrivate, bytes: stored))
  }

  /// Puts `packets`, more or fewer than `track`'s, each in a block of its own to where the block stood that is heard last
  /// before it. A block that none falls to goes.
  private mutating func spread(
    _ packets: [CodedSpool.Packet], of spool: InputFile, in track: MatroskaSoundTrack
  ) throws(MediaError) {
    var left = packets[...]
    let blocks = track.blocks.filter { !$0.packets.isEmpty }
    for (index, place) in blocks.enumerated() {
      let next =
        index + 1 < blocks.count ? track.sound.packets[blocks[index + 1].packets.lowerBound].pts : .max
      let own = left.prefix { $0.pts < next || next == .max }
      left = left.dropFirst(own.count)
      let head = place.block.head
      let stored = Int16(truncatingIfNeeded: Int(head[head.count - 3]) << 8 | Int(head[head.count - 2]))
      let cluster = track.sound.packets[place.packets.lowerBound].pts - Int64(stored)
      try replace(
        place.block,
        with: try own.map { (packet) throws(MediaError) in
          guard let time = Int16(exactly: packet.pts - cluster) else {
            throw MediaError(
              .unsupported, .encode,
              "a packet of sound is \(packet.pts - cluster) ticks from its cluster's time")
          }
          return (
            head.dropLast(3) + time.bigEndianBytes + [head[head.count - 1] & ~SoundBlockReader.lacing], spool,
            packet.range
          )
        })
    }
  }

  /// The head of a block, with the sizes of its packets where they are laced: as Xiph does, which holds any.
  private static func head(of block: MatroskaBlock, sizes: [Int]) -> [UInt8] {
    var head = block.head
    guard head[head.count - 1] & SoundBlockReader.lacing != 0 else { return head }
    head[head.count - 1] = head[head.count - 1] & ~SoundBlockReader.lacing | 0x02
    head.append(UInt8(truncatingIfNeeded: sizes.count - 1))
    for size in sizes.dropLast() {
      head += XiphLacing.bytes(size)
    }
    return head
  }
}
