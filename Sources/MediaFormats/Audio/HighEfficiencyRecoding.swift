internal import MediaCore

/// Sound of HE-AAC coded anew as AAC-LC, all of it: libavcodec has no encoder of HE-AAC, and whatever decodes HE-AAC decodes AAC-LC.
/// Two packets take the place of one, since one of HE-AAC holds twice as many samples (ISO/IEC 14496-3, 4.6.18).
struct HighEfficiencyRecoding {
  /// Samples of each channel in a packet.
  static let frame = 2 * AACRecoding.frame
  /// Bits a second of each channel that are always spent: what replication of bands stood for has to be coded now.
  private static let leastRate = 64_000

  let input: InputFile
  let config: [UInt8]
  let samples: [VideoSample]
  /// Samples of each channel in front of the first one heard.
  let start: Int
  let edit: AudioEdit

  /// What stands in the place of all packets.
  struct Result {
    /// One packet for each of the source's, which holds two of the new coding.
    var segment: VideoReencode.Segment
    /// Bytes of the first of both.
    var firsts: [Int] = []
    var sampleRate = 0
    var channels = 0
    fileprivate(set) var sourceRate = 0

    /// What a report says.
    var note: String {
      let bytes = segment.packets.reduce(0) { $0 + $1.range.count }
      let rate = bytes * 8 * sampleRate / max(1, frame * segment.packets.count)
      return
        "the sound was HE-AAC at \((sourceRate + 500) / 1000) kbit/s, which there is no encoder for; all of it was coded anew as AAC-LC at \((rate + 500) / 1000) kbit/s"
    }
  }

  /// Throws `unsupported` for packets of another length.
  func code(into spool: CodedSpool) throws(MediaError) -> Result {
    let decoder = try PacketDecoder("aac", config: config)
    var result = Result(segment: .init(samples: 0..<samples.count))
    var encoder: SoundEncoder?
    var sound: EditedSound?
    // The first packet made reaches back to what is in front of the first sample.
    var number = -1
    var first: [UInt8] = []
    func keep(_ packet: UnsafeRawBufferPointer) throws(MediaError) {
      defer { number += 1 }
      guard number >= 0, number / 2 < samples.count else { return }
      if number.isMultiple(of: 2) {
        first = Array(packet)
        return
      }
      result.firsts.append(first.count)
      let range = try spool.append(first + Array(packet))
      result.segment.packets.append(.init(range: range, pts: samples[number / 2].pts, isKey: true))
    }
    var silent = 0
    for index in samples.indices {
      let heard = try decoder.decode(try input.read(samples[index].size, at: samples[index].offset))
      if heard.isEmpty, encoder == nil {
        // Its rate is not known before a packet with sound.
        silent += 1
        continue
      }
      if encoder == nil {
        (result.sampleRate, result.channels) = (decoder.sampleRate, decoder.channels)
        result.sourceRate = rate(decoder.sampleRate)
        encoder = try SoundEncoder(
          "aac", options: ["b=\(bits(result))", "profile=aac_low", "aac_pns=0"], like: decoder.handle,
          channels: decoder.channels)
        sound = EditedSound(edit.moved(by: start), sampleRate: decoder.sampleRate)
        for _ in 0..<silent { try pass(silence(decoder.channels), &sound, encoder, keep) }
      }
      let channels = heard.isEmpty ? silence(decoder.channels) : heard
      guard channels.first?.count == Self.frame else {
        throw MediaError(
          .unsupported, .encode,
          "a packet gives \(channels.first?.count ?? 0) samples; HE-AAC gives \(Self.frame)")
      }
      try pass(channels, &sound, encoder, keep)
    }
    try sound?.finish()
    try encoder?.finish(keep)
    guard result.segment.packets.count == samples.count else {
      throw MediaError(
        .internalFault, .encode,
        "the encoder made \(number + 1) packets for the places of \(samples.count), two for each")
    }
    return result
  }

  private func pass(
    _ channels: [[Float]], _ sound: inout EditedSound?, _ encoder: SoundEncoder?,
    _ keep: (UnsafeRawBufferPointer) throws(MediaError) -> Void
  ) throws(MediaError) {
    if let settled = try sound?.add(channels) { try encoder?.send(settled, keep) }
  }

  private func silence(_ channels: Int) -> [[Float]] {
    [[Float]](repeating: [Float](repeating: 0, count: Self.frame), count: channels)
  }

  private func rate(_ sampleRate: Int) -> Int {
    samples.reduce(0) { $0 + $1.size } * 8 * sampleRate / (Self.frame * max(1, samples.count))
  }

  private func bits(_ result: Result) -> Int {
    max(2 * result.sourceRate, Self.leastRate * result.channels)
  }
}
