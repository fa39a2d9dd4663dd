internal import MediaCore

extension MediaError {
  /// HE-AAC where two packets of AAC-LC cannot stand for one.
  static let highEfficiency = MediaError(
    .unsupported, .encode,
    "the sound is HE-AAC, of which libavcodec has no encoder; in MP4, MOV and M4A it becomes AAC-LC, here `ffmpeg -i IN -map 0 -c copy -c:a aac -b:a 128k OUT` makes it that"
  )
}

/// Edits the sound of a track by coding anew what its coding takes.
struct SoundRecoder {
  let sound: PacketSound
  let edit: AudioEdit

  /// Why the track cannot be coded anew (`unsupported`); nil where it can.
  static func objection(to sound: PacketSound) -> MediaError? {
    let reason: String? =
      switch sound.track.codec {
      case .pcm: nil
      case .aac where sound.frame == 2 * AACRecoding.frame: MediaError.highEfficiency.message
      case .aac:
        sound.frame == AACRecoding.frame && AudioConfiguration.isLowComplexity(sound.track.config)
          ? nil : "the sound is AAC in another profile than AAC-LC, which alone is coded anew"
      case .mp3: layer3Objection(to: sound)
      case .opus:
        (1...2).contains(sound.channels) && sound.track.config.count == 19
          ? nil
          : "Opus of \(sound.channels) channels, in several streams, is not coded anew; of one and two it is"
      case .vorbis: VorbisRecoding.objection(to: sound)
      case .flac: sound.frame > 0 ? nil : "the frames of FLAC differ in length"
      case .alac:
        ALACCookie(sound.track.config)?.objection
          ?? (sound.frame > 0 ? nil : "packets of ALAC differ in length")
      case .ac3, .eac3: AC3Recoding.objection(to: sound)
      case .other(let name): refusal(SoundName.of(name))
      }
    return reason.map { MediaError(.unsupported, .encode, $0) }
  }

  private static func refusal(_ name: String) -> String {
    "sound coded as \(name) is not coded anew; AAC-LC, MP3, Opus, Vorbis, AC-3, E-AC-3, FLAC, ALAC and PCM are: convert it first"
  }

  /// Containers have one name for all layers of MPEG audio.
  private static func layer3Objection(to sound: PacketSound) -> String? {
    let heads = sound.track.packets.prefix(4).map { try? sound.input.read(min(4, $0.size), at: $0.offset) }
    let layer = heads.lazy.compactMap { $0.flatMap { MPEGAudioHeader($0[...])?.layer } }.first
    if layer == 1 || layer == 2 { return refusal("MPEG layer \(layer == 1 ? "I" : "II")") }
    return [576, 1152].contains(sound.frame) ? nil : "packets of MP3 do not hold one frame each"
  }

  /// Codes anew what `edit` reaches, into a temporary beside `output`. Throws `unsupported` for a track that cannot be
  /// edited, `malformed` for one that cannot be decoded without damage.
  func recode(beside output: OutputFile) throws(MediaError) -> RecodedSound {
    if let objection = Self.objection(to: sound) { throw objection }
    let spool = try CodedSpool(beside: output)
    var recoded =
      switch sound.track.codec {
      case .aac: try recodeAAC(into: spool)
      case .mp3, .opus: try PacketRecoding(sound: sound, edit: edit).code(into: spool)
      case .vorbis: try VorbisRecoding(sound: sound, edit: edit).code(into: spool)
      case .ac3, .eac3: try AC3Recoding(sound: sound, edit: edit).code(into: spool)
      case .flac, .alac, .pcm, .other: try LosslessRecoding(sound: sound, edit: edit).code(into: spool)
      }
    recoded.coding = recoded.coding.beside(sound.track.others, "sound")
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
