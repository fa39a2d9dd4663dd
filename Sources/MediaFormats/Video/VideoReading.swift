internal import MediaCore

/// Decodes frames of a track to look at them.
struct VideoReading {
  let video: CodedVideo
  let input: InputFile

  /// Hands frames of `spans` to `visitor`, at least `interval` seconds apart. Decoding goes from the start of the track to
  /// the last span; what cannot be decoded on the way is passed over.
  func visit(_ spans: FrameSpans, every interval: Double, _ visitor: FrameVisitor) throws(MediaError) {
    guard let end = spans.intervals.last?.upperBound else { return }
    let decoder = try VideoDecoder(video, isStrict: false)
    var last = -Double.infinity
    var failure: MediaError?
    var count = 0
    func take() throws(MediaError) {
      while try decoder.next() {
        count += 1
        let time = video.time(decoder.pts)
        guard spans.contains(time), time - last >= interval else { continue }
        last = time
        try visitor(VideoFrame(decoder, orientation: video.orientation, time: time))
      }
    }
    for sample in video.samples {
      // Reordering holds a picture back behind at most sixteen others.
      if video.time(sample.dts) > end + 1 { break }
      do throws(MediaError) {
        try decoder.send(try input.read(sample.size, at: sample.offset), pts: sample.pts)
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
}
