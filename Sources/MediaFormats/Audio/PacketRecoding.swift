internal import MediaCore

/// Packets of layer III or Opus coded anew, all of them: each depends on those in front of it. A new packet decodes to the
/// samples of the one whose place it takes.
struct PacketRecoding {
  let sound: PacketSound
  let edit: AudioEdit

  private var track: CodedSound { sound.track }

  /// Bits a second.
  private var sourceRate: Int { rate(of: track.packets.reduce(0) { $0 + $1.size }) }

  private func rate(of bytes: Int) -> Int {
    Int(Double(bytes) * 8 * Double(sound.sampleRate) / Double(max(1, track.packets.count * sound.frame)))
  }

  /// Codes all packets at no lower a rate than the source's, where the codec has one.
  func code(into spool: CodedSpool) throws(MediaError) -> RecodedSound {
    if case .opus = track.codec { return try codeOpus(into: spool) }
    // A reservoir of bits would tie the first packet kept to one that is not.
    let common = ["reservoir=0", "compression_level=2"]
    let sizes = track.packets.dropFirst().dropLast().map(\.size)
    if let least = sizes.min(), let most = sizes.max(), most - least <= 1, let rate = constantRate {
      return try code(
        "libmp3lame", common + ["b=\(rate)"], scale: 1 / MP3Recoding.scale(atConstant: rate), into: spool)
    }
    let result = try code("libmp3lame", common + MP3Recoding.variable(2), into: spool)
    guard rate(of: bytes(of: result)) < sourceRate else { return result }
    return try code("libmp3lame", common + MP3Recoding.variable(0), into: spool)
  }

  private func bytes(of result: RecodedSound) -> Int {
    result.segments.flatMap(\.packets).reduce(0) { $0 + $1.range.count }
  }

  /// The next higher of layer III's rates, which about makes up for the second coding.
  private var constantRate: Int? {
    let rates =
      sound.frame == 1152
      ? [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
      : [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
    let own = (sourceRate + 500) / 1000
    return (rates.first { $0 > own + 1 } ?? rates.last).map { $0 * 1000 }
  }

  private func codeOpus(into spool: CodedSpool) throws(MediaError) -> RecodedSound {
    let most = 256_000 * sound.channels
    var asked = min(max(sourceRate + sourceRate / 4, 8000), most)
    let duration = Double(sound.frame) / 48
    while true {
      let result = try code("libopus", ["b=\(asked)", "frame_duration=\(duration)"], into: spool)
      if rate(of: bytes(of: result)) >= sourceRate || asked == most { return result }
      asked = min(asked + asked / 2, most)
    }
  }

  private func code(
    _ name: String, _ options: [String], scale: Float = 1, into spool: CodedSpool
  ) throws(MediaError) -> RecodedSound {
    let decoder = try PacketDecoder(track.codec.decoder ?? "", config: PacketSound.config(of: track))
    var edited = EditedSound(edit.moved(by: track.skipped), sampleRate: sound.sampleRate)
    var segment = VideoReencode.Segment(samples: 0..<track.packets.count)
    let silence = [[Float]](repeating: [Float](repeating: 0, count: sound.frame), count: sound.channels)
    var run: EncoderRun?
    var silent = 0
    func keep(_ packet: UnsafeRawBufferPointer) throws(MediaError) {
      guard let place = run?.place, place < track.packets.count else { return }
      run?.place += 1
      guard place >= 0 else { return }
      let range = try spool.append(packet)
      segment.packets.append(.init(range: range, pts: track.packets[place].pts, isKey: true))
    }
    for index in track.packets.indices {
      var heard = try decoder.decode(try sound.bytes(of: index))
      // What an encoder is to be like is known from the first packet with sound.
      if heard.isEmpty, run == nil {
        silent += 1
        continue
      }
      if heard.isEmpty { heard = silence }
      guard heard.count == sound.channels, heard.first?.count == sound.frame else {
        throw MediaError(
          .unsupported, .encode,
          "packet \(index) gives \(heard.first?.count ?? 0) samples where others give \(sound.frame)")
      }
      if run == nil {
        let encoder = try SoundEncoder(name, options: options, like: decoder.handle, channels: sound.channels)
        guard encoder.frameSize == sound.frame else {
          throw MediaError(
            .unsupported, .encode, "\(name) has packets of \(encoder.frameSize) samples, not \(sound.frame)")
        }
        run = try EncoderRun(encoder, skipped: track.skipped, channels: sound.channels, keep)
        for _ in 0..<silent { try run?.send(try edited.add(silence), scale, keep) }
      }
      try run?.send(try edited.add(heard), scale, keep)
    }
    try edited.finish()
    try run?.finish(keep)
    guard segment.packets.count == track.packets.count else {
      throw MediaError(
        .internalFault, .encode,
        "the encoder made \(segment.packets.count) packets for the places of \(track.packets.count)")
    }
    let bits = segment.packets.reduce(0) { $0 + $1.range.count }
    let coding = CodingPlan(
      .full, reason: "packets of this coding depend on those in front of them", frames: track.packets.count)
    return RecodedSound(
      segments: [segment], spool: spool, coding: coding,
      note:
        "all \(track.packets.count) packets of sound were coded anew with \(name) at \((rate(of: bits) + 500) / 1000) kbit/s (the source \((sourceRate + 500) / 1000) kbit/s)"
    )
  }
}

/// An encoder whose packets are to fall on the places of the source's: what it adds in front is left out of what it is handed
/// where that is not heard, or else filled up to whole packets, which are dropped.
private final class EncoderRun {
  let encoder: SoundEncoder
  /// Of the packet that comes next; negative for one to be dropped.
  var place: Int
  private let channels: Int
  /// Samples still to be left out.
  private var left: Int
  private var lead: Int

  init(
    _ encoder: SoundEncoder, skipped: Int, channels: Int,
    _ keep: (UnsafeRawBufferPointer) throws(MediaError) -> Void
  ) throws(MediaError) {
    self.encoder = encoder
    self.channels = channels
    let (delay, frame) = (encoder.delay, encoder.frameSize)
    if skipped >= delay {
      (left, lead, place) = (delay, 0, 0)
    } else {
      let dropped = (delay + frame - 1) / frame
      (left, lead, place) = (0, dropped * frame - delay, -dropped)
    }
  }

  func send(
    _ sound: [[Float]], _ scale: Float, _ keep: (UnsafeRawBufferPointer) throws(MediaError) -> Void
  ) throws(MediaError) {
    if lead > 0 {
      let count = lead
      lead = 0
      try encoder.send(silence(count), keep)
    }
    let dropped = min(left, sound.first?.count ?? 0)
    left -= dropped
    try encoder.send(sound.map { $0.dropFirst(dropped).map { $0 * scale } }, keep)
  }

  /// Fills up what the encoder is behind by.
  func finish(_ keep: (UnsafeRawBufferPointer) throws(MediaError) -> Void) throws(MediaError) {
    try encoder.send(silence(encoder.delay + encoder.frameSize), keep)
    try encoder.finish(keep)
  }

  private func silence(_ count: Int) -> [[Float]] {
    [[Float]](repeating: [Float](repeating: 0, count: count), count: channels)
  }
}
