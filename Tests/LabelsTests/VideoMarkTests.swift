import Foundation
import MediaCore
import Testing

@testable import Labels

/// What the embedder does to single frames of a video.
@Suite struct VideoMarkTests {
  private static let key = WatermarkKey(bytes: [UInt8](repeating: 9, count: WatermarkKey.byteCount))

  private func embedder() throws -> VideoWatermarkEmbedder {
    VideoWatermarkEmbedder(TileCode(try #require(Self.key)), WatermarkPayload(bits: 0x0123_4567_89AB_CDEF))
  }

  private func error(_ delta: [Int], _ maxValue: UInt16) -> Double {
    let unit = Double(maxValue) / 255
    return delta.reduce(0) { $0 + Double($1 * $1) } / Double(delta.count) / (unit * unit)
  }

  @Test(arguments: [UInt16(255), 1023]) func theMarkIsSteadyAndKeepsItsError(_ maxValue: UInt16) throws {
    let embedder = try embedder()
    var last: [Int]?
    var least = 0.0
    for index in 0..<18 {
      let frame = MovingFrame(index: index, maxValue: maxValue)
      let before = frame.samples
      _ = try embedder.embed(in: frame)
      let delta = zip(before, frame.samples).map { Int($1) - Int($0) }
      // 46 dB.
      #expect(error(delta, maxValue) < 255 * 255 / 39810.7)
      least = max(least, error(delta, maxValue))
      if let last {
        let change = error(zip(delta, last).map { $0 - $1 }, maxValue)
        // A tenth of the mark's power is 10 dB below it.
        #expect(change < 0.1 * error(delta, maxValue), "frame \(index)")
      }
      last = delta
    }
    #expect(least > 0.3)
  }

  @Test func aSceneAtRestKeepsItsMarkToTheLastBit() throws {
    let embedder = try embedder()
    var first: [Int]?
    for index in 0..<20 {
      // A camera's noise, another one in each frame, far from black and white.
      let frame = MovingFrame(width: 320, height: 192, maxValue: 255, time: Double(index) / 25) { x, y in
        100 + 30 * ((x / 24 + y / 24) % 2) + (x &* 2_654_435 ^ y &* 40_503 ^ index &* 77_003) % 9
      }
      let before = frame.samples
      _ = try embedder.embed(in: frame)
      let delta = zip(before, frame.samples).map { Int($1) - Int($0) }
      if let first { #expect(delta == first, "frame \(index)") }
      first = first ?? delta
    }
    #expect(try #require(first).contains { $0 != 0 })
  }

  /// More than what noise may do to a block changes its strength, a sixth at a time, never above the limit.
  @Test func strengthFollowsWhatLasts() {
    let old: [Float] = [1, 1, 1, 1]
    func approach(_ old: [Float], _ new: [Float], shares: [Float] = [1, 1, 1, 1]) -> [Float] {
      FrameStrength.approach(old, new, shares: shares, rounding: 0)
    }
    #expect(approach(old, [0.8, 1.2, 1.3, 0.9]) == old)
    #expect(approach(old, [0.8, 1.2, 1.3, 0.9], shares: [1, 0.9, 0.55, 0.5]) == [1, 1, 1.3 * 0.55, 0.45])
    let far = approach(old, [0.2, 1, 1.1, 1])
    #expect(far[0] < 0.9 && far[0] > 0.8 && far[1...] == [1, 1, 1])
    let limit = FrameStrength.largestError.squareRoot()
    let full = [Float](repeating: 0.99 * limit, count: 4)
    let next = approach(full, [5, 5, 0.1, 5])
    #expect(next.reduce(0) { $0 + $1 * $1 } / 4 <= limit * limit)
    #expect(next[2] < 0.9 * limit)
  }

  /// Hills of light that move on by four pixels a frame, beside texture that does and beside the same hills at rest with noise.
  @Test(arguments: [UInt16(255), 1023]) func smoothThingsInMotionHaveLessOfTheMark(_ maxValue: UInt16)
    throws
  {
    let embedder = try embedder()
    var (first, last): ([Int], [Int]) = ([], [])
    for index in 0..<4 {
      let frame = MovingFrame(width: 384, height: 192, maxValue: maxValue, time: Double(index) / 25) { x, y in
        let at = x + 4 * (x < 256 ? index : 0)
        let hills = 100 + Int(40 * sin(Double(at) / 20) + 20 * sin(Double(y) / 25))
        let grain = (at &* 2_654_435 ^ y &* 40_503 ^ (x < 256 ? 0 : index &* 77_003)) % (x < 256 ? 40 : 9)
        return x < 128 ? hills : hills + grain
      }
      let before = frame.samples
      _ = try embedder.embed(in: frame)
      last = zip(before, frame.samples).map { Int($1) - Int($0) }
      if index == 0 { first = last }
    }
    func power(_ delta: [Int], _ columns: Range<Int>) -> Double {
      delta.indices.reduce(0) { columns.contains($1 % 384) ? $0 + Double(delta[$1] * delta[$1]) : $0 }
    }
    let ratios = [0..<112, 144..<240, 272..<384].map { (power(last, $0) / power(first, $0)).squareRoot() }
    #expect(ratios[0] > 0.65 && ratios[0] < 0.85)
    #expect(ratios[1] > 0.95 && ratios[2] > 0.95)
  }

  /// Hills that move by `speed` pixels a frame, with a cut to darker ones in front of frame 14.
  @Test(arguments: [(4, 0, true), (0, 0, false), (4, 40, false)])
  func whatMovesAsAWholeAndHidesNothingIsPredictedForward(_ speed: Int, _ grain: Int, _ isForward: Bool)
    throws
  {
    let embedder = try embedder()
    let kinds = try (0..<20).map { index in
      let frame = MovingFrame(width: 320, height: 192, maxValue: 255, time: Double(index) / 25) { x, y in
        let at = x + speed * index
        let hills = 160 + Int(40 * sin(Double(at) / 20) + 20 * sin(Double(y) / 25))
        return (index < 14 ? hills : hills - 100) + (grain > 0 ? (at &* 2_654_435 ^ y &* 40_503) % grain : 0)
      }
      _ = try embedder.embed(in: frame)
      return frame.isForward
    }
    // The first two frames of a scene tell what moves.
    #expect(kinds == (0..<20).map { isForward && $0 % 14 > 1 })
  }

  /// Copies are scaled to a height, whatever their shape; so are cells, by a quarter of the area's at most.
  @Test(arguments: [360, 720, 1080, 1280]) func cellsFollowTheHeightOfWhatIsNotWide(_ height: Int) {
    for width in VideoTiles.Width.allCases {
      func eighths(_ aspect: Double) -> Double {
        Double(VideoTiles.eighths(width, across: aspect * Double(height), down: Double(height)))
      }
      #expect(eighths(4.0 / 3) == eighths(16.0 / 9))
      for (aspect, factor) in [(9.0 / 16, 1.25), (1, 1.25), (16.0 / 9, 1), (2.35, 1)] {
        let side = 8 * aspect.squareRoot() * Double(height) / (width == .wide ? 260 : 400)
        #expect(abs(eighths(aspect) - max(8, factor * side)) <= 1)
      }
    }
  }

  @Test(arguments: [UInt16(255), 1023]) func marksEndAtBlackAndWhite(_ maxValue: UInt16) throws {
    let frame = MovingFrame(width: 331, height: 192, maxValue: maxValue) { x, y in (x / 3 + y) % 256 }
    let code = TileCode(try #require(Self.key))
    let payload = WatermarkPayload(bits: 77)
    var mark: MarkPlane?
    try frame.readLuma {
      let map = BlockActivity($0, side: 8)
      mark = MarkPlane(
        TilePattern(code, payload, eighths: 8), TileSigns(code, TileCode.pattern(of: payload)),
        gain: map.mean.map { _ in 60 }, map: map, width: 331, height: 192, maxValue: maxValue)
    }
    let plane = try #require(mark)
    let expected = zip(frame.samples, plane.values).map {
      UInt16(min(max(Int($0) + Int($1), 0), Int(maxValue)))
    }
    try frame.editLuma { plane.add(to: $0) }
    #expect(frame.samples == expected)
    #expect(expected.contains(0) && expected.contains(maxValue))
  }

  @Test func whereStepsHoldMoreLightTheMarkTakesFewer() throws {
    func error(contrast: Float) throws -> Double {
      let frame = MovingFrame(index: 0, maxValue: 1023)
      frame.contrast = contrast
      let before = frame.samples
      _ = try embedder().embed(in: frame)
      return self.error(zip(before, frame.samples).map { Int($1) - Int($0) }, 1023)
    }
    let ratio = try error(contrast: 1) / error(contrast: 2)
    #expect(abs(ratio - 4) < 0.4)
  }

  @Test func aCutTakesANewStrengthAtOnce() throws {
    let embedder = try embedder()
    let first = MovingFrame(index: 0, maxValue: 255)
    _ = try embedder.embed(in: first)
    let second = MovingFrame(index: 1, maxValue: 255, isInverted: true)
    let alone = MovingFrame(index: 1, maxValue: 255, isInverted: true)
    _ = try embedder.embed(in: second)
    _ = try self.embedder().embed(in: alone)
    #expect(second.samples == alone.samples)
  }

  @Test func beginningAnewGivesTheSame() throws {
    let embedder = try embedder()
    let first = MovingFrame(index: 0, maxValue: 255)
    _ = try embedder.embed(in: first)
    for index in 1..<10 { _ = try embedder.embed(in: MovingFrame(index: index, maxValue: 255)) }
    let again = MovingFrame(index: 0, maxValue: 255)
    _ = try embedder.embed(in: again)
    #expect(again.samples == first.samples)
  }

  @Test(arguments: [UInt16(255), 1023]) func thePlaneIsThePatternTimesTheGain(_ maxValue: UInt16) throws {
    let frame = MovingFrame(index: 0, maxValue: maxValue)
    let code = TileCode(try #require(Self.key))
    let payload = WatermarkPayload(bits: 77)
    let pattern = TilePattern(code, payload, eighths: 8)
    let signs = TileSigns(code, TileCode.pattern(of: payload))
    var plane: MarkPlane?
    var map: BlockActivity?
    try frame.readLuma { map = BlockActivity($0, side: 8) }
    let blocks = try #require(map)
    let gain = blocks.mean.indices.map { 0.5 + Float($0 % 5) / 4 }
    plane = MarkPlane(
      pattern, signs, gain: gain, map: blocks, width: frame.size.width, height: frame.size.height,
      maxValue: maxValue)
    let mark = try #require(plane)
    func between(_ x: Int, _ y: Int) -> Double {
      func place(_ pixel: Int, _ count: Int) -> (Int, Int, Double) {
        let at = min(max((Double(pixel) + 0.5) / 8 - 0.5, 0), Double(count - 1))
        let first = min(Int(at), max(0, count - 2))
        return (first, min(first + 1, count - 1), at - Double(first))
      }
      let (x0, x1, u) = place(x, blocks.columns)
      let (y0, y1, v) = place(y, blocks.rows)
      func value(_ x: Int, _ y: Int) -> Double { Double(gain[y * blocks.columns + x]) }
      return (value(x0, y0) * (1 - u) + value(x1, y0) * u) * (1 - v)
        + (value(x0, y1) * (1 - u) + value(x1, y1) * u) * v
    }
    var worst = 0.0
    for y in stride(from: 0, to: frame.size.height, by: 7) {
      for x in stride(from: 0, to: frame.size.width, by: 5) {
        let tile = signs.isInverted(x / 64, y / 64) ? pattern.minus : pattern.plus
        let exact = Double(tile[y % 64 * 64 + x % 64]) * between(x, y) * Double(maxValue) / 255
        worst = max(worst, abs(exact - Double(mark.values[y * frame.size.width + x])))
      }
    }
    #expect(worst < 0.502)
  }

  @Test func blocksAreMeasuredAboutAPlane() throws {
    // A slope alone counts as flat; its mean is that of the samples.
    let frame = MovingFrame(width: 160, height: 128, maxValue: 255) { x, y in 40 + x / 2 + y / 4 }
    try frame.readLuma { samples in
      let map = BlockActivity(samples, side: 16)
      #expect(map.columns == 10 && map.rows == 8)
      #expect(map.busy.allSatisfy { $0 < 0.6 })
      #expect(abs(map.mean[0] - 45.25) < 1)
    }
  }

  static let clips: [(duration: Double?, spacing: Double)] = [
    (nil, 0.4), (9.9, 2), (12, 1.3), (12, 100), (601, 30),
  ]

  /// Whatever points a clip can be decoded from, a search ends, and asks for frames in front of the end of each window.
  @Test(arguments: clips) func aSearchEnds(_ duration: Double?, _ spacing: Double) throws {
    let detector = VideoWatermarkDetector([], WatermarkSearch([]), duration: duration)
    let end = duration ?? 4
    func look(_ sampling: FrameSampling) throws {
      let step = sampling.keyFramesOnly ? spacing : 0.5
      var (last, count) = (-Double.infinity, 0)
      for time in stride(from: 0, to: end, by: step)
      where sampling.spans.contains(time) && time - last >= sampling.interval && count < sampling.limit {
        (last, count) = (time, count + 1)
        try detector.observe(MovingFrame(width: 96, height: 64, maxValue: 255, time: time) { x, y in x + y })
      }
    }
    try look(FrameSampling(FrameSpans([-Double.infinity..<2]), every: 0.9))
    var rounds = 0
    while let sampling = try detector.nextSampling(), rounds < 100 {
      try look(sampling)
      rounds += 1
    }
    #expect(rounds <= 13)
    #expect(try detector.finish().isEmpty)
  }

  @Test(arguments: [(nil, 1), (3.0, 1), (9.9, 1), (10, 2), (26, 5), (36000, 6)] as [(Double?, Int)])
  func windowsCoverAClip(_ duration: Double?, _ count: Int) {
    let windows = ClipWindow.windows(of: duration)
    #expect(windows.count == count)
    for time in [-1.0, 0, 4.99, 5, 9.99, 10, 1e5] {
      #expect(windows.filter { $0.range.contains(time) }.count == 1)
    }
  }
}

/// A textured picture that moves on by a pixel a frame.
final class MovingFrame: LumaFrame {
  let size: PixelSize
  let orientation = Orientation.up
  let time: Double
  let hasLuma = true
  var samples: [UInt16]
  var contrast: Float = 1
  private(set) var isForward = false
  private let maxValue: UInt16

  convenience init(index: Int, maxValue: UInt16, isInverted: Bool = false) {
    self.init(width: 320, height: 192, maxValue: maxValue, time: Double(index) / 25) { x, y in
      let at = x + index
      let value = 110 + 30 * (((at / 24) + (y / 24)) % 2) + (at &* 2_654_435 ^ y &* 40_503) % 17
      return isInverted ? 255 - value : value
    }
  }

  init(width: Int, height: Int, maxValue: UInt16, time: Double = 0, _ value: (Int, Int) -> Int) {
    size = PixelSize(width: width, height: height)
    self.maxValue = maxValue
    self.time = time
    let unit = (Int(maxValue) + 1) / 256
    samples = (0..<width * height).map { UInt16(value($0 % width, $0 / width) * unit) }
  }

  func readLuma(_ body: (LumaSamples) -> Void) throws(MediaError) { withSamples(body) }
  func editLuma(_ body: (LumaSamples) -> Void) throws(MediaError) { withSamples(body) }
  func predictForward() { isForward = true }

  private func withSamples(_ body: (LumaSamples) -> Void) {
    if maxValue > 255 {
      samples.withUnsafeMutableBytes { bytes in
        guard let base = bytes.baseAddress else { return }
        body(
          LumaSamples(
            width: size.width, height: size.height, maxValue: maxValue, base: base, stride: 2 * size.width,
            contrast: contrast))
      }
      return
    }
    var narrow = samples.map { UInt8(truncatingIfNeeded: $0) }
    narrow.withUnsafeMutableBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      body(LumaSamples(width: size.width, height: size.height, maxValue: 255, base: base, stride: size.width))
    }
    samples = narrow.map { UInt16($0) }
  }

  func readRegion(_ rect: PixelRect) throws(MediaError) -> Region {
    throw MediaError(.internalFault, .label, "luma alone is read")
  }
  func writeRegion(_ region: Region) throws(MediaError) -> PixelRect {
    throw MediaError(.internalFault, .label, "luma alone is written")
  }
}
