internal import MediaCore

/// A stream of Opus or Vorbis coded anew as a whole: frames of Opus depend on those in front of them, and packets of Vorbis
/// on a set-up of the encoder's own.
struct OggRecoding {
  let input: InputFile
  let stream: OggStream
  /// The packet of comments.
  let comments: [UInt8]
  /// The first packet.
  let head: [UInt8]
  /// Seconds.
  let duration: Double
  let edit: AudioEdit

  /// What came of it.
  struct Result {
    /// All pages, in the spool.
    let pages: Range<Int>
    let note: String
    let coding: CodingPlan
  }

  /// Bits a second, with what the container adds.
  private var sourceRate: Int { Int(Double(input.size) * 8 / max(duration, 0.001)) }

  /// Codes the edited sound at no lower a rate than the source's.
  func code(into spool: CodedSpool) throws(MediaError) -> Result {
    if stream.codec.kind == .opus { return try codeOpus(into: spool) }
    var result: (result: Result, rate: Int)?
    for quality in VorbisHeaders.qualities where (result?.rate ?? 0) < sourceRate {
      result = try code("libvorbis", VorbisHeaders.options(quality: quality), into: spool)
    }
    guard let result else { throw MediaError(.internalFault, .encode, "no quality of Vorbis is known") }
    return result.result
  }

  /// A quarter above the source's rate; the encoder takes a rate as advice, and is told more where it stays below.
  private func codeOpus(into spool: CodedSpool) throws(MediaError) -> Result {
    let most = 256_000 * stream.codec.track.channels
    var asked = min(max(sourceRate + sourceRate / 4, 8000), most)
    while true {
      let (result, rate) = try code("libopus", ["b=\(asked)", "frame_duration=20"], into: spool)
      if rate >= sourceRate || asked == most { return result }
      asked = min(asked + asked / 2, most)
    }
  }

  private func code(
    _ name: String, _ options: [String], into spool: CodedSpool
  ) throws(MediaError) -> (result: Result, rate: Int) {
    let decoder = try SoundDecoder(input, container: "ogg")
    let encoder = try SoundEncoder(name, options: options, like: decoder.handle, channels: decoder.channels)
    let skipped = stream.codec.kind == .opus ? encoder.delay : 0
    var pages = try OggSoundPages(
      try headers(encoder.config), serial: stream.serial, span: decoder.sampleRate, spool: spool)
    var sound = EditedSound(edit, sampleRate: decoder.sampleRate)
    var count = 0
    func keep(_ packet: UnsafeRawBufferPointer) throws(MediaError) {
      try pages.add(Array(packet), granule: encoder.end + skipped)
      count += 1
    }
    try decoder.visit([0..<Int.max]) { (block) throws(MediaError) in
      try encoder.send(try sound.add(block.channels), keep)
    }
    try sound.finish()
    try encoder.finish(keep)
    try pages.finish(at: encoder.count + skipped)
    guard let range = pages.range, count > 0 else {
      throw MediaError(.malformed, .decode, "the stream has no sound")
    }
    let rate = Int(Double(range.count) * 8 / max(duration, 0.001))
    let note =
      "the whole stream was coded anew with \(name) at \((rate + 500) / 1000) kbit/s (the source \((sourceRate + 500) / 1000) kbit/s)"
    let coding = CodingPlan(
      .full, reason: "packets of \(stream.codec.kind.rawValue) are not joined to others", frames: count)
    return (Result(pages: range, note: note, coding: coding), rate)
  }

  /// The encoder's header packets with the source's comments.
  private func headers(_ config: [UInt8]) throws(MediaError) -> [[UInt8]] {
    if stream.codec.kind == .opus {
      guard config.count >= 19, head.count >= 19 else {
        throw MediaError(.internalFault, .encode, "the encoder gave no OpusHead")
      }
      // The rate before coding is the source's.
      return [Array(config[..<12]) + head[12..<16] + config[16...], comments]
    }
    guard let headers = VorbisHeaders(config) else {
      throw MediaError(.internalFault, .encode, "the encoder gave no three headers of Vorbis")
    }
    return [headers.identification, comments, headers.setup]
  }
}
