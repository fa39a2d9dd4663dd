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
    guard decoded.sampleRate != track.entry.sampleRate else { return nil }
    return .highEfficiency
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
    let recoding = AACRecoding(
      input: input, config: track.config, channels: track.entry.channels, samples: track.samples,
      start: try start(of: track), edit: edit)
    let spool = try CodedSpool(beside: output)
    let segments = try recoding.code(into: spool)
    let tables = ISOSoundTables(track: track, segments: segments, spool: spool)
    let all = track.samples.count
    let count = segments.reduce(0) { $0 + $1.samples.count }
    var coding = AACRecoding.plan(count, of: all)
    if track.others > 0 {
      coding = CodingPlan(
        coding.method,
        reason:
          "\(coding.reason); of \(track.others + 1) sound tracks the first is labelled, the others are copied",
        frames: coding.frames)
    }
    let notes = [AACRecoding.note(segments, of: all, sampleRate: track.entry.sampleRate)]
    return ISORecodedPart(tables: tables, coding: coding, notes: notes)
  }

  /// Where what is heard begins in what the packets decode to: as the edit list says, or where the one is found in
  /// the other. Throws `unsupported` where it is not.
  private func start(of track: ISOSoundTrack) throws(MediaError) -> Int {
    let heard = try SoundDecoder(input, container: "mov")
    let decoder = try PacketDecoder("aac", config: track.config)
    guard heard.sampleRate == track.entry.sampleRate else { throw MediaError.highEfficiency }
    var all: [Float] = []
    for sample in track.samples.prefix(16) {
      let heard = try decoder.decode(try input.read(sample.size, at: sample.offset))
      all += heard.first ?? [Float](repeating: 0, count: AACRecoding.frame)
    }
    var first: [Float] = []
    try heard.visit([0..<4096]) { (block) throws(MediaError) in first += block.channels.first ?? [] }
    first = Array(first.prefix(all.count))
    let last = all.count - first.count
    for start in [track.start ?? 0] + Array(0...max(0, last)) where start >= 0 && start <= last {
      if all[start..<start + first.count].elementsEqual(first) { return start }
    }
    throw MediaError(
      .unsupported, .encode, "what is heard first was not found in what the packets decode to")
  }
}
