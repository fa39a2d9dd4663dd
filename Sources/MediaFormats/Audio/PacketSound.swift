internal import MediaCore

/// The sound of a track whose packets are found by our own reader of its container.
final class PacketSound {
  let track: CodedSound
  let input: InputFile
  let sampleRate: Int
  let channels: Int
  /// Samples of each channel in a packet; zero where packets differ.
  let frame: Int

  /// Where packets begin, for those that differ.
  private let starts: [Int]
  /// Samples of the last packet, where packets do not differ.
  private let lastCount: Int
  /// Where the times of packets say that there is none for a while.
  private let gaps: [SoundGap]
  private var decoder: PacketDecoder?
  /// The packet decoded last.
  private var last: (index: Int, sound: [[Float]])?

  /// Packets without sound that may stand in front.
  private static let mostSilent = 16
  /// Packets in front of one wanted from which decoders swing in: a layer III frame takes bits of up to nine before it.
  private static let approach = 12
  /// Packets that are rather decoded than jumped over.
  private static let patience = 400
  /// Bytes of a packet that is held in memory.
  private static let largest = 1 << 26
  /// A time, in samples, that no sound is as long as.
  private static let latest = 1 << 48
  /// Seconds by which a packet is later than those before it last from which on there is a gap: times are rounded, and of
  /// live recordings they waver.
  private static let leastGap = 0.25

  /// Throws `unsupported` for what cannot be decoded, `malformed` for packets without sound.
  init(_ track: CodedSound, in input: InputFile) throws(MediaError) {
    guard track.packets.allSatisfy({ $0.size <= Self.largest }), track.skipped <= Self.latest else {
      throw MediaError(
        .limitExceeded, .decode,
        "a packet of sound is larger than \(Self.largest) bytes, or the sound begins years later")
    }
    self.track = track
    self.input = input
    if case .pcm(let coding) = track.codec {
      (sampleRate, channels, frame, lastCount) = (track.rate, coding.channels, 0, 0)
      var count = 0
      let starts = track.packets.map { packet in
        defer { count += packet.size / coding.blockBytes }
        return count
      }
      self.starts = starts
      gaps = Self.gaps(of: track, Self.times(of: track, rate: track.rate), rate: track.rate) { starts[$0] }
      return
    }
    guard let name = track.codec.decoder else {
      throw MediaError(.unsupported, .decode, "sound without a decoder")
    }
    let decoder = try PacketDecoder(name, config: Self.config(of: track))
    var counts: [Int] = []
    for packet in track.packets.prefix(Self.mostSilent) where counts.count < 3 {
      let count = try decoder.decode(input.read(packet.size, at: packet.offset)).first?.count ?? 0
      if count > 0 { counts.append(count) }
    }
    guard let first = counts.first, decoder.sampleRate > 0 else {
      throw MediaError(.malformed, .decode, "the first packets have no sound")
    }
    (sampleRate, channels) = (decoder.sampleRate, decoder.channels)
    let isRegular = track.codec.isRegular && counts.allSatisfy { $0 == first }
    frame = isRegular ? first : 0
    let last = track.codec.endsShort ? track.packets.last : nil
    let ending = try last.map { (last) throws(MediaError) in try input.read(last.size, at: last.offset) }
    lastCount = ending.flatMap { try? decoder.decode($0).first?.count } ?? first
    let times = Self.times(of: track, rate: decoder.sampleRate)
    starts = isRegular ? [] : times
    // Packets that are found by their times have nothing between them.
    gaps = isRegular ? Self.gaps(of: track, times, rate: decoder.sampleRate) { $0 * first } : []
  }

  /// When packets are heard, in samples from the first one on.
  private static func times(of track: CodedSound, rate: Int) -> [Int] {
    let begin = track.packets.first?.pts ?? 0
    let scale = Double(rate) / Double(max(1, track.timescale))
    return track.packets.map { Int(min(max(Double($0.pts &- begin) * scale, 0), Double(latest))) }
  }

  private static func gaps(
    of track: CodedSound, _ times: [Int], rate: Int, _ start: (Int) -> Int
  ) -> [SoundGap] {
    var gaps: [SoundGap] = []
    var silence = 0
    for (index, time) in times.enumerated() {
      let late = time - start(index) - silence
      guard Double(late) > leastGap * Double(rate) else { continue }
      silence += late
      gaps.append(SoundGap(before: start(index) - track.skipped, length: late))
    }
    return gaps.filter { $0.sample > 0 }
  }

  /// A gain that OpusHead asks for is left to whoever plays it.
  static func config(of track: CodedSound) -> [UInt8] {
    guard case .opus = track.codec, track.config.count >= 19 else { return track.config }
    var config = track.config
    config.replaceSubrange(16..<18, with: [0, 0])
    return config
  }

  var info: AudioInfo {
    AudioInfo(sampleRate: sampleRate, channels: channels, count: max(0, end - track.skipped), gaps: gaps)
  }

  private var end: Int {
    guard frame == 0 else { return (track.packets.count - 1) * frame + lastCount }
    guard let last = track.packets.last, let start = starts.last else { return 0 }
    if case .pcm(let coding) = track.codec { return start + last.size / coding.blockBytes }
    return start
  }

  /// The sample that a packet begins with.
  func start(of packet: Int) -> Int { frame > 0 ? packet * frame : starts[packet] }

  /// The packet that holds a sample, or the last one.
  func packet(at sample: Int) -> Int {
    guard frame == 0 else { return min(sample / frame, track.packets.count - 1) }
    var (low, high) = (0, starts.count)
    while low < high {
      let middle = (low + high) / 2
      if starts[middle] <= sample { low = middle + 1 } else { high = middle }
    }
    return max(0, low - 1)
  }

  /// Hands the samples of `ranges`, counted from the first one heard, to `visitor`. A damaged packet is silent, as in players.
  func visit(
    _ ranges: [Range<Int>], _ visitor: (AudioBlock) throws(MediaError) -> Void
  ) throws(MediaError) {
    for range in ranges where !track.packets.isEmpty {
      let (lower, isTooFar) = range.upperBound.addingReportingOverflow(track.skipped)
      let wanted = range.lowerBound + track.skipped..<(isTooFar ? Int.max : lower)
      var index = packet(at: wanted.lowerBound)
      var position = start(of: index)
      while index < track.packets.count, position < wanted.upperBound {
        // Those that are found by their times have gaps among them.
        if Double(start(of: index) - position) > Self.leastGap * Double(sampleRate) {
          position = start(of: index)
        }
        let sound = try sound(of: index)
        let count = sound.first?.count ?? 0
        let part = wanted.clamped(to: position..<position + count)
        if !part.isEmpty {
          let place = part.lowerBound - position..<part.upperBound - position
          try visitor(
            AudioBlock(
              sampleRate: sampleRate, start: part.lowerBound - track.skipped,
              channels: sound.map { Array($0[place]) }))
        }
        position += count
        index += 1
      }
    }
  }

  private func sound(of index: Int) throws(MediaError) -> [[Float]] {
    if let last, last.index == index { return last.sound }
    if case .pcm(let coding) = track.codec {
      let sound = coding.decode(try bytes(of: index))
      last = (index, sound)
      return sound
    }
    var next = last.map { $0.index + 1 } ?? .max
    if decoder == nil || next > index || index - next > Self.patience {
      decoder = try PacketDecoder(track.codec.decoder ?? "", config: Self.config(of: track))
      next = max(0, index - Self.approach)
    }
    var sound: [[Float]] = []
    for packet in next...index { sound = try decode(packet) }
    last = (index, sound)
    return sound
  }

  private func decode(_ index: Int) throws(MediaError) -> [[Float]] {
    var sound: [[Float]] = []
    do throws(MediaError) {
      sound = try decoder?.decode(try bytes(of: index)) ?? []
    } catch {
      guard error.code == .malformed else { throw error }
    }
    guard frame > 0, sound.count != channels || sound.first?.count != frame else { return sound }
    if track.codec.endsShort, index == track.packets.count - 1, sound.count == channels { return sound }
    return [[Float]](repeating: [Float](repeating: 0, count: frame), count: channels)
  }

  /// The bytes of a packet.
  func bytes(of index: Int) throws(MediaError) -> [UInt8] {
    try input.read(track.packets[index].size, at: track.packets[index].offset)
  }
}
