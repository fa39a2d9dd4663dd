internal import MediaCore

/// Blind search for the watermark in a clip: window by window, in single frames first, then in the residuals of several added
/// up. Pictures that can be decoded alone are looked at before others: they carry the mark whole, and cost the decoding of no
/// other. Where they are few, many of those predicted from them make up for what the codec leaves out of each.
final class VideoWatermarkDetector: TimedFrameDetector {
  private let keys: [WatermarkKey]
  private let search: WatermarkSearch
  private var windows: [ClipWindow]
  private var size: PixelSize?
  /// Pixels of the planes searched, for each of the picture's.
  private var scale = 1.0
  /// All looks that a clip usually takes have about the same share of the probability of an error.
  private var outcome: WatermarkSearch.Outcome
  private var current = 0
  private var step = Step.opening
  private var isDecodedInOrder = false

  private enum Step { case opening, first, rest, inOrder }

  /// What all looks at a clip usually come to.
  private static let usualLattices = 1 << 11
  private static let usualReadings = 1 << 7
  /// Readings from which on no further frames are asked for.
  private static let mostReadings = 1 << 9
  /// Seconds between pictures that are decoded alone.
  private static let interval = 0.9
  /// Seconds between frames that are decoded in order: what moves in between is new to the mark, which does not.
  private static let decodedInterval = 0.19
  /// Seconds at the start of a clip that are decoded in order where it has few pictures that can be decoded alone.
  private static let decodedSeconds = 12.0
  /// Pictures in a window below which others are decoded.
  private static let fewFrames = 4

  init(_ keys: [WatermarkKey], _ search: WatermarkSearch, duration: Double?) {
    self.keys = keys
    self.search = search
    windows = ClipWindow.windows(of: duration)
    outcome = WatermarkSearch.Outcome(
      lattices: LookCount(usual: Self.usualLattices), readings: LookCount(usual: Self.usualReadings),
      placedLooks: LookCount(
        usual: keys.count * windows.count * (Self.sumsReadInPlace.count + 1) * VideoTiles.mostInPlace))
  }

  func observe(_ frame: any Frame) throws(MediaError) {
    guard let index = windows.firstIndex(where: { $0.range.contains(frame.time) }), takes(frame, index),
      size == nil || frame.size == size,
      let plane = try WorkingPlane(frame, pixels: VideoTiles.searchedPixels)
    else { return }
    (size, scale) = (frame.size, plane.scale)
    let lattices = lattices(in: plane.luma, of: frame.size)
    windows[index].add(plane.luma, at: frame.time)
    if windows[index].times.count > 1, !isDecodedInOrder {
      search.search(
        SearchPyramid(plane.luma, floor: VideoTiles.residualFloor), lattices: lattices, into: &outcome)
      if settle(index, frame.time...frame.time) { return }
    }
    guard let sum = windows[index].sum, Self.sumsSearched.contains(sum.count) else { return }
    if Self.sumsReadInPlace.contains(sum.count) {
      readInPlace(sum, of: frame.size)
      if settle(index, windows[index].extent ?? frame.time...frame.time) { return }
    }
    search.search(sum, lattices: lattices, into: &outcome)
    _ = settle(index, windows[index].extent ?? frame.time...frame.time)
  }

  /// Whether `frame` says something new of the window that it is in.
  private func takes(_ frame: any Frame, _ index: Int) -> Bool {
    let window = windows[index]
    guard window.finding == nil else { return false }
    guard isDecodedInOrder else {
      return window.times.count < ClipWindow.mostFrames
        && window.times.last.map { frame.time - $0 >= Self.interval } ?? true
    }
    return window.times.count < ClipWindow.mostDecoded
  }

  /// Frames added up when the sum is searched.
  private static let sumsSearched: Set = [1, 2, 4, 8, 12, 16, 24, 32, 40]

  /// Frames added up when the sum is read in place; its last time comes when a window is left.
  private static let sumsReadInPlace: Set = [1, 4, 16]

  private func readInPlace(_ sum: SearchPyramid, of size: PixelSize) {
    let lattices = VideoTiles.drawn(across: sum.width, down: sum.height, of: size)
    search.readInPlace(sum, lattices: Array(lattices.prefix(VideoTiles.mostInPlace)), into: &outcome)
  }

  func nextSampling() throws(MediaError) -> FrameSampling? {
    while current < windows.count {
      if let sampling = samplingOfWindow() { return sampling }
      conclude(current)
      current += 1
      step = .first
    }
    return nil
  }

  /// What else to look at in the current window.
  private func samplingOfWindow() -> FrameSampling? {
    let window = windows[current]
    guard window.finding == nil else { return nil }
    let left = ClipWindow.mostFrames - window.times.count
    guard left > 0, outcome.readings.count < Self.mostReadings else { return nil }
    let next = max(window.range.lowerBound, (window.times.last ?? -Double.infinity) + Self.interval)
    guard next < window.range.upperBound else { return nil }
    let span = FrameSpans([next..<window.range.upperBound])
    switch step {
    case .first:
      step = .rest
      return FrameSampling(span, every: Self.interval, keyFramesOnly: true, limit: 1)
    case .opening, .rest:
      step = .inOrder
      // The first window knows no lower bound.
      let length = window.range.upperBound - max(0, window.range.lowerBound)
      let interval = length.isFinite ? max(Self.interval, length / Double(ClipWindow.mostFrames)) : 2
      return FrameSampling(span, every: interval, keyFramesOnly: true, limit: left)
    case .inOrder:
      guard !isDecodedInOrder, window.times.count < Self.fewFrames, next < Self.decodedSeconds,
        !windows.contains(where: { $0.finding != nil })
      else { return nil }
      isDecodedInOrder = true
      return FrameSampling(
        FrameSpans([window.range.lowerBound..<Self.decodedSeconds]), every: Self.decodedInterval)
    }
  }

  /// The last search in a window: anywhere, any size.
  private func conclude(_ index: Int) {
    defer { windows[index].close() }
    guard windows[index].finding == nil, let sum = windows[index].sum, let size,
      let seen = windows[index].extent
    else { return }
    if !Self.sumsReadInPlace.contains(sum.count) {
      readInPlace(sum, of: size)
      if settle(index, seen) { return }
    }
    let drawn = VideoTiles.Width.allCases.map { VideoTiles.eighths($0, of: size) }
    search.search(sum, of: size, scale: scale, drawn: drawn, into: &outcome)
    _ = settle(index, seen)
  }

  /// Moves what a search has found to the window.
  private func settle(_ index: Int, _ seen: ClosedRange<Double>) -> Bool {
    guard let finding = outcome.finding else { return false }
    outcome.finding = nil
    windows[index].found(finding, in: seen)
    return true
  }

  /// Tiles found before, then as they would be drawn.
  private func lattices(in plane: LumaPlane, of size: PixelSize) -> [Lattice] {
    windows.compactMap(\.finding?.lattice)
      + VideoTiles.drawn(across: plane.width, down: plane.height, of: size)
  }

  func finish() throws(MediaError) -> [Detection] {
    VideoWatermarkReport(keys: keys, scale: scale).detections(
      in: windows, strongestSync: outcome.strongestSync)
  }
}
