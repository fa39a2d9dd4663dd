internal import MediaCore

extension ISOFile {
  /// None to frames of films, nor to sound of codings whose packets can be replaced where they stand.
  func objection(toEditing part: MediaPart) -> MediaError? {
    switch part {
    case .frames where info.kind == .video: return nil
    case .frames: return MediaError(.unsupported, .encode, "the file has no pictures")
    case .sound:
      if let found = try? packetSound.get() { return SoundRecoder.objection(to: found.sound) }
      do throws(MediaError) { return try objection(toAAC: soundTrack()) } catch { return error }
    }
  }

  private func objection(toAAC track: ISOSoundTrack) -> MediaError? {
    guard let decoded = heard.info else { return heard.failure }
    switch decoded.sampleRate {
    case track.entry.sampleRate where !track.isHighEfficiency: return nil
    case 2 * track.entry.sampleRate: return ISOHighEfficiencyTables.objection(to: track)
    default: return .highEfficiency
    }
  }

  /// Of AAC that is told to be LC, the decoder finds out.
  private func isHighEfficiency(_ track: ISOSoundTrack) -> Bool {
    track.isHighEfficiency || heard.info.map { $0.sampleRate == 2 * track.entry.sampleRate } == true
  }

  var soundConversion: String? {
    guard (try? packetSound.get()) == nil, let track = try? soundTrack(), isHighEfficiency(track) else {
      return nil
    }
    return "HE-AAC, which there is no encoder for, would become AAC-LC"
  }

  /// Sound in another coding than AAC, decoded packet by packet, or why it is not.
  private var packetSound: Result<FoundSound, MediaError> {
    if let packets { return packets }
    let found: Result<FoundSound, MediaError>
    do throws(MediaError) { found = .success(try findPackets()) } catch { found = .failure(error) }
    packets = found
    return found
  }

  private func findPackets() throws(MediaError) -> FoundSound {
    let track = try ISOPacketTrack(samples(), info: info, fileSize: input.size, limits: limits)
    return (track, try PacketSound(track.sound, in: input))
  }

  func visitAudio(
    in ranges: [Range<Int>], _ visitor: (AudioBlock) throws(MediaError) -> Void
  ) throws(MediaError) {
    guard let found = try? packetSound.get() else { return try heard.visit(ranges, visitor) }
    try found.sound.visit(ranges, visitor)
  }

  /// The sound of a film may end before its pictures do.
  var audio: AudioInfo? {
    if let found = try? packetSound.get() {
      let info = found.sound.info
      let heard = found.track.heard.map { info.sample(at: Double($0) / Double(max(1, info.sampleRate))) }
      return AudioInfo(
        sampleRate: info.sampleRate, channels: info.channels, count: min(info.count ?? .max, heard ?? .max),
        gaps: info.gaps)
    }
    guard let heard = heard.info else { return nil }
    guard info.kind == .video, let seconds = try? soundTrack().seconds else { return heard }
    return AudioInfo(
      sampleRate: heard.sampleRate, channels: heard.channels, count: Int(seconds * Double(heard.sampleRate)),
      speakers: heard.speakers)
  }

  /// Throws what packets were refused for where the track is not AAC.
  private func soundTrack() throws(MediaError) -> ISOSoundTrack {
    let track = try ISOSoundTrack(samples(), info: info, fileSize: input.size, limits: limits)
    if let track { return track }
    _ = try packetSound.get()
    throw MediaError(.unsupported, .decode, "the sound is not coded as AAC")
  }

  /// The packets that `edit` reaches, coded anew.
  func recode(_ edit: AudioEdit, beside output: OutputFile) throws(MediaError) -> ISORecodedPart {
    if let found = try? packetSound.get() {
      let recoded = try SoundRecoder(sound: found.sound, edit: edit).recode(beside: output)
      return ISORecodedPart(
        tables: ISOPacketTables(track: found.track, recoded: recoded), coding: recoded.coding,
        notes: [recoded.note])
    }
    let track = try soundTrack()
    let spool = try CodedSpool(beside: output)
    var part =
      try isHighEfficiency(track)
      ? recode(highEfficiency: track, edit, into: spool) : recode(track, edit, into: spool)
    part.coding = part.coding.beside(track.others, "sound")
    return part
  }

  private func recode(
    _ track: ISOSoundTrack, _ edit: AudioEdit, into spool: CodedSpool
  ) throws(MediaError) -> ISORecodedPart {
    let recoding = AACRecoding(
      input: input, config: track.config, channels: track.entry.channels, samples: track.samples,
      start: try start(of: track), edit: edit)
    let segments = try recoding.code(into: spool)
    let tables = ISOSoundTables(track: track, segments: segments, spool: spool)
    let all = track.samples.count
    return ISORecodedPart(
      tables: tables, coding: AACRecoding.plan(segments.reduce(0) { $0 + $1.samples.count }, of: all),
      notes: [AACRecoding.note(segments, of: all, sampleRate: track.entry.sampleRate)])
  }

  private func recode(
    highEfficiency track: ISOSoundTrack, _ edit: AudioEdit, into spool: CodedSpool
  ) throws(MediaError) -> ISORecodedPart {
    let recoding = HighEfficiencyRecoding(
      input: input, config: track.config, samples: track.samples, start: try start(of: track), edit: edit)
    let result = try recoding.code(into: spool)
    return ISORecodedPart(
      tables: ISOHighEfficiencyTables(track: track, result: result, spool: spool),
      coding: CodingPlan(
        .full, reason: "HE-AAC becomes AAC-LC as a whole", frames: result.segment.packets.count),
      notes: [result.note] + Self.notes(onChannels: result.channels, of: track))
  }

  /// A decoder hears two channels where one may stand for both (parametric stereo).
  private static func notes(onChannels channels: Int, of track: ISOSoundTrack) -> [String] {
    let stated = track.entry.channels
    return channels == stated
      ? [] : ["the sound has \(channels) channels now, as decoders of HE-AAC make of \(stated)"]
  }

  /// Where what is heard begins in what the packets decode to: as the edit list says, or where the one is found in
  /// the other. Throws `unsupported` where it is not.
  private func start(of track: ISOSoundTrack) throws(MediaError) -> Int {
    let heard = try SoundDecoder(input, container: "mov")
    let decoder = try PacketDecoder("aac", config: track.config)
    let frame = heard.sampleRate / max(1, track.entry.sampleRate) * AACRecoding.frame
    guard (AACRecoding.frame...2 * AACRecoding.frame).contains(frame) else { throw .highEfficiency }
    var all: [Float] = []
    for sample in track.samples.prefix(16) {
      let heard = try decoder.decode(try input.read(sample.size, at: sample.offset))
      all += heard.first ?? [Float](repeating: 0, count: frame)
    }
    var first: [Float] = []
    try heard.visit([0..<4096]) { (block) throws(MediaError) in first += block.channels.first ?? [] }
    first = Array(first.prefix(all.count))
    let last = all.count - first.count
    for start in [track.start(at: heard.sampleRate) ?? 0] + Array(0...max(0, last))
    where start >= 0 && start <= last {
      if all[start..<start + first.count].elementsEqual(first) { return start }
    }
    throw MediaError(
      .unsupported, .encode, "what is heard first was not found in what the packets decode to")
  }
}
