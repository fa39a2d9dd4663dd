internal import MediaCore

extension MatroskaBlockEdit {
  /// Puts packets coded anew in the places of `track`'s. Blocks keep their times, and what groups say beside the block.
  mutating func add(
    _ recoded: RecodedSound, in track: MatroskaSoundTrack, of input: InputFile
  ) throws(MediaError) {
    let spool = try recoded.spool.file()
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
    if let config = recoded.config {
      // What stands in front of the record for libavcodec is not stored.
      let lead = config.count - (track.codecPrivate?.data.count ?? config.count)
      let stored = Array(config.dropFirst(max(0, lead)))
      add(Record(entry: track.entry, former: track.codecPrivate, bytes: stored))
    }
  }

  /// The head of a block, with the sizes of its packets where they are laced: as Xiph does, which holds any.
  private static func head(of block: MatroskaBlock, sizes: [Int]) -> [UInt8] {
    var head = block.head
    guard head[head.count - 1] & SoundBlockReader.lacing != 0 else { return head }
    head[head.count - 1] = head[head.count - 1] & ~SoundBlockReader.lacing | 0x02
    head.append(UInt8(truncatingIfNeeded: sizes.count - 1))
    for size in sizes.dropLast() {
      head += [UInt8](repeating: 255, count: size / 255) + [UInt8(size % 255)]
    }
    return head
  }
}
