internal import MediaCore

/// Tags that hold pictures or sound coded anew. Order and times of tags stay; their sizes change, and with them where
/// everything behind them stands.
struct FLVMediaEdit {
  /// What changes in the tags of pictures, of their description, and of sound.
  private(set) var edits = ByteEdits()
  /// For tags that were key frames and are none any more: the tag where the key frame of that time now stands.
  private(set) var keys: [Int: Int] = [:]
  /// Bytes by which tags of pictures, and those of sound, grow.
  private(set) var growth = (video: 0, sound: 0)

  private let fileSize: Int

  /// A tag and the data that it is to hold.
  private struct Change {
    let tag: FLVTag
    let head: [UInt8]
    var packet: (file: InputFile, range: Range<Int>)?
  }

  /// Throws `insufficientCapacity` for a packet too large for a tag.
  init(
    video: (track: FLVVideoTrack, recoded: RecodedVideo)?,
    sound: (track: FLVSoundTrack, recoded: RecodedSound)?,
    fileSize: Int
  ) throws(MediaError) {
    self.fileSize = fileSize
    var changes: [Change] = []
    if let video { changes += try add(video.recoded, video.track) }
    if let sound {
      let spool = try sound.recoded.spool.file()
      for segment in sound.recoded.segments {
        for (index, packet) in zip(segment.samples, segment.packets) {
          let tag = sound.track.tags[index]
          let head = sound.track.heads[index]
          growth.sound += head.count + packet.range.count - tag.length
          changes.append(Change(tag: tag, head: head, packet: (spool, packet.range)))
        }
      }
    }
    // Edits are cheapest in the order of the file.
    for change in changes.sorted(by: { $0.tag.offset < $1.tag.offset }) {
      let (tag, start) = (change.tag, change.tag.dataOffset)
      let length = change.head.count + (change.packet?.range.count ?? 0)
      guard length < 1 << 24 else {
        throw MediaError(
          .insufficientCapacity, .encode,
          "a tag would have \(length) bytes; a tag holds at most \(1 << 24 - 1)")
      }
      let size = UInt32(length)
      try edits.replace(tag.offset + 1..<tag.offset + 4, with: Array(size.bigEndianBytes.dropFirst()))
      if let packet = change.packet {
        try edits.replace(start..<start + change.head.count, with: change.head)
        try edits.replace(start + change.head.count..<tag.end, with: packet.range, of: packet.file)
      } else {
        try edits.replace(start..<tag.end, with: change.head)
      }
      // A recording that was cut off may lack the last of these.
      guard tag.end + 4 <= fileSize else { continue }
      try edits.replace(tag.end..<tag.end + 4, with: (size + UInt32(FLVTag.headerBytes)).bigEndianBytes)
    }
  }

  private mutating func add(_ recoded: RecodedVideo, _ track: FLVVideoTrack) throws(MediaError) -> [Change] {
    guard !recoded.segments.isEmpty else { return [] }
    let spool = try recoded.spool.file()
    var changes: [Change] = []
    let record = try recoded.description?.record(of: .h264)
    for header in track.headers {
      guard let record, header.length >= FLVVideoTrack.headBytes else { continue }
      let head = track.headerHead
      changes.append(Change(tag: header, head: head + record))
      growth.video += head.count + record.count - header.length
    }
    for segment in recoded.segments {
      for (index, packet) in zip(segment.samples, segment.packets) {
        let (tag, sample) = (track.tags[index], track.video.samples[index])
        let head = try Self.head(packet, of: sample)
        changes.append(Change(tag: tag, head: head, packet: (spool, packet.range)))
        growth.video += head.count + packet.range.count - tag.length
      }
      note(segment, track)
    }
    return changes
  }

  /// Kind of frame, codec, kind of packet, composition time.
  private static func head(
    _ packet: CodedSpool.Packet, of sample: VideoSample
  ) throws(MediaError) -> [UInt8] {
    let shift = packet.pts - sample.dts
    guard (-(1 << 23)..<1 << 23).contains(shift) else {
      throw MediaError(.unsupported, .encode, "a picture is shown \(shift) ms after it is decoded")
    }
    return [packet.isKey ? 0x17 : 0x27, 1] + Int32(shift).bigEndianBytes.dropFirst()
  }

  private mutating func note(_ segment: VideoReencode.Segment, _ track: FLVVideoTrack) {
    var places: [Int64: Int] = [:]
    for (index, packet) in zip(segment.samples, segment.packets) where packet.isKey {
      places[packet.pts] = track.tags[index].offset
    }
    for index in segment.samples where track.video.samples[index].isSync {
      let old = track.tags[index].offset
      if let new = places[track.video.samples[index].pts], new != old { keys[old] = new }
    }
  }
}
