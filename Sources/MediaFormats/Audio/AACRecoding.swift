internal import MediaCore

/// Packets of AAC-LC coded anew around an edit. A packet's window reaches over two frames of sound; the halves of
/// neighbours overlap and add up, so that a packet may follow one of another coding where both have the same half
/// window and code the same sound.
struct AACRecoding {
  /// Samples of each channel in a packet.
  static let frame = 1024
  /// Packets in front of the first one kept, in which the encoder settles.
  private static let approach = 24
  /// Packets on either side of the edited ones that are coded anew as well.
  private static let margin = 3
  /// Packets within which the half windows of both codings must meet.
  private static let search = 16

  let input: InputFile
  let config: [UInt8]
  let channels: Int
  let samples: [VideoSample]
  /// Samples of each channel in front of the first one heard.
  let start: Int
  let edit: AudioEdit

  /// What a plan says of `count` packets of `all` coded anew.
  static func plan(_ count: Int, of all: Int) -> CodingPlan {
    count == all
      ? CodingPlan(
        .full,
        reason: "the label is in all of it, or the windows of both codings meet nowhere", frames: count)
      : CodingPlan(.smart, reason: "packets that the label does not reach are kept", frames: count)
  }

  /// What a report says of them.
  static func note(_ segments: [VideoReencode.Segment], of all: Int, sampleRate: Int) -> String {
    let count = segments.reduce(0) { $0 + $1.samples.count }
    let bytes = segments.flatMap(\.packets).reduce(0) { $0 + $1.range.count }
    let rate = bytes * 8 * sampleRate / max(1, count * frame)
    let what = count == all ? "all \(count)" : "\(count) of \(all)"
    let kept = count == all ? "" : "; the others are the source's"
    return "\(what) AAC packets were coded anew, at \((rate + 500) / 1000) kbit/s\(kept)"
  }

  /// Codes what the ranges of the edit need anew. Where no joint is found all packets are.
  func code(into spool: CodedSpool) throws(MediaError) -> [VideoReencode.Segment] {
    var segments: [VideoReencode.Segment] = []
    for group in groups() {
      guard let segment = try code(group, into: spool) else {
        let whole = Group(packets: 0..<samples.count, ranges: edit.ranges)
        guard let all = try code(whole, into: spool) else {
          throw MediaError(.internalFault, .encode, "the packets coded anew cannot be joined to themselves")
        }
        return [all]
      }
      segments.append(segment)
    }
    return segments
  }

  /// Ranges whose packets are coded in one go.
  private struct Group {
    /// Packets whose window reaches an edited sample.
    var packets: Range<Int>
    var ranges: [Range<Int>]
  }

  private func groups() -> [Group] {
    var groups: [Group] = []
    for range in edit.ranges {
      let first = (range.lowerBound + start) / Self.frame - 1
      let last = (range.upperBound - 1 + start) / Self.frame
      let packets = (max(0, first)..<max(1, last + 1)).clamped(to: 0..<samples.count)
      if let before = groups.last,
        packets.lowerBound - before.packets.upperBound < Self.approach + 2 * (Self.margin + Self.search)
      {
        groups[groups.count - 1].packets = before.packets.lowerBound..<packets.upperBound
        groups[groups.count - 1].ranges.append(range)
      } else {
        groups.append(Group(packets: packets, ranges: [range]))
      }
    }
    return groups
  }

  /// Nil where no joint is found.
  private func code(_ group: Group, into spool: CodedSpool) throws(MediaError) -> VideoReencode.Segment? {
    let wanted = group.packets.lowerBound - Self.margin..<group.packets.upperBound + Self.margin
    let kept = (wanted.lowerBound - Self.search..<wanted.upperBound + Self.search)
      .clamped(to: 0..<samples.count)
    let coded = try packets(kept, group.ranges)
    guard let first = try joint(from: wanted.lowerBound, by: -1, coded, kept),
      let last = try joint(from: wanted.upperBound, by: 1, coded, kept)
    else { return nil }
    var segment = VideoReencode.Segment(samples: first..<last)
    for index in first..<last {
      let range = try spool.append(coded[index - kept.lowerBound])
      segment.packets.append(.init(range: range, pts: samples[index].pts, isKey: true))
    }
    return segment
  }

  /// The packets of `kept` coded anew with the edits of `ranges`.
  private func packets(_ kept: Range<Int>, _ ranges: [Range<Int>]) throws(MediaError) -> [[UInt8]] {
    let decoder = try PacketDecoder("aac", config: config)
    // The first frame decoded lacks the half of a packet in front of it.
    let begin = max(0, kept.lowerBound - Self.approach)
    if begin > 0 { _ = try decoder.decode(try packet(begin - 1)) }
    let end = min(samples.count, kept.upperBound + 2)
    let moved = AudioEdit(ranges: ranges, visitor: edit.visitor).moved(by: start - begin * Self.frame)
    var encoder: SoundEncoder?
    var sound: EditedSound?
    var result: [[UInt8]] = []
    // The encoder's window number n reaches over the frames n - 1 and n handed in, the source's over its own number
    // and the next.
    var number = begin - 1
    func keep(_ packet: UnsafeRawBufferPointer) {
      if kept.contains(number) { result.append(Array(packet)) }
      number += 1
    }
    let silence = [Float](repeating: 0, count: Self.frame)
    var silent = 0
    for index in begin..<end {
      let heard = try decoder.decode(try packet(index))
      if heard.isEmpty, encoder == nil {
        // Its rate is not known before a packet with sound.
        silent += 1
        continue
      }
      let channels = heard.isEmpty ? Array(repeating: silence, count: decoder.channels) : heard
      guard channels.first?.count == Self.frame else {
        throw MediaError(
          .unsupported, .encode, "a packet gives \(channels.first?.count ?? 0) samples; AAC-LC gives 1024")
      }
      if encoder == nil {
        encoder = try SoundEncoder(
          "aac", options: ["b=\(rate(of: kept, decoder.sampleRate))", "profile=aac_low", "aac_pns=0"],
          like: decoder.handle, channels: decoder.channels)
        sound = EditedSound(moved, sampleRate: decoder.sampleRate)
        for _ in 0..<silent {
          let settled = try sound?.add(Array(repeating: silence, count: decoder.channels))
          if let settled { try encoder?.send(settled, keep) }
        }
      }
      if let settled = try sound?.add(channels) { try encoder?.send(settled, keep) }
    }
    try sound?.finish()
    try encoder?.finish(keep)
    guard result.count == kept.count else {
      throw MediaError(
        .internalFault, .encode, "the encoder made \(result.count) packets for the places of \(kept.count)")
    }
    return result
  }

  private func packet(_ index: Int) throws(MediaError) -> [UInt8] {
    try input.read(samples[index].size, at: samples[index].offset)
  }

  /// A quarter more than the source has there or on average, as what is coded a second time costs more.
  private func rate(of packets: Range<Int>, _ sampleRate: Int) -> Int {
    let rates = [packets, 0..<samples.count].map { range in
      samples[range].reduce(0) { $0 + $1.size } * 10 * sampleRate / (Self.frame * max(1, range.count))
    }
    return max(8000, rates.max() ?? 0)
  }

  /// The first place from `place` on where the packets of one coding can follow those of the other.
  private func joint(
    from place: Int, by step: Int, _ coded: [[UInt8]], _ kept: Range<Int>
  ) throws(MediaError) -> Int? {
    if kept.lowerBound == 0, place <= 0, step < 0 { return 0 }
    if kept.upperBound == samples.count, place >= samples.count, step > 0 { return samples.count }
    var place = place
    while place > kept.lowerBound, place < kept.upperBound {
      if let own = AACWindow(coded[place - 1 - kept.lowerBound], channels: channels),
        own == AACWindow(try packet(place - 1), channels: channels)
      {
        return place
      }
      place += step
    }
    if place == 0, step < 0 { return 0 }
    return place == samples.count && step > 0 ? place : nil
  }
}
