internal import MediaCore

/// Frames of AC-3 that an edit reaches, coded anew at the rate of the others; all others are kept. A frame's last window reaches
/// 256 samples into the next frame, always in the same shape (ATSC A/52, 7.9), so that frames of two codings of one sound
/// may follow one another anywhere.
struct AC3Recoding {
  /// Samples of each channel in a frame.
  static let frame = 1536
  /// Frames in front of the first one kept, in which decoder and encoder settle.
  private static let approach = 3

  let sound: PacketSound
  let edit: AudioEdit

  private var track: CodedSound { sound.track }

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
        "\(count) of \(all) AC-3 packets were coded anew, at the rate of the others and without dynamic range control"
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
    let decoder = try PacketDecoder("ac3", config: [])
    let begin = max(0, kept.lowerBound - Self.approach)
    // The first frame decoded lacks what the one in front of it reaches into it with.
    if begin > 0 { _ = try decoder.decode(try sound.bytes(of: begin - 1)) }
    let shift = track.skipped - begin * Self.frame
    let moved = AudioEdit(ranges: ranges.map { $0.lowerBound + shift..<$0.upperBound + shift }) {
      (block) throws(MediaError) in
      var heard = AudioBlock(
        sampleRate: block.sampleRate, start: block.start - shift, channels: block.channels)
      try edit.visitor(&heard)
      block.channels = heard.channels
    }
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
        throw MediaError(.malformed, .decode, "packet \(index) holds no whole AC-3 frame")
      }
      if encoder == nil {
        let made = try SoundEncoder(
          "ac3", options: try AC3Header(bytes).options, like: decoder.handle, channels: sound.channels)
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
    guard new.rate == old.rate, new.channels == old.channels else {
      throw MediaError(
        .unsupported, .encode, "AC-3 of channel mode \(old.channels.mode) is not made here in the same form")
    }
  }
}

/// The head of an AC-3 frame (ATSC A/52, 5.3.1 and 5.3.2).
private struct AC3Header {
  /// Sampling rate and bit rate, without the bit by which frames of 44.1 kHz differ in length.
  let rate: UInt32
  let channels: (mode: UInt32, hasLowFrequency: UInt32)
  /// What the encoder is to be told for it to write the same.
  let options: [String]

  private static let bitRates = [
    32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640,
  ]

  init(_ frame: [UInt8]) throws(MediaError) {
    let damaged = MediaError(.malformed, .decode, "a packet of \(frame.count) bytes is no AC-3 frame")
    var bits = BitReader(Array(frame.prefix(16)))
    guard bits.bits(16) == 0x0B77, bits.bits(16) != nil, let rate = bits.bits(8), let stream = bits.bits(5),
      bits.bits(3) != nil, let mode = bits.bits(3), Int(rate & 0x3F) / 2 < Self.bitRates.count
    else { throw damaged }
    guard stream <= 8 else {
      throw MediaError(
        .unsupported, .encode, "AC-3 of version \(stream), at half of the rates or E-AC-3, is not coded anew")
    }
    self.rate = UInt32(rate & 0xFE)
    var options = ["b=\(Self.bitRates[Int(rate & 0x3F) / 2] * 1000)"]
    if mode & 1 == 1, mode != 1, let level = bits.bits(2) {
      options.append("center_mixlev=\(["0.707", "0.595", "0.5", "0.595"][Int(level)])")
    }
    if mode & 4 != 0, let level = bits.bits(2) {
      options.append("surround_mixlev=\(["0.707", "0.5", "0", "0.5"][Int(level)])")
    }
    if mode == 2, let surround = bits.bits(2) { options.append("dsur_mode=\(min(surround, 2))") }
    guard let lowFrequency = bits.bits(1), let level = bits.bits(5) else { throw damaged }
    options.append("dialnorm=-\(level == 0 ? 31 : level)")
    self.options = options
    channels = (UInt32(mode), UInt32(lowFrequency))
  }
}
