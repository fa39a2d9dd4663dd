internal import MediaCore

extension FLACFile: AudioMediaFile {
  private var bits: Int { info.bitDepth }

  var audio: AudioInfo? {
    let word = structure.streamInfo[10..<18].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let (rate, count) = (Int(word >> 44), Int(word & 0xF_FFFF_FFFF))
    guard rate > 0 else { return nil }
    return AudioInfo(
      sampleRate: rate, channels: channels, count: count > 0 ? count : countedSamples, speakers: speakers)
  }

  private var channels: Int { Int(structure.streamInfo[12] >> 1 & 7) + 1 }

  func countSamples() throws(MediaError) -> Int {
    var frames = try frames()
    while try frames.next() != nil {}
    return frames.sample
  }

  /// What the comment says that FFmpeg and the format's own tools write where the order is not the usual one
  /// (RFC 9639 8.6.2).
  private var speakers: UInt32 {
    let name = "WAVEFORMATEXTENSIBLE_CHANNEL_MASK"
    let value = metadata.first { $0.name.uppercased() == name }?.value ?? ""
    return UInt32(value.drop { $0 == "0" }.drop { $0 == "x" || $0 == "X" }, radix: 16) ?? 0
  }

  /// Frames have no length in front: they are decoded from the first to the last wanted.
  func visitAudio(
    in ranges: [Range<Int>], _ visitor: (AudioBlock) throws(MediaError) -> Void
  ) throws(MediaError) {
    guard let audio else { return }
    let last = ranges.map(\.upperBound).max() ?? 0
    var frames = try frames()
    while frames.sample < last {
      let start = frames.sample
      guard let frame = try frames.next() else { return }
      for range in ranges {
        let part = range.clamped(to: start..<frames.sample)
        guard !part.isEmpty else { continue }
        let place = part.lowerBound - start..<part.upperBound - start
        let channels = frame.samples.map { floats($0[place]) }
        try visitor(AudioBlock(sampleRate: audio.sampleRate, start: part.lowerBound, channels: channels))
      }
    }
  }

  /// Only the frames that hold edited samples are coded anew; the checksum of all samples, the sizes of frames and the
  /// seek points follow.
  func apply(_ edit: AudioEdit, to edits: inout ByteEdits, beside output: OutputFile) throws(MediaError) {
    guard let audio else { throw .soundNotCoded(info.format) }
    let bytes = edit.ranges.reduce(0) { $0 + $1.count } * audio.channels * ((bits + 7) / 8)
    var rewriting = FLACRewriting(
      bits: bits, streamInfo: try streamInfo(), waiting: WaitingEdits(bytes: bytes, beside: output))
    var frames = try frames()
    var pending = edit.ranges[...]
    var held = HeldFrames(channels: audio.channels)
    while true {
      let offset = frames.offset
      guard let frame = try frames.next() else { break }
      held.add(frame, at: offset)
      while let range = pending.first, range.upperBound <= frames.sample {
        try apply(edit, range, to: &held, rate: audio.sampleRate)
        pending = pending.dropFirst()
      }
      try held.settle(before: pending.first?.lowerBound ?? .max, into: &rewriting)
    }
    if let range = pending.first {
      throw MediaError(
        .malformed, .encode,
        "the stream ends at sample \(frames.sample), before \(range) that were to be edited")
    }
    try rewriting.finish(&edits, structure: structure, reader: reader, limits: limits)
  }

  /// Frames that an edit to come may reach.
  private struct HeldFrames {
    var samples: [[Int]]
    /// The sample that stands first.
    private(set) var start = 0
    private var frames: [(frame: FLACFrame, offset: Int)] = []

    init(channels: Int) { samples = [[Int]](repeating: [], count: channels) }

    mutating func add(_ frame: FLACFrame, at offset: Int) {
      frames.append((frame, offset))
      for channel in samples.indices { samples[channel] += frame.samples[channel] }
    }

    /// Lets frames go that end before sample `limit`.
    mutating func settle(before limit: Int, into rewriting: inout FLACRewriting) throws(MediaError) {
      var (used, done) = (0, 0)
      for (frame, offset) in frames {
        let end = used + frame.header.count
        guard start + end <= limit else { break }
        try rewriting.replace(frame, at: offset, with: samples.map { Array($0[used..<end]) })
        used = end
        done += 1
      }
      frames.removeFirst(done)
      for channel in samples.indices { samples[channel].removeFirst(used) }
      start += used
    }
  }

  private func apply(
    _ edit: AudioEdit, _ range: Range<Int>, to held: inout HeldFrames, rate: Int
  ) throws(MediaError) {
    let place = range.lowerBound - held.start..<range.upperBound - held.start
    let before = held.samples.map { floats($0[place]) }
    var block = AudioBlock(sampleRate: rate, start: range.lowerBound, channels: before)
    try edit.visitor(&block)
    let scale = Double(1 << (bits - 1))
    for channel in held.samples.indices {
      for index in place {
        let value = block.channels[channel][index - place.lowerBound]
        // What a Float cannot tell apart stays as it was.
        if value == before[channel][index - place.lowerBound] { continue }
        held.samples[channel][index] = Int(min(max((Double(value) * scale).rounded(), -scale), scale - 1))
      }
    }
  }

  private func floats(_ samples: ArraySlice<Int>) -> [Float] {
    let scale = 1 / Double(1 << (bits - 1))
    return samples.map { Float(Double($0) * scale) }
  }

  private func streamInfo() throws(MediaError) -> [UInt8] {
    let block = structure.blocks[0]
    guard block.length >= 34 else {
      throw MediaError(.malformed, .decode, "STREAMINFO of \(block.length) bytes; it has 34 (RFC 9639 8.2)")
    }
    return try reader.bytes(34, at: block.dataOffset)
  }

  private func frames() throws(MediaError) -> FLACFrames {
    let end = try TrailingTags(reader, notBefore: structure.framesOffset, limits: limits).start
    return FLACFrames(
      reader.input, from: structure.framesOffset, to: end, streamBits: bits, channels: channels)
  }
}
