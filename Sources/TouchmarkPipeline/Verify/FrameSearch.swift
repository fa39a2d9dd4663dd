internal import Labels
internal import MediaCore

/// Shows detectors the frames of one file: of a video its opening first, then what a detector asks for.
struct FrameSearch {
  let detectors: [any FrameDetector]
  /// Sees the opening as well.
  var collector: FingerprintCollector?

  /// The frames of a video that all look at: a label by GB 45438-2025 5.4 is in each of them.
  private static let opening = FrameSpans([-Double.infinity..<LabelSpan.leastSeconds])
  private static let interval = 0.9

  /// Times the looking as `search` and what comes before it as `decode`.
  func visit(_ file: any FrameMediaFile, _ clock: inout StepClock) throws(MediaError) {
    try file.visitFrames(in: Self.opening, every: Self.interval) { (frame) throws(MediaError) in
      clock.lap("decode")
      for detector in detectors { try detector.observe(frame) }
      try collector?.observe(frame)
      clock.lap("search")
    }
    for case let detector as any TimedFrameDetector in detectors {
      while let sampling = try detector.nextSampling() {
        try file.visitFrames(sampling) { (frame) throws(MediaError) in
          clock.lap("decode")
          try detector.observe(frame)
          clock.lap("search")
        }
      }
    }
  }
}
