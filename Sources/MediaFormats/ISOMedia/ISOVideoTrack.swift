internal import MediaCore

/// The video track of a film, as samples that can be decoded.
struct ISOVideoTrack {
  /// Index of its `trak` in the movie box.
  let trak: Int
  let table: SampleTable
  let entry: SampleEntry
  let video: CodedVideo

  /// The names of sample entries, with spaces between.
  private static let codecs: [(codec: VideoCodec, names: String)] = [
    (.h264, "avc1 avc3"), (.hevc, "hvc1 hev1"), (.vp8, "vp08"), (.vp9, "vp09"), (.av1, "av01"),
    (.mpeg4, "mp4v"), (.mpeg2, "m2v1 mp2v mpg2"), (.mjpeg, "jpeg mjpa"), (.png, "png "),
    (.dnxhd, "AVdn AVdh"), (.ffv1, "FFV1"), (.prores, proResProfiles.joined(separator: " ")),
  ]
  /// In the order in which libavcodec counts them.
  static let proResProfiles = ["apco", "apcs", "apcn", "apch", "ap4h", "ap4x"]
  private static let records: [VideoCodec: String] = [
    .h264: "avcC", .hevc: "hvcC", .av1: "av1C", .mpeg4: "esds", .mpeg2: "esds", .ffv1: "glbl",
  ]

  /// The first track that is switched on. Throws `unsupported` for a film without one that can be decoded,
  /// `limitExceeded` for one with more samples than are held in memory.
  init(_ film: ISOFilm, info: MediaInfo, fileSize: Int, limits: Limits) throws(MediaError) {
    let tree = film.movie
    let videos = zip(film.traks, info.tracks).filter { $0.1.kind == .video }.map(\.0)
    guard let trak = videos.first(where: { MovieTrack($0, of: tree).isEnabled }) ?? videos.first else {
      throw MediaError(.unsupported, .decode, "the film has no video track")
    }
    let table = try SampleTable(trak, of: tree, fileSize: fileSize)
    guard let entry = table.entries.first, table.entries.count == 1 else {
      throw MediaError(
        .unsupported, .decode,
        "the video track is coded in \(table.entries.count) ways; frames of one are edited")
    }
    // Short names are filled up with a space, here as in the table.
    let name = entry.codec.description.split(separator: " ").first ?? ""
    guard var codec = Self.codecs.first(where: { $0.names.split(separator: " ").contains(name) })?.codec
    else {
      throw MediaError(
        .unsupported, .decode,
        "pictures coded as \(PictureName.of(entry.codec.description)) are not coded anew; convert them to H.264 first"
      )
    }
    let samples = try table.held(within: limits)
    guard table.timescale > 0, !samples.isEmpty else {
      throw MediaError(.malformed, .decode, "the video track has no samples, or no time")
    }
    let record = Self.records[codec].flatMap { entry.configuration($0, from: SampleEntry.visualFields) }
    if codec == .mpeg4, let type = record.map({ Self.stream($0).type }), type != 0x20 {
      guard let other = Self.codec(ofType: type) else {
        throw MediaError(
          .unsupported, .decode,
          "pictures of object type 0x\(String(type, radix: 16)) in '\(entry.codec)' are not coded anew; "
            + "convert them to H.264 first")
      }
      codec = other
    }
    let shown = table.edits.first { $0.mediaTime >= 0 }?.mediaTime
    self.trak = trak
    self.table = table
    self.entry = entry
    video = CodedVideo(
      codec: codec,
      config: entry.codec == BoxType("mp4v") ? Self.decoderConfig(record ?? []) : record ?? [],
      size: entry.size,
      orientation: info.orientation, timescale: Int(table.timescale), samples: samples,
      start: shown ?? samples.map(\.pts).min() ?? 0, others: videos.count - 1,
      profile: Self.proResProfiles.firstIndex(of: String(name)))
  }

  /// What `mp4v` stands for besides MPEG-4 (ISO/IEC 14496-1, table 5, and registered types): MPEG-2 has a type for each profile.
  private static func codec(ofType type: UInt8) -> VideoCodec? {
    switch type {
    case 0x60...0x65: .mpeg2
    case 0x6C: .mjpeg
    case 0x6D: .png
    default: nil
    }
  }

  /// The decoder's own data in an `esds` (ISO/IEC 14496-1, 7.2.6.7: tag 5).
  static func decoderConfig(_ esds: [UInt8]) -> [UInt8] { stream(esds).config }

  /// What an `esds` says of the coding (7.2.6.6: objectTypeIndication), and the decoder's own data.
  static func stream(_ esds: [UInt8]) -> (type: UInt8, config: [UInt8]) {
    var offset = 4
    var type: UInt8 = 0
    while offset < esds.count {
      let tag = esds[offset]
      var length = 0
      offset += 1
      for _ in 0..<4 {
        guard offset < esds.count else { return (type, []) }
        let byte = esds[offset]
        offset += 1
        length = length << 7 | Int(byte & 0x7F)
        if byte & 0x80 == 0 { break }
      }
      switch tag {
      // An elementary stream: id, flags and what they say; a decoder: type, buffer, rates. Both hold further tags.
      case 3:
        guard offset + 2 < esds.count else { return (type, []) }
        let flags = esds[offset + 2]
        offset += 3 + (flags & 0x80 != 0 ? 2 : 0) + (flags & 0x20 != 0 ? 2 : 0)
      case 4:
        if offset < esds.count { type = esds[offset] }
        offset += 13
      case 5: return (type, Array(esds[offset..<min(esds.count, offset + length)]))
      default: offset += length
      }
    }
    return (type, [])
  }
}
