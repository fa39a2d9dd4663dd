/// A part of a clip in which one mark is looked for, with the frames of it that were looked at.
struct ClipWindow {
  /// Seconds from the first frame shown.
  let range: Range<Double>
  /// When the frames looked at are shown, in the order of looking.
  private(set) var times: [Double] = []
  /// The first and the last of them.
  var extent: ClosedRange<Double>? {
    guard let first = times.min(), let last = times.max() else { return nil }
    return first...last
  }
  /// Their residuals added up; nil before the first.
  private(set) var sum: SearchPyramid?
  /// What was read, and the first and last frame that it was read from.
  private(set) var finding: WatermarkSearch.Finding?
  private(set) var seen: ClosedRange<Double> = 0...0

  init(_ range: Range<Double>) { self.range = range }

  /// Pictures that can be decoded alone, at most: of further ones hardly any helped.
  static let mostFrames = 8
  /// Frames at most where all are decoded in order. Those predicted from others say less each, and are many.
  static let mostDecoded = 40

  mutating func add(_ luma: LumaPlane, at time: Double) {
    times.append(time)
    if let sum {
      guard sum.width == luma.width, sum.height == luma.height else { return }
      sum.add(luma)
    } else {
      sum = SearchPyramid(luma, floor: VideoTiles.residualFloor)
    }
  }

  mutating func found(_ finding: WatermarkSearch.Finding, in seen: ClosedRange<Double>) {
    self.finding = finding
    self.seen = seen
    sum = nil
  }

  /// Frees what is no longer needed.
  mutating func close() { sum = nil }

  /// Equal parts of a clip, at least five seconds each, at most six; one part where the length is not known.
  static func windows(of duration: Double?) -> [ClipWindow] {
    guard let duration, duration.isFinite, duration > 0 else {
      return [ClipWindow(-Double.infinity..<Double.infinity)]
    }
    let count = min(6, max(1, Int(min(duration, 1e6) / 5)))
    return (0..<count).map { index in
      let (start, end) = (
        duration * Double(index) / Double(count), duration * Double(index + 1) / Double(count)
      )
      return ClipWindow(
        (index == 0 ? -Double.infinity : start)..<(index + 1 == count ? Double.infinity : end))
    }
  }
}
