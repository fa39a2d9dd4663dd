internal import MediaCore

/// The first sound track of a film, or the one of a file without pictures, in another coding than AAC: packets that are decoded
/// one by one, or chunks of plain samples.
struct ISOPacketTrack {
  let table: SampleTable
  let entry: SampleEntry
  let sound: CodedSound
  /// How many samples of each channel the edit list lets be heard; nil where it lets all.
  let heard: Int?

  /// Throws `unsupported` for other codings, several edits, several tracks without pictures.
  init(_ film: ISOFilm, info: MediaInfo, fileSize: Int, limits: Limits) throws(MediaError) {
    let tree = film.movie
    let sounds = zip(film.traks, info.tracks).filter { $0.1.kind == .audio }.map(\.0)
    guard let trak = sounds.first, sounds.count == 1 || info.kind == .video else {
      throw MediaError(.unsupported, .decode, "\(sounds.count) sound tracks; a file with one alone is edited")
    }
    let table = try SampleTable(trak, of: tree, fileSize: fileSize)
    let shown = table.edits.filter { $0.mediaTime >= 0 }
    guard let entry = table.entries.first, table.entries.count == 1, shown.count <= 1 else {
      throw MediaError(
        .unsupported, .decode,
        "the sound is coded in \(table.entries.count) ways, or put together of \(shown.count) pieces")
    }
    let pausing = Self.pauses(table, entry) ? ISOSoundCoding.lowComplexity(entry) : nil
    guard let (codec, config) = ISOSoundCoding.of(entry) ?? pausing else {
      throw MediaError(.unsupported, .decode, Self.refusal(of: entry))
    }
    var packets: [VideoSample]
    var rate = Int(table.timescale)
    if case .pcm(let coding) = codec {
      packets = try Self.chunks(of: table, coding, fileSize: fileSize, limits: limits)
      rate = entry.sampleRate
    } else {
      packets = try table.held(within: limits)
      if case .opus = codec { rate = 48000 } else { rate = entry.sampleRate }
    }
    guard !packets.isEmpty, (1...768_000).contains(rate), table.timescale > 0 else {
      throw MediaError(.unsupported, .decode, "the movie box names no sample of the sound track")
    }
    let start = Self.scaled(shown.first.map { max(0, $0.mediaTime) } ?? 0, by: rate, Int64(table.timescale))
    let length = shown.first.flatMap { edit in
      edit.duration > 0
        ? Self.scaled(Int64(clamping: edit.duration), by: rate, Int64(table.movieTimescale)) : nil
    }
    guard let start else {
      throw MediaError(.unsupported, .decode, "the sound begins too late to be counted in samples")
    }
    self.table = table
    self.entry = entry
    heard = length
    var timescale = Int(table.timescale)
    if case .pcm = codec { timescale = rate }
    sound = CodedSound(
      codec: codec, config: config, packets: packets, timescale: timescale, rate: rate, skipped: start,
      others: sounds.count - 1)
  }

  /// Whether the times of AAC packets leave out more than an encoder's rounding: such sound is decoded packet by packet, since
  /// what libav hears of a file has no gaps.
  private static func pauses(_ table: SampleTable, _ entry: SampleEntry) -> Bool {
    let length = (0..<table.durations.count).reduce(0.0) {
      $0 + Double(table.durations[$1, 0]) * Double(table.durations[$1, 1])
    }
    let coded = Double(table.count * AACRecoding.frame) / Double(max(1, entry.sampleRate))
    return length / Double(max(1, table.timescale)) - coded > 1
  }

  private static func refusal(of entry: SampleEntry) -> String {
    guard entry.codec != BoxType("enca") else { return "the sound is encrypted" }
    return
      "sound coded as \(SoundName.of(entry)) is not coded anew in MP4; AAC-LC, MP3, Opus, AC-3, E-AC-3, FLAC, ALAC and PCM are: convert it first"
  }

  /// Plain samples of each channel that are taken at once.
  private static let most = 1 << 16

  private static func scaled(_ time: Int64, by rate: Int, _ scale: Int64) -> Int? {
    let (ticks, isTooFar) = time.multipliedReportingOverflow(by: Int64(rate))
    return isTooFar || scale == 0 ? nil : Int(ticks / scale)
  }

  /// Chunks of plain samples. What `stsz` calls a sample of them is one byte in some files, and all channels' in others.
  private static func chunks(
    of table: SampleTable, _ coding: PCMCoding, fileSize: Int, limits: Limits
  ) throws(MediaError) -> [VideoSample] {
    let rows = table.chunks
    let most = limits.indexBytes / MemoryLayout<VideoSample>.stride
    guard table.offsets.count <= most else { throw .tooMany("chunks of sound", most) }
    var chunks: [VideoSample] = []
    var (row, count, left) = (0, 0, table.count)
    for index in 0..<table.offsets.count where left > 0 {
      while row + 1 < rows.count, Int(rows[row + 1, 0]) - 1 <= index { row += 1 }
      guard row < rows.count else { break }
      let samples = min(Int(rows[row, 1]), left)
      let (size, isTooMuch) = samples.multipliedReportingOverflow(by: coding.blockBytes)
      guard let offset = Int(exactly: table.offsets[index]), !isTooMuch, offset <= fileSize,
        size <= fileSize - offset
      else {
        throw MediaError(.malformed, .decode, "chunk \(index + 1) of the sound does not fit into the file")
      }
      // Some files have all sound in one chunk.
      for first in stride(from: 0, to: samples, by: Self.most) {
        guard chunks.count < most else { throw .tooMany("pieces of sound", most) }
        chunks.append(
          VideoSample(
            offset: offset + first * coding.blockBytes,
            size: min(Self.most, samples - first) * coding.blockBytes, dts: Int64(count + first),
            pts: Int64(count + first), isSync: true))
      }
      count += samples
      left -= samples
    }
    return chunks
  }
}

/// What sample entries of sound say of its coding.
enum ISOSoundCoding {
  /// Nil for a coding that is not decoded packet by packet here.
  static func of(_ entry: SampleEntry) -> (SoundCodec, config: [UInt8])? {
    let name = entry.codec.description
    switch name {
    case "Opus": return entry.configuration("dOps", from: 36).flatMap(opusHead).map { (.opus, $0) }
    case "fLaC":
      guard let blocks = entry.configuration("dfLa", from: 36), blocks.count >= 42 else { return nil }
      return (.flac, Array("fLaC".utf8) + blocks[4...])
    case ".mp3": return (.mp3, [])
    case "ac-3": return (.ac3, [])
    case "ec-3": return (.eac3, [])
    case "alac":
      return entry.magicCookie.flatMap(ALACCookie.init).map { (.alac, $0.record) }
    case "mp4a":
      // MPEG-2 and MPEG-1 audio (ISO/IEC 14496-1, table 5), of which layer III alone is edited.
      let type = entry.soundConfiguration.map { ISOVideoTrack.stream($0).type }
      return type == 0x69 || type == 0x6B ? (.mp3, []) : nil
    default: return pcm(name, entry).map { (.pcm($0), []) }
    }
  }

  /// AAC-LC, with AudioSpecificConfig; nil for another coding.
  static func lowComplexity(_ entry: SampleEntry) -> (SoundCodec, config: [UInt8])? {
    guard entry.codec == BoxType("mp4a"), let esds = entry.soundConfiguration,
      case let (type, config) = ISOVideoTrack.stream(esds), advancedAudio.contains(type),
      AudioConfiguration.isLowComplexity(config)
    else { return nil }
    return (.aac, config)
  }

  /// MPEG-4 audio, and the profiles of MPEG-2's advanced audio coding (ISO/IEC 14496-1, table 5).
  static let advancedAudio: Set<UInt8> = [0x40, 0x66, 0x67, 0x68]

  /// OpusHead (RFC 7845, 5.1) of an OpusSpecificBox, which has the other order of bytes.
  private static func opusHead(_ box: [UInt8]) -> [UInt8]? {
    guard box.count >= 11, box[0] == 0, box[10] == 0 else { return nil }
    return Array("OpusHead".utf8) + [1, box[1]] + box[2..<4].reversed() + box[4..<8].reversed()
      + box[8..<10].reversed() + [0]
  }

  private static func pcm(_ name: String, _ entry: SampleEntry) -> PCMCoding? {
    let bits: Int
    var (isFloat, isSigned, isBigEndian) = (false, true, true)
    switch name {
    case "sowt": (bits, isBigEndian) = (entry.bitsPerSample, false)
    case "twos": bits = entry.bitsPerSample
    case "raw ": (bits, isSigned) = (8, false)
    case "in24", "in32": (bits, isBigEndian) = (name == "in24" ? 24 : 32, !entry.isLittleEndian)
    case "fl32", "fl64":
      (bits, isFloat, isBigEndian) = (name == "fl32" ? 32 : 64, true, !entry.isLittleEndian)
    case "ulaw": return PCMCoding(channels: entry.channels, .mu)
    case "alaw": return PCMCoding(channels: entry.channels, .a)
    case "lpcm":
      // QuickTime's flags of plain samples: float, order, sign, packed.
      guard let plain = entry.plainSamples, plain.flags & 8 != 0 else { return nil }
      bits = plain.bits
      (isFloat, isBigEndian, isSigned) = (plain.flags & 1 != 0, plain.flags & 2 != 0, plain.flags & 4 != 0)
    default: return nil
    }
    guard bits == 8 || isSigned || isFloat else { return nil }
    return PCMCoding(
      channels: entry.channels, bits: bits, isFloat: isFloat, isSigned: isSigned, isBigEndian: isBigEndian)
  }
}

/// The tables of a sound track with packets of other sizes; plain samples keep theirs.
struct ISOPacketTables: ISORecodedTables {
  let track: ISOPacketTrack
  let recoded: RecodedSound

  var samples: [VideoSample] { track.sound.packets }
  var chunks: NumberTable { track.table.offsets }
  var segments: [VideoReencode.Segment] { recoded.segments }
  var spool: CodedSpool { recoded.spool }

  func applied(to movie: [UInt8], base: Int, limits: Limits) throws(MediaError) -> [UInt8] {
    if case .pcm = track.sound.codec { return movie }
    let tree = try BoxTree(movie, base: base, limits: limits)
    let stbl = try tree.sampleTable(of: track.entry)
    var patch = BoxPatch(tree)
    try self.patch(stbl, of: tree, &patch) { (box, index, patch) throws(MediaError) in
      guard box.type.description == "stsd", let config = recoded.config else { return }
      let start = box.content.lowerBound + 8
      let old = Array(track.sound.config.dropFirst(4))
      guard let place = track.entry.bytes.firstRange(of: old) else {
        throw MediaError(.internalFault, .encode, "the set-up record is not in the sample entry")
      }
      try patch.replace(
        start + place.lowerBound..<start + place.upperBound, with: Array(config.dropFirst(4)), in: index)
    }
    return try patch.applied()
  }
}
