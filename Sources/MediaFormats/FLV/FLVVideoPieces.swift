internal import MediaCore

/// The pictures of a long FLV file by the times of their tags: a look at some of them walks through no others.
struct FLVVideoPieces {
  let structure: FLVStructure
  /// The pictures that the file begins with.
  let opening: FLVVideoTrack
  let reader: HeaderReader
  let limits: Limits

  /// Milliseconds by which a picture may be shown behind the time of its tag.
  private static let margin = 2000
  /// Milliseconds in front of a picture in which a key frame is looked for, for the first and the second time.
  private static let approaches = [10_000, 120_000]
  /// Milliseconds of tags that are walked through for one picture.
  private static let most = 600_000

  /// Hands the frames of `sampling`, whose one span has an end, to `visitor`, as `VideoReading` does of all pictures.
  func visit(_ sampling: FrameSampling, _ visitor: FrameVisitor) throws(MediaError) {
    guard let span = sampling.spans.intervals.first else { return }
    if sampling.keyFramesOnly { return try visitKeyFrames(of: span, sampling, visitor) }
    for approach in Self.approaches {
      let samples = try samples(from: tick(span.lowerBound) - approach) {
        $0.dts > tick(span.upperBound) + 1000
      }
      // Pictures of an open group that begins here could not be decoded.
      let isReached = samples.contains { $0.isSync && $0.pts <= tick(span.lowerBound) - 500 }
      guard isReached || approach == Self.approaches.last else { continue }
      return try read(samples, sampling, visitor)
    }
  }

  private func visitKeyFrames(
    of span: Range<Double>, _ sampling: FrameSampling, _ visitor: FrameVisitor
  ) throws(MediaError) {
    var (time, taken) = (span.lowerBound, 0)
    while time < span.upperBound, taken < sampling.limit {
      let (first, last) = (tick(time), tick(span.upperBound))
      let samples = try samples(from: first - Self.margin) {
        $0.isSync && $0.pts >= first || $0.dts > min(last, first + Self.most)
      }
      guard let key = samples.last, key.isSync, key.pts >= first, key.pts < last else { return }
      let one = FrameSampling(
        FrameSpans([time..<span.upperBound]), every: sampling.interval, keyFramesOnly: true, limit: 1)
      try read([key], one) { (frame) throws(MediaError) in
        taken += 1
        try visitor(frame)
      }
      time = opening.video.time(key.pts) + max(sampling.interval, 0.001)
    }
  }

  private func tick(_ seconds: Double) -> Int {
    Int((min(max(seconds, 0), Double(UInt32.max)) * 1000).rounded(.up)) + Int(opening.video.start)
  }

  private func read(
    _ samples: [VideoSample], _ sampling: FrameSampling, _ visitor: FrameVisitor
  ) throws(MediaError) {
    guard !samples.isEmpty else { return }
    let whole = opening.video
    let video = CodedVideo(
      codec: whole.codec, config: whole.config, size: whole.size, orientation: whole.orientation,
      timescale: whole.timescale, samples: samples, start: whole.start)
    try VideoReading(video: video, input: reader.input).visit(sampling, visitor)
  }

  /// The pictures from a time in milliseconds on, up to the one that is the last by `isLast`.
  private func samples(
    from milliseconds: Int, until isLast: (VideoSample) -> Bool
  ) throws(MediaError) -> [VideoSample] {
    let seek = FLVSeek(reader: reader, firstTag: structure.firstTag)
    var offset = try seek.place(before: milliseconds)
    var samples: [VideoSample] = []
    let most = limits.indexBytes / MemoryLayout<VideoSample>.stride
    while offset + FLVTag.headerBytes <= reader.size {
      let tag = try FLVTag(at: offset, in: reader)
      guard tag.end <= reader.size else { break }
      offset = tag.end + 4
      guard tag.kind == .video, let sample = try FLVVideoTrack.picture(tag, in: reader) else { continue }
      guard samples.count < most else { throw .tooMany("video tags", most) }
      samples.append(sample)
      if isLast(sample) { break }
    }
    return samples
  }
}
