internal import MediaCore

/// Video tags that hold pictures coded anew. Order and times of tags stay; their sizes change, and with them where
/// everything behind them stands.
struct FLVVideoEdit {
  /// What changes in the tags of pictures and of their description.
  private(set) var edits = ByteEdits()
  /// For tags that were key frames and are none any more: the tag where the key frame of that time now stands.
  private(set) var keys: [Int: Int] = [:]

  private let fileSize: Int

  /// Throws `insufficientCapacity` for a picture too large for a tag.
  init(_ track: FLVVideoTrack, _ recoded: RecodedVideo, fileSize: Int) throws(MediaError) {
    self.fileSize = fileSize
    let spool = try recoded.spool.file()
    // Edits are cheapest in the order of the file.
    let record = try recoded.description?.record(of: .h264)
    for header in track.headers where record != nil {
      try resize(header, to: FLVVideoTrack.headBytes + (record?.count ?? 0))
      try edits.replace(header.dataOffset + FLVVideoTrack.headBytes..<header.end, with: record ?? [])
    }
    for segment in recoded.segments {
      for (index, packet) in zip(segment.samples, segment.packets) {
        let (tag, sample) = (track.tags[index], track.video.samples[index])
        let head = try Self.head(packet, of: sample)
        let start = tag.dataOffset
        try resize(tag, to: head.count + packet.range.count)
        try edits.replace(start..<start + head.count, with: head)
        try edits.replace(start + head.count..<tag.end, with: packet.range, of: spool)
      }
      note(segment, track)
    }
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

  /// Writes the size of a tag's data in front of it and the size of the tag behind it.
  private mutating func resize(_ tag: FLVTag, to length: Int) throws(MediaError) {
    guard length < 1 << 24 else {
      throw MediaError(
        .insufficientCapacity, .encode,
        "video tag would have \(length) bytes; a tag holds at most \(1 << 24 - 1)")
    }
    let size = UInt32(length)
    try edits.replace(tag.offset + 1..<tag.offset + 4, with: Array(size.bigEndianBytes.dropFirst()))
    // A recording that was cut off may lack the last of these.
    guard tag.end + 4 <= fileSize else { return }
    try edits.replace(tag.end..<tag.end + 4, with: (size + UInt32(FLVTag.headerBytes)).bigEndianBytes)
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
