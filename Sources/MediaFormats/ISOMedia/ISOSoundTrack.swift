internal import MediaCore

/// The first sound track of a film, or the one of a file without pictures, coded as AAC: samples of AAC-LC can be coded anew
/// one by one.
struct ISOSoundTrack {
  let table: SampleTable
  let entry: SampleEntry
  /// AudioSpecificConfig.
  let config: [UInt8]
  let samples: [VideoSample]
  /// Whether the decoder is told of HE-AAC; encoders may leave it to find out for itself.
  let isHighEfficiency: Bool
  /// The time of the track from which on it is heard, as the edit list says; nil where it says nothing.
  private let shown: Int64?
  /// How long it is heard.
  let seconds: Double
  /// How many more sound tracks there are.
  let others: Int

  /// Nil for other codings than AAC. Throws `unsupported` for what is not coded anew: other profiles, several edits, several
  /// tracks without pictures.
  init?(_ film: ISOFilm, info: MediaInfo, fileSize: Int, limits: Limits) throws(MediaError) {
    let tree = film.movie
    let sounds = zip(film.traks, info.tracks).filter { $0.1.kind == .audio }.map(\.0)
    guard let trak = sounds.first, sounds.count == 1 || info.kind == .video else {
      throw MediaError(.unsupported, .decode, "\(sounds.count) sound tracks; a file with one alone is edited")
    }
    others = sounds.count - 1
    let table = try SampleTable(trak, of: tree, fileSize: fileSize)
    guard table.edits.filter({ $0.mediaTime >= 0 }).count <= 1 else {
      throw MediaError(.unsupported, .decode, "the sound is put together of several pieces by an edit list")
    }
    guard let entry = table.entries.first, table.entries.count == 1 else {
      throw MediaError(.unsupported, .decode, "the sound is coded in \(table.entries.count) ways")
    }
    guard entry.codec == BoxType("mp4a"), let esds = entry.soundConfiguration,
      case let (type, config) = ISOVideoTrack.stream(esds), ISOSoundCoding.advancedAudio.contains(type)
    else { return nil }
    isHighEfficiency = AudioConfiguration.isHighEfficiency(config)
    guard isHighEfficiency || AudioConfiguration.isLowComplexity(config) else {
      throw MediaError(
        .unsupported, .encode, "the sound is AAC in another profile than AAC-LC, which alone is coded anew")
    }
    let samples = try table.held(within: limits)
    guard !samples.isEmpty else {
      throw MediaError(.unsupported, .decode, "the movie box names no sample of the sound track")
    }
    self.table = table
    self.entry = entry
    self.config = config
    self.samples = samples
    shown = table.edits.first { $0.mediaTime >= 0 }?.mediaTime
    let length = samples.last.map {
      Double($0.dts) / Double(max(1, table.timescale)) + 1024 / Double(entry.sampleRate)
    }
    let kept = max(0, (length ?? 0) - Double(shown ?? 0) / Double(max(1, table.timescale)))
    let edited = table.edits.first { $0.mediaTime >= 0 && $0.duration > 0 }.map {
      Double($0.duration) / Double(max(1, table.movieTimescale))
    }
    seconds = min(kept, edited ?? kept)
  }

  /// Samples of each channel in front of the first one heard, at `rate` a second; nil where no edit list says so.
  func start(at rate: Int) -> Int? {
    shown.flatMap { time in
      let (ticks, isTooFar) = time.multipliedReportingOverflow(by: Int64(rate))
      return isTooFar || table.timescale == 0 ? nil : Int(ticks / Int64(table.timescale))
    }
  }
}

/// The tables of a sound track of which some samples are coded anew: their sizes alone change.
struct ISOSoundTables: ISORecodedTables {
  let track: ISOSoundTrack
  let segments: [VideoReencode.Segment]
  let spool: CodedSpool

  var samples: [VideoSample] { track.samples }
  var chunks: NumberTable { track.table.offsets }

  func applied(to movie: [UInt8], base: Int, limits: Limits) throws(MediaError) -> [UInt8] {
    let tree = try BoxTree(movie, base: base, limits: limits)
    let stbl = try tree.sampleTable(of: track.entry)
    var patch = BoxPatch(tree)
    try self.patch(stbl, of: tree, &patch)
    return try patch.applied()
  }
}
