internal import MediaCore

/// Frames of AC-3 or E-AC-3 that an edit reaches, coded anew at the rate of the others; all others are kept. A frame's last
/// window reaches 256 samples into the next frame, always in the same shape (ATSC A/52, 7.9), so that frames of two codings of
/// one sound may follow one another anywhere.
struct AC3Recoding {
  /// Samples of each channel in a frame.
  static let frame = 1536
  /// Frames in front of the first one kept, in which decoder and encoder settle.
  private static let approach = 3

  let sound: PacketSound
  let edit: AudioEdit

  /// Why packets are not coded anew, as their first says; nil where they are.
  static func objection(to sound: PacketSound) -> String? {
    let name = SoundName.of(sound.track.codec.decoder ?? "")
    guard sound.frame == frame else { return "packets of \(name) do not hold one frame each" }
    do throws(MediaError) {
      _ = try AC3Header(try sound.bytes(of: 0))
      return nil
    } catch { return error.message }
  }

  private var track: CodedSound { sound.track }
  /// libavcodec's name of the coding.
  private var codec: String { track.codec.decoder ?? "" }

  /// Codes what the ranges of the edit need anew.
  func code(into spool: CodedSpool) throws(MediaError) -> RecodedSound {
    var segments: [VideoReencode.Segment] = []
    for group in groups() { segments.append(try code(group.packets, group.ranges, into: spool)) }
    let (count, all) = (segments.reduce(0) { $0 + $1.samples.count }, track.packets.count)
    let coding = CodingPlan(
      count == all ? .full : .smart, reason: "packets that the label does not reach are kept", frames: count)
    return RecodedSound(
      segments: segments, spool: spool, coding: coding,
      note:
        "\(count) of \(all) \(SoundName.of(codec)) packets were coded anew, at the rate of the others and without dynamic range control"
    )
  }

  /// Frames to be coded in one go, with the ranges that reach them.
  private func groups() -> [(packets: Range<Int>, ranges: [Range<Int>])] {
    var groups: [(packets: Range<Int>, ranges: [Range<Int>])] = []
    for range in edit.ranges {
      let first = (range.lowerBound + track.skipped) / Self.frame - 1
      let last = (range.upperBound - 1 + track.skipped) / Self.frame
      let packets = (max(0, first)..<max(1, last + 1)).clamped(to: 0..<track.packets.count)
      if let before = groups.last, packets.lowerBound - before.packets.upperBound <= Self.approach {
        groups[groups.count - 1].packets = before.packets.lowerBound..<packets.upperBound
        groups[groups.count - 1].ranges.append(range)
      } else {
        groups.append((packets, [range]))
      }
    }
    return groups
  }

  private func code(
    _ kept: Range<Int>, _ ranges: [Range<Int>], into spool: CodedSpool
  ) throws(MediaError) -> VideoReencode.Segment {
    let decoder = try PacketDecoder(codec, config: [])
    let begin = max(0, kept.lowerBound - Self.approach)
    // The first frame decoded lacks what the one in front of it reaches into it with.
    if begin > 0 { _ = try decoder.decode(try sound.bytes(of: begin - 1)) }
    let shift = track.skipped - begin * Self.frame
    let moved = AudioEdit(ranges: ranges, visitor: edit.visitor).moved(by: shift)
    var edited = EditedSound(moved, sampleRate: sound.sampleRate)
    var segment = VideoReencode.Segment(samples: kept)
    var number = begin
    func keep(_ packet: UnsafeRawBufferPointer) throws(MediaError) {
      defer { number += 1 }
      guard kept.contains(number) else { return }
      let bytes = Array(packet)
      try requireAlike(bytes, try sound.bytes(of: number))
      segment.packets.append(
        .init(range: try spool.append(bytes), pts: track.packets[number].pts, isKey: true))
    }
    var encoder: SoundEncoder?
    // What the encoder puts in front is left out of what it is handed.
    var lead = 0
    for index in begin..<min(track.packets.count, kept.upperBound + 2) {
      let bytes = try sound.bytes(of: index)
      let heard = try decoder.decode(bytes)
      guard heard.count == sound.channels, heard.first?.count == Self.frame else {
        throw MediaError(
          .malformed, .decode, "packet \(index) holds no whole \(SoundName.of(codec)) frame")
      }
      if encoder == nil {
        let made = try SoundEncoder(
          codec, options: try AC3Header(bytes).options, like: decoder.handle, channels: sound.channels)
        (encoder, lead) = (made, made.delay)
      }
      let settled = try edited.add(heard)
      let dropped = min(lead, settled.first?.count ?? 0)
      lead -= dropped
      try encoder?.send(settled.map { Array($0.dropFirst(dropped)) }, keep)
    }
    try edited.finish()
    let rest = [Float](repeating: 0, count: Self.frame + (encoder?.delay ?? 0))
    try encoder?.send([[Float]](repeating: rest, count: sound.channels), keep)
    try encoder?.finish(keep)
    guard segment.packets.count == kept.count else {
      throw MediaError(
        .internalFault, .encode,
        "the encoder made \(segment.packets.count) packets for the places of \(kept.count)")
    }
    return segment
  }

  /// Throws `unsupported` for a frame that decoders would take for the start of another stream.
  private func requireAlike(_ new: [UInt8], _ old: [UInt8]) throws(MediaError) {
    let (new, old) = (try AC3Header(new), try AC3Header(old))
    guard new.form == old.form else {
      throw MediaError(
        .unsupported, .encode,
        "\(SoundName.of(codec)) of channel mode \(old.form.mode) is not made here in the same form")
    }
  }
}
