internal import MediaCore

/// Decodes frames of a track to look at them.
struct VideoReading {
  let video: CodedVideo
  let input: InputFile

  /// Hands the frames of `sampling` to `visitor`. What cannot be decoded on the way is passed over; throws `malformed` where
  /// nothing can.
  func visit(_ sampling: FrameSampling, _ visitor: FrameVisitor) throws(MediaError) {
    if sampling.keyFramesOnly { return try visitKeyFrames(sampling, visitor) }
    guard let first = sampling.spans.intervals.first?.lowerBound,
      let end = sampling.spans.intervals.last?.upperBound
    else { return }
    let decoder = try VideoDecoder(video, isStrict: false)
    var (last, taken) = (-Double.infinity, 0)
    var failure: MediaError?
    var count = 0
    func take() throws(MediaError) {
      while try decoder.next() {
        count += 1
        let time = video.time(decoder.pts)
        guard taken < sampling.limit, sampling.spans.contains(time), time - last >= sampling.interval else {
          continue
        }
        last = time
        taken += 1
        try visitor(VideoFrame(decoder, orientation: video.orientation, time: time))
      }
    }
    for sample in video.samples[start(of: first)...] {
      // Reordering holds a picture back behind at most sixteen others.
      if taken >= sampling.limit || video.time(sample.dts) > end + 1 { break }
      do throws(MediaError) {
        try decoder.send(try input.picture(sample), pts: sample.pts)
        try take()
      } catch {
        guard error.stage == .decode, error.code == .malformed else { throw error }
        failure = error
      }
    }
    try decoder.finish()
    try take()
    if count == 0, let failure { throw failure }
  }

  /// The last sample before `time` that decoding can start from, but for pictures in front of it in an open group.
  private func start(of time: Double) -> Int {
    video.samples.lastIndex { $0.isSync && video.time($0.pts) <= time - Self.margin } ?? 0
  }

  /// Seconds within which pictures of an open group are over.
  private static let margin = 0.5

  private func visitKeyFrames(_ sampling: FrameSampling, _ visitor: FrameVisitor) throws(MediaError) {
    var (last, taken) = (-Double.infinity, 0)
    for sample in video.samples where sample.isSync {
      let time = video.time(sample.pts)
      guard sampling.spans.contains(time), time - last >= sampling.interval else { continue }
      if taken >= sampling.limit { return }
      let decoder = try VideoDecoder(video, isStrict: false)
      do throws(MediaError) {
        try decoder.send(try input.picture(sample), pts: sample.pts)
        try decoder.finish()
        guard try decoder.next() else { continue }
      } catch {
        guard error.stage == .decode, error.code == .malformed else { throw error }
        continue
      }
      last = time
      taken += 1
      try visitor(VideoFrame(decoder, orientation: video.orientation, time: time))
    }
  }
}
