internal import MediaCore

extension ISOFile {
  /// Frames of films; sound of AAC-LC, whose packets can be replaced where they stand.
  func canEdit(_ part: MediaPart) -> Bool {
    switch part {
    case .frames: info.kind == .video
    case .sound: (try? soundTrack()) != nil && audio != nil
    }
  }

  /// The sound of a film may end before its pictures do.
  var audio: AudioInfo? {
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
    let track = try soundTrack()
    let recoding = AACRecoding(
      input: input, config: track.config, channels: track.entry.channels, samples: track.samples,
      start: try start(of: track), edit: edit)
    let spool = try CodedSpool(beside: output)
    let segments = try recoding.code(into: spool)
    let tables = ISOSoundTables(track: track, segments: segments, spool: spool)
    let count = segments.reduce(0) { $0 + $1.samples.count }
    let what = count == track.samples.count ? "all \(count)" : "\(count) of \(track.samples.count)"
    let bytes = segments.flatMap(\.packets).reduce(0) { $0 + $1.range.count }
    let rate = bytes * 8 * track.entry.sampleRate / max(1, count * 1024)
    let coding =
      count == track.samples.count
      ? CodingPlan(
        .full, reason: "channels have windows of their own, or none that both codings share", frames: count)
      : CodingPlan(.smart, reason: "packets that the label does not reach are kept", frames: count)
    var notes = [
      "\(what) AAC packets were coded anew, at \((rate + 500) / 1000) kbit/s; the others are the source's"
    ]
    if track.others > 0 { notes.append("of \(track.others + 1) sound tracks the first is labelled") }
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
