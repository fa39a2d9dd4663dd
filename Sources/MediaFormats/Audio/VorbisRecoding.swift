internal import MediaCore

/// Packets of Vorbis coded anew, all of them: they depend on the encoder's own set-up, and it chooses how long each is. The new
/// ones have times of their own, by which the container puts them between what stands beside them.
struct VorbisRecoding {
  let sound: PacketSound
  let edit: AudioEdit

  private var track: CodedSound { sound.track }

  /// Seconds by which the times of packets may differ from the sound in front of them; containers round them.
  private static let tolerance = 0.25

  /// Why a track cannot be coded anew; nil where it can.
  static func objection(to sound: PacketSound) -> String? {
    guard (1...8).contains(sound.channels) else {
      return "Vorbis of \(sound.channels) channels is not coded anew; of up to eight it is"
    }
    return VorbisHeaders(sound.track.config) == nil
      ? "the set-up record does not hold the three headers of Vorbis" : nil
  }

  /// Codes the edited sound at no lower a rate than the source's, where the encoder has one.
  func code(into spool: CodedSpool) throws(MediaError) -> RecodedSound {
    let size = track.packets.reduce(0) { $0 + $1.size }
    var result: (recoded: RecodedSound, bytes: Int)?
    for quality in VorbisHeaders.qualities where (result?.bytes ?? 0) < size {
      result = try code(quality, size, into: spool)
    }
    guard let result else { throw MediaError(.internalFault, .encode, "no quality of Vorbis is known") }
    return result.recoded
  }

  private func code(
    _ quality: Int, _ sourceBytes: Int, into spool: CodedSpool
  ) throws(MediaError) -> (RecodedSound, bytes: Int) {
    let decoder = try PacketDecoder("vorbis", config: track.config)
    var edited = EditedSound(edit.moved(by: track.skipped), sampleRate: sound.sampleRate)
    var segment = VideoReencode.Segment(samples: 0..<track.packets.count)
    var encoder: SoundEncoder?
    // When the first sample is heard, and how many there were.
    var begin = track.packets.first?.pts ?? 0
    var count = 0
    // Of those, how many are decoded with the packets made so far.
    var made = 0
    func keep(_ packet: UnsafeRawBufferPointer) throws(MediaError) {
      // The first packet gives no sound yet.
      let pts = segment.packets.isEmpty ? track.packets[0].pts : begin + ticks(made)
      segment.packets.append(.init(range: try spool.append(packet), pts: pts, isKey: true))
      made = max(made, encoder?.end ?? 0)
    }
    for (index, packet) in track.packets.enumerated() {
      let heard = try decoder.decode(try sound.bytes(of: index))
      guard let length = heard.first?.count, length > 0 else { continue }
      guard heard.count == sound.channels else {
        throw MediaError(.unsupported, .encode, "packet \(index) has \(heard.count) channels")
      }
      if count == 0 { begin = packet.pts }
      let late = Double(packet.pts - begin - ticks(count)) / Double(max(1, track.timescale))
      guard abs(late) < Self.tolerance else {
        throw MediaError(
          .unsupported, .encode,
          "packet \(index) comes \(Int(late * 1000)) ms from where the sound before it ends; Vorbis with gaps is not coded anew"
        )
      }
      count += length
      if encoder == nil {
        encoder = try SoundEncoder(
          "libvorbis", options: VorbisHeaders.options(quality: quality), like: decoder.handle,
          channels: sound.channels)
      }
      try encoder?.send(try edited.add(heard), keep)
    }
    try edited.finish()
    guard let encoder, var headers = VorbisHeaders(encoder.config), let old = VorbisHeaders(track.config)
    else {
      throw MediaError(
        .malformed, .encode, "the track has no sound, or the encoder gave no headers of Vorbis")
    }
    try encoder.finish(keep)
    headers.comments = old.comments
    let bytes = segment.packets.reduce(0) { $0 + $1.range.count }
    let rate = { (bytes: Int) in (bytes * 8 * sound.sampleRate / max(1, count) + 500) / 1000 }
    var recoded = RecodedSound(
      segments: [segment], spool: spool, config: headers.record,
      coding: CodingPlan(
        .full, reason: "packets of Vorbis depend on the encoder's own set-up", frames: track.packets.count),
      note:
        "all \(track.packets.count) packets of sound were coded anew with libvorbis at \(rate(bytes)) kbit/s (the source \(rate(sourceBytes)) kbit/s)"
    )
    recoded.isRetimed = true
    return (recoded, bytes)
  }

  private func ticks(_ samples: Int) -> Int64 {
    Int64((Double(samples) * Double(track.timescale) / Double(max(1, sound.sampleRate))).rounded())
  }
}
