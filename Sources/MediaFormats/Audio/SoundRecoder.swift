internal import MediaCore

/// Edits the sound of a track by coding anew what its coding takes.
struct SoundRecoder {
  let sound: PacketSound
  let edit: AudioEdit

  /// Why the track cannot be coded anew; nil where it can.
  static func objection(to sound: PacketSound) -> String? {
    switch sound.track.codec {
    case .pcm: nil
    case .aac:
      sound.frame == AACRecoding.frame && AudioConfiguration.isLowComplexity(sound.track.config)
        ? nil : "the sound is no AAC-LC"
    case .mp3: [576, 1152].contains(sound.frame) ? nil : "packets hold no single frame"
    case .opus:
      (1...2).contains(sound.channels) && sound.track.config.count == 19
        ? nil : "Opus of \(sound.channels) channels has streams of their own"
    case .flac: sound.frame > 0 ? nil : "frames of FLAC differ in length"
    case .other(let name): "packets of \(name) cannot take the places of others"
    }
  }

  /// Codes anew what `edit` reaches, into a temporary beside `output`. Throws `unsupported` for a track that cannot be
  /// edited, `malformed` for one that cannot be decoded without damage.
  func recode(beside output: OutputFile) throws(MediaError) -> RecodedSound {
    if let objection = Self.objection(to: sound) { throw MediaError(.unsupported, .encode, objection) }
    let spool = try CodedSpool(beside: output)
    var recoded =
      switch sound.track.codec {
      case .aac: try recodeAAC(into: spool)
      case .mp3, .opus: try PacketRecoding(sound: sound, edit: edit).code(into: spool)
      case .flac, .pcm, .other: try LosslessRecoding(sound: sound, edit: edit).code(into: spool)
      }
    let others = sound.track.others
    if others > 0 {
      let coding = recoded.coding
      recoded = RecodedSound(
        segments: recoded.segments, spool: recoded.spool, config: recoded.config,
        coding: CodingPlan(
          coding.method,
          reason: "\(coding.reason); of \(others + 1) sound tracks one is labelled, the others are copied",
          frames: coding.frames), note: recoded.note)
    }
    return recoded
  }

  private func recodeAAC(into spool: CodedSpool) throws(MediaError) -> RecodedSound {
    let track = sound.track
    let recoding = AACRecoding(
      input: sound.input, config: track.config, channels: sound.channels, samples: track.packets,
      start: track.skipped, edit: edit)
    let segments = try recoding.code(into: spool)
    let count = segments.reduce(0) { $0 + $1.samples.count }
    return RecodedSound(
      segments: segments, spool: spool, coding: AACRecoding.plan(count, of: track.packets.count),
      note: AACRecoding.note(segments, of: track.packets.count, sampleRate: sound.sampleRate))
  }
}
