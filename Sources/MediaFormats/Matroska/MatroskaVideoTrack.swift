internal import MediaCore

/// The video track of a segment, as samples that can be decoded.
struct MatroskaVideoTrack {
  let video: CodedVideo
  /// One for each sample.
  let blocks: [MatroskaBlock]
  /// The Timestamp of each cluster, in ticks of the segment.
  let times: [Int64]
  /// The track's CodecPrivate in the Tracks element; nil without one.
  let codecPrivate: EBMLElement?
  /// The CodecPrivate taken apart, where it is a description as in AVI.
  let bitmap: MatroskaBitmap?
  /// The whole track entry in the Tracks element.
  let entry: EBMLElement

  private static let codecs: [String: VideoCodec] = [
    "V_MPEG4/ISO/AVC": .h264, "V_MPEGH/ISO/HEVC": .hevc, "V_VP8": .vp8, "V_VP9": .vp9, "V_AV1": .av1,
    "V_MPEG4/ISO/ASP": .mpeg4, "V_MPEG2": .mpeg2, "V_MJPEG": .mjpeg, "V_FFV1": .ffv1,
    "V_PRORES": .prores, "V_THEORA": .theora,
  ]
  private static let most = 1 << 22
  /// Seconds by which pictures may stand behind those that are shown after them.
  private static let margin = 2.0

  /// The pictures of all clusters, or of those that hold what is shown before `end` seconds, which are enough to look at.
  /// Throws `unsupported` for a segment without one such track or with blocks in a form that is not edited.
  init(
    _ segment: MatroskaSegment, until end: Double = .infinity, tracks: EBMLBuffer, ticks: Int,
    input: InputFile
  ) throws(MediaError) {
    let description = try Description(tracks)
    let record = description.codecPrivate.map { Array(tracks.bytes[$0.data]) } ?? []
    let bitmap = description.codec == MatroskaBitmap.codecID ? try MatroskaBitmap(record) : nil
    guard let codec = bitmap?.codec ?? Self.codecs[description.codec] else {
      throw MediaError(
        .unsupported, .decode,
        "pictures coded as \(PictureName.of(description.codec)) are not coded anew; convert them to H.264 first"
      )
    }
    var reader = MatroskaBlockReader(HeaderReader(input, windowBytes: 64), track: description.number)
    var times: [Int64] = []
    for (index, cluster) in segment.clusters.enumerated() {
      times.append(try reader.read(cluster, index))
      guard reader.blocks.count <= Self.most else { throw .tooMany("blocks", Self.most) }
      let seconds = Double((times.last ?? 0) - times[0]) / Double(max(1, ticks))
      if !reader.blocks.isEmpty, seconds > end + Self.margin { break }
    }
    guard !reader.blocks.isEmpty, ticks > 0 else {
      throw MediaError(.malformed, .decode, "the video track has no blocks, or no time")
    }
    // Matroska keeps no decoding times: pictures come out in the order of presentation, as much later as reordering asks.
    let shown = reader.times.map(\.pts).sorted()
    let delay = zip(shown, reader.times).map { $0 - $1.pts }.max() ?? 0
    let samples = zip(reader.blocks, reader.times).enumerated().map { index, block in
      VideoSample(
        offset: block.0.frame.lowerBound, size: block.0.frame.count, dts: shown[index] - delay,
        pts: block.1.pts,
        isSync: block.1.isKey, alpha: block.0.alpha)
    }
    let opaque = samples.count { $0.alpha == nil }
    guard opaque == 0 || opaque == samples.count, opaque > 0 || codec.hasAlphaBeside else {
      throw MediaError(
        .unsupported, .decode,
        "\(samples.count - opaque) of \(samples.count) pictures, coded as \(PictureName.of(description.codec)), have an addition"
      )
    }
    blocks = reader.blocks
    self.times = times
    self.bitmap = bitmap
    codecPrivate = description.codecPrivate
    entry = description.entry
    video = CodedVideo(
      codec: codec, config: codec == .prores ? [] : bitmap?.config ?? record,
      size: description.size, orientation: .up, timescale: ticks, samples: samples, start: shown.first ?? 0,
      others: description.others,
      profile: codec == .prores
        ? ISOVideoTrack.proResProfiles.firstIndex(of: TextCoding.latin1(Array(record.prefix(4)))) : nil,
      lacksFrameMark: codec == .prores)
  }

  /// What Tracks say of the one video track.
  private struct Description {
    var entry = EBMLElement(id: .trackEntry, offset: 0, dataOffset: 0, length: 0)
    var number: UInt64 = 0
    var codec = ""
    var codecPrivate: EBMLElement?
    var size = PixelSize(width: 0, height: 0)
    /// How many more video tracks there are.
    var others = 0

    /// The first video track that players choose by themselves, or else the first.
    init(_ tracks: EBMLBuffer) throws(MediaError) {
      var found: [(entry: EBMLElement, isDefault: Bool)] = []
      var cursor = tracks.children(of: tracks.root)
      while let entry = try cursor.next() {
        guard entry.id == .trackEntry, try Self.number(.trackType, of: entry, in: tracks) == 1 else {
          continue
        }
        found.append((entry, try Self.number(.flagDefault, of: entry, in: tracks) != 0))
      }
      guard let chosen = found.first(where: \.isDefault) ?? found.first else {
        throw MediaError(.unsupported, .decode, "the file has no video track")
      }
      entry = chosen.entry
      others = found.count - 1
      try read(entry, tracks)
    }

    private static func number(
      _ id: EBMLID, of entry: EBMLElement, in tracks: EBMLBuffer
    ) throws(MediaError) -> UInt64? {
      var fields = tracks.children(of: entry)
      while let field = try fields.next() { if field.id == id { return tracks.unsigned(field) } }
      return nil
    }

    private mutating func read(_ entry: EBMLElement, _ tracks: EBMLBuffer) throws(MediaError) {
      var fields = tracks.children(of: entry)
      while let field = try fields.next() {
        switch field.id {
        case .trackNumber: number = tracks.unsigned(field) ?? 0
        case .codecID: codec = tracks.shortText(field)
        case .codecPrivate: codecPrivate = field
        case .contentEncodings:
          throw MediaError(
            .unsupported, .decode, "the video track is compressed or encrypted by the container")
        case .video:
          var (width, height) = (0, 0)
          var settings = tracks.children(of: field)
          while let setting = try settings.next() {
            let value = Int(truncatingIfNeeded: min(tracks.unsigned(setting) ?? 0, 1 << 20))
            if setting.id == .pixelWidth { width = value }
            if setting.id == .pixelHeight { height = value }
          }
          size = PixelSize(width: width, height: height)
        default: break
        }
      }
    }
  }
}
