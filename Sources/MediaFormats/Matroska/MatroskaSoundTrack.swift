internal import MediaCore

/// The sound track of a segment that players choose by themselves, as packets that can be decoded.
struct MatroskaSoundTrack {
  let sound: CodedSound
  /// Each with the packets that stand in it.
  let blocks: [(block: MatroskaBlock, packets: Range<Int>)]
  /// The track's CodecPrivate in the Tracks element; nil without one.
  let codecPrivate: EBMLElement?
  /// The whole track entry in the Tracks element.
  let entry: EBMLElement

  private static let codecs: [String: SoundCodec] = [
    "A_AAC": .aac, "A_MPEG/L3": .mp3, "A_MPEG/L2": .other("mp2"), "A_OPUS": .opus,
    "A_VORBIS": .vorbis, "A_FLAC": .flac, "A_AC3": .ac3, "A_EAC3": .eac3,
    "A_DTS": .other("dts"), "A_ALAC": .alac, "A_TRUEHD": .other("truehd"),
  ]

  /// The packets of all clusters, or of some. Throws `unsupported` for a segment without one such track or with blocks in a form
  /// that is not read, `limitExceeded` for more than are held in memory.
  init(
    _ segment: MatroskaSegment, clusters: Range<Int>? = nil, tracks: EBMLBuffer, ticks: Int,
    in input: InputFile, limits: Limits
  ) throws(MediaError) {
    let description = try Description(tracks)
    let codec = try description.soundCodec()
    let most = limits.indexBytes / (MemoryLayout<VideoSample>.stride + MemoryLayout<MatroskaBlock>.stride)
    var reader = SoundBlockReader(
      HeaderReader(input, windowBytes: 512), track: description.number, most: most)
    for index in clusters ?? segment.clusters.indices { try reader.read(segment.clusters[index], index) }
    guard !reader.packets.isEmpty else {
      throw MediaError(.malformed, .decode, "the sound track has no blocks")
    }
    let stored = description.codecPrivate.map { Array(tracks.bytes[$0.data]) } ?? []
    let config = try Self.config(stored, codec)
    var skipped = description.rate * Int(min(description.delay, 10_000_000_000)) / 1_000_000_000
    // OpusHead counts at 48 kHz (RFC 7845, 5.1).
    if case .opus = codec { skipped = config.count >= 12 ? Int(config[10]) | Int(config[11]) << 8 : 0 }
    sound = CodedSound(
      codec: codec, config: config, packets: reader.packets, timescale: ticks, rate: description.rate,
      skipped: skipped, others: description.others)
    blocks = reader.blocks
    codecPrivate = description.codecPrivate
    entry = description.entry
  }

  /// Of ALAC the cookie stands without the head of its box.
  private static func config(_ stored: [UInt8], _ codec: SoundCodec) throws(MediaError) -> [UInt8] {
    guard case .alac = codec else { return stored }
    guard let cookie = ALACCookie(stored) else {
      throw MediaError(
        .malformed, .decode, "a CodecPrivate of \(stored.count) bytes; that of ALAC has \(ALACCookie.bytes)")
    }
    return cookie.record
  }

  /// What Tracks say of the one sound track.
  private struct Description {
    var entry = EBMLElement(id: .trackEntry, offset: 0, dataOffset: 0, length: 0)
    var number: UInt64 = 0
    var codec = ""
    var codecPrivate: EBMLElement?
    /// The number of a coding that is described as in AVI.
    var wave: Int?
    var rate = 8000
    var channels = 1
    var bits = 0
    /// Nanoseconds.
    var delay: UInt64 = 0
    /// How many more sound tracks there are.
    var others = 0

    /// The first sound track that players choose by themselves, or else the first.
    init(_ tracks: EBMLBuffer) throws(MediaError) {
      var found: [(entry: EBMLElement, isDefault: Bool)] = []
      var cursor = tracks.children(of: tracks.root)
      while let entry = try cursor.next() {
        guard entry.id == .trackEntry else { continue }
        var (isSound, isDefault) = (false, true)
        var fields = tracks.children(of: entry)
        while let field = try fields.next() {
          if field.id == .trackType { isSound = tracks.unsigned(field) == 2 }
          if field.id == .flagDefault { isDefault = tracks.unsigned(field) != 0 }
        }
        if isSound { found.append((entry, isDefault)) }
      }
      guard let chosen = found.first(where: \.isDefault) ?? found.first else {
        throw MediaError(.unsupported, .decode, "the file has no sound track")
      }
      entry = chosen.entry
      others = found.count - 1
      try read(entry, tracks)
    }

    private mutating func read(_ entry: EBMLElement, _ tracks: EBMLBuffer) throws(MediaError) {
      var fields = tracks.children(of: entry)
      while let field = try fields.next() {
        switch field.id {
        case .trackNumber: number = tracks.unsigned(field) ?? 0
        case .codecID: codec = tracks.shortText(field)
        case .codecPrivate:
          codecPrivate = field
          wave = WaveFormat(Array(tracks.bytes[field.data].prefix(40)))?.tag
        case .codecDelay: delay = tracks.unsigned(field) ?? 0
        case .contentEncodings:
          throw MediaError(
            .unsupported, .decode, "the sound track is compressed or encrypted by the container")
        case .audio:
          var settings = tracks.children(of: field)
          while let setting = try settings.next() {
            let value = Int(truncatingIfNeeded: min(tracks.unsigned(setting) ?? 0, 1 << 20))
            switch setting.id {
            case .samplingFrequency:
              let stated = (tracks.float(setting) ?? 0).rounded()
              rate = (1...768_000).contains(stated) ? Int(stated) : 0
            case .channels: channels = value
            case .bitDepth: bits = value
            default: break
            }
          }
        default: break
        }
      }
    }

    func soundCodec() throws(MediaError) -> SoundCodec {
      if let known = codecs[codec] {
        // Old files say in the name what the record would.
        if case .aac = known, codecPrivate == nil { return .other("aac") }
        return known
      }
      let pcm: PCMCoding? =
        switch codec {
        case "A_PCM/INT/LIT", "A_PCM/INT/BIG":
          PCMCoding(
            channels: channels, bits: bits, isFloat: false, isSigned: bits > 8,
            isBigEndian: codec.hasSuffix("BIG"))
        case "A_PCM/FLOAT/IEEE":
          PCMCoding(channels: channels, bits: bits, isFloat: true, isSigned: true, isBigEndian: false)
        default: nil
        }
      guard let pcm, rate > 0 else {
        let name = (codec == "A_MS/ACM" ? wave : nil).map(WaveFormat.name) ?? SoundName.of(codec)
        throw MediaError(.unsupported, .decode, "sound coded as \(name) is not decoded in Matroska")
      }
      return .pcm(pcm)
    }
  }
}
