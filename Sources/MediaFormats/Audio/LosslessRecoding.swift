internal import MediaCore

/// Packets of plain samples, FLAC or ALAC that an edit reaches, coded anew without loss; all others are kept.
struct LosslessRecoding {
  let sound: PacketSound
  let edit: AudioEdit

  private var track: CodedSound { sound.track }

  /// A packet in hand.
  private struct Held {
    let before: [[Float]]
    var after: [[Float]]
    /// What stands in the place of the packet for samples that differ from `before`.
    let encode: (_ after: [[Float]]) throws(MediaError) -> [UInt8]
  }

  /// Codes the packets that the ranges of the edit reach.
  func code(into spool: CodedSpool) throws(MediaError) -> RecodedSound {
    var held: [Int: Held] = [:]
    var runs: [(start: Int, packets: [CodedSpool.Packet])] = []
    func settle(before limit: Int) throws(MediaError) {
      for index in held.keys.filter({ $0 < limit }).sorted() {
        guard let packet = held.removeValue(forKey: index) else { continue }
        let range = try spool.append(try packet.encode(packet.after))
        if runs.last.map({ $0.start + $0.packets.count }) != index { runs.append((index, [])) }
        runs[runs.count - 1].packets.append(.init(range: range, pts: track.packets[index].pts, isKey: true))
      }
    }
    for range in edit.ranges where !track.packets.isEmpty {
      let wanted = range.lowerBound + track.skipped..<range.upperBound + track.skipped
      let (first, last) = (sound.packet(at: wanted.lowerBound), sound.packet(at: wanted.upperBound - 1))
      try settle(before: first)
      var block = AudioBlock(
        sampleRate: sound.sampleRate, start: range.lowerBound,
        channels: [[Float]](repeating: [], count: sound.channels))
      for index in first...last {
        if held[index] == nil { held[index] = try hold(index) }
        guard let packet = held[index] else { continue }
        let place = place(of: wanted, in: index, packet)
        for channel in block.channels.indices { block.channels[channel] += packet.after[channel][place] }
      }
      guard block.count == range.count else {
        throw MediaError(
          .malformed, .encode, "the sound ends before sample \(range.upperBound) that was to be edited")
      }
      try edit.visitor(&block)
      var used = 0
      for index in first...last {
        guard var packet = held[index] else { continue }
        let place = place(of: wanted, in: index, packet)
        for channel in packet.after.indices {
          packet.after[channel].replaceSubrange(
            place, with: block.channels[channel][used..<used + place.count])
        }
        used += place.count
        held[index] = packet
      }
    }
    try settle(before: .max)
    let segments = runs.map { run in
      VideoReencode.Segment(samples: run.start..<run.start + run.packets.count, packets: run.packets)
    }
    let count = runs.reduce(0) { $0 + $1.packets.count }
    let coding = CodingPlan(
      count == track.packets.count ? .full : .smart, reason: "samples that the label does not reach are kept",
      frames: count)
    return RecodedSound(
      segments: segments, spool: spool, config: config(runs.flatMap(\.packets)), coding: coding,
      note: "\(count) of \(track.packets.count) packets of sound were coded anew without loss")
  }

  private func place(of wanted: Range<Int>, in index: Int, _ packet: Held) -> Range<Int> {
    let start = sound.start(of: index)
    let part = wanted.clamped(to: start..<start + (packet.before.first?.count ?? 0))
    return part.lowerBound - start..<part.upperBound - start
  }

  private func hold(_ index: Int) throws(MediaError) -> Held {
    let bytes = try sound.bytes(of: index)
    if case .pcm(let coding) = track.codec {
      let before = coding.decode(bytes)
      return Held(before: before, after: before) { coding.encode($0, was: before, over: bytes) }
    }
    if case .alac = track.codec { return try holdALAC(bytes) }
    let padded = bytes + [UInt8](repeating: 0, count: FLACBitReader.padding)
    let outcome = padded.withUnsafeBytes { FLACFrameDecoder.decode($0, at: 0, streamBits: streamBits) }
    guard case .frame(let frame) = outcome, frame.header.channels == sound.channels,
      frame.length == bytes.count
    else {
      throw MediaError(.malformed, .decode, "packet \(index) holds no whole FLAC frame")
    }
    let scale = Double(1 << (frame.header.bits - 1))
    let before = frame.samples.map { $0.map { Float(Double($0) / scale) } }
    return Held(before: before, after: before) { after in
      var samples = frame.samples
      for channel in samples.indices {
        for index in samples[channel].indices where after[channel][index] != before[channel][index] {
          let level = (Double(after[channel][index]) * scale).rounded()
          samples[channel][index] = Int(min(max(level, -scale), scale - 1))
        }
      }
      return samples == frame.samples ? bytes : FLACFrameEncoder.encode(samples, like: frame.header)
    }
  }

  private func holdALAC(_ bytes: [UInt8]) throws(MediaError) -> Held {
    let decoder = try PacketDecoder("alac", config: track.config)
    let before = try decoder.decode(bytes)
    return Held(before: before, after: before) { (after) throws(MediaError) in
      guard after != before else { return bytes }
      let encoder = try SoundEncoder("alac", options: [], like: decoder.handle, channels: before.count)
      guard let own = ALACCookie(track.config), ALACCookie(encoder.config)?.coding == own.coding else {
        throw MediaError(
          .unsupported, .encode, "the packets of ALAC are coded with other settings than the encoder's")
      }
      var packets: [[UInt8]] = []
      let keep = { (packet: UnsafeRawBufferPointer) throws(MediaError) in packets.append(Array(packet)) }
      try encoder.send(after, keep)
      try encoder.finish(keep)
      guard packets.count == 1 else {
        throw MediaError(.internalFault, .encode, "\(packets.count) packets of ALAC in the place of one")
      }
      return packets[0]
    }
  }

  /// Where STREAMINFO stands in the set-up record: alone, or as the first block behind the mark "fLaC".
  private var streamInfo: Range<Int>? {
    let offset = track.config.starts(with: Array("fLaC".utf8)) ? 8 : 0
    return track.config.count >= offset + 34 ? offset..<offset + 34 : nil
  }

  private var streamBits: Int {
    guard let place = streamInfo else { return 16 }
    let info = Array(track.config[place])
    return Int((info[12] & 1) << 4 | info[13] >> 4) + 1
  }

  /// The set-up record for `spool` as well; nil where it holds. That of FLAC says nothing any more of the old frames, their
  /// sizes and a sum of all samples: zero is "unknown" (RFC 9639, 8.2).
  private func config(_ spool: [CodedSpool.Packet]) -> [UInt8]? {
    if case .alac = track.codec {
      return ALACCookie(track.config)?.allowing(packetsOf: spool.map(\.range.count).max() ?? 0)
    }
    guard case .flac = track.codec, let place = streamInfo else { return nil }
    var config = track.config
    for range in [4..<10, 18..<34] {
      for index in range { config[place.lowerBound + index] = 0 }
    }
    return config
  }
}
