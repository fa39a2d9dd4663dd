internal import MediaCore

/// MPEG audio as a stream of frames, with ID3v2 in front and other tags behind.
struct MP3Format: MediaFormat {
  let descriptor = FormatDescriptor(
    id: FormatID(rawValue: "mp3"), kind: .audio, extensions: ["mp3", "mp2", "mpga"],
    mimeTypes: ["audio/mpeg"],
    capabilities: [.readMetadata, .writeMetadata, .decode, .encode],
    labelSite: "ID3v2 TXXX frame AIGC (TC260-PG-202510A)")

  func score(_ head: [UInt8]) -> ProbeScore {
    let start = LeadingID3.end(in: head)
    // A tag longer than what is seen stands in front of an MP3 in nearly all files; `open` looks behind it.
    if start > 0, start >= head.count { return 120 }
    let count = MPEGAudioHeader.count(in: head, at: start)
    if count > 1 { return start > 0 ? 240 : 200 }
    if count == 1, start + 4 < head.count { return start > 0 ? 150 : 20 }
    return start > 0 ? 60 : 0
  }

  func open(_ input: InputFile, limits: Limits, scratch: Scratch) throws(MediaError) -> any MediaFile {
    let reader = HeaderReader(input)
    let tags = try ID3Tag.run(from: 0, in: reader, limits: limits)
    let start = tags.last?.header.end ?? 0
    if start > 0, start + 9 <= reader.size {
      // What stands behind a tag longer than a probe sees may be another format.
      let head = try reader.bytes(min(4096, reader.size - start), at: start)
      for format in [FLACFormat(), ADTSFormat()] as [any MediaFormat] where format.score(head) > 150 {
        return try format.open(input, limits: limits, scratch: scratch)
      }
    }
    return try MP3File(reader, tags: tags, format: descriptor.id, limits: limits)
  }
}

/// ID3v2 tags at the beginning of a file, as far as its first bytes show them.
enum LeadingID3 {
  /// Offset behind the tags; beyond `head` when the last is longer than it.
  static func end(in head: [UInt8]) -> Int {
    var offset = 0
    while offset < head.count, let header = ID3Header(Array(head[offset...].prefix(ID3Header.length))) {
      offset += header.end
    }
    return offset
  }
}
