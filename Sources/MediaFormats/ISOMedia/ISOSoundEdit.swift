internal import MediaCore

extension ISOFile {
  /// Frames of films; sound of codings whose packets can be replaced where they stand.
  func canEdit(_ part: MediaPart) -> Bool {
    switch part {
    case .frames: info.kind == .video
    case .sound:
      packetSound.map { SoundRecoder.objection(to: $0.sound) == nil }
        ?? ((try? soundTrack()) != nil && audio != nil)
    }
  }

  /// Sound in another coding than AAC, decoded packet by packet; nil for AAC and for what is not decoded so.
  private var packetSound: FoundSound? {
    if let packets { return packets }
    guard let track = try? ISOPacketTrack(samples(), info: info, fileSize: input.size, limits: limits),
      let sound = try? PacketSound(track.sound, in: input)
    else {
      packets = .some(nil)
      return nil
    }
    packets = (track, sound)
    return (track, sound)
  }

  func visitAudio(
    in ranges: [Range<Int>], _ visitor: (AudioBlock) throws(MediaError) -> Void
  ) throws(MediaError) {
    guard let found = packetSound else { return try heard.visit(ranges, visitor) }
    try found.sound.visit(ranges, visitor)
  }

  /// The sound of a film may end before its pictures do.
  var audio: AudioInfo? {
    if let found = packetSound {
      let info = found.sound.info
      return AudioInfo(
        sampleRate: info.sampleRate, channels: info.channels,
        count: min(info.count ?? .max, found.track.heard ?? .max))
    }
    guard let heard = heard.info else { return nil }
    guard info.kind == .video, let seconds = try? soundTrack().seconds else { return heard }
    return AudioInfo(
      sampleRate: heard.sampleRate, channels: heard.channels, count: Int(seconds * Double(heard.sampleRate)),
      speakers: heard.speakers)
  }

  private func soundTrack() throws(MediaError) -> ISOSoundTrack {
    try ISOSoundTrack(samples(), info: info, fileSize: input.size, limits: limits)
  }

  /// The packets that `edit` reaches, coded anew.
  func recode(_ edit: AudioEdit, beside output: OutputFile) throws(MediaError) -> ISORecodedPart {
    if let found = packetSound {
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
    guard heard.sampleRate == track.entry.sampleRate else {
      throw MediaError(
        .unsupported, .encode, "the sound is HE-AAC; only AAC-LC is coded anew in place")
    }
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
