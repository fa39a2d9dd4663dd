internal import MediaCore

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Adds the tiles of the image watermark to the luma of the frames of a video, the same in all of them. Where they stand
/// never moves; how strong they are follows the picture slowly, and at once only where a cut hides it.
final class VideoWatermarkEmbedder: FrameEmbedder {
  private let code: TileCode
  private let payload: WatermarkPayload
  private let signs: TileSigns
  private var tiles: TilePattern?
  /// The first frame decides for all.
  private var width: VideoTiles.Width?
  private var drawn: Drawn?
  private var largestError = 0.0
  private var isPresent: Bool?

  /// The mark that is being added.
  private struct Drawn {
    var mark: MarkPlane
    var gain: [Float]
    var motion: BlockMotion
    var time: Double
    /// Frames since the gain was last looked at, and after how many it is again.
    var age = 0
    var patience = VideoWatermarkEmbedder.waiting
  }

  /// Frames for which a gain is kept: in a new scene, whose motion its first frame does not tell, and further on.
  private static let waiting = 2
  private static let renewal = 8

  /// No frame is looked at for a payload that `isNew`.
  init(_ code: TileCode, _ payload: WatermarkPayload, isNew: Bool = false) {
    self.code = code
    self.payload = payload
    if isNew { isPresent = false }
    signs = TileSigns(code, TileCode.pattern(of: payload))
  }

  var takesAllCodedFrames: Bool { true }

  var total: Embedding? {
    guard largestError > 0 || isPresent == true else { return nil }
    var embedding = Embedding(box: PixelRect(x: 0, y: 0, width: 0, height: 0), textHeight: 0, text: "")
    embedding.fields = [.init("payload", payload.description)]
    if isPresent == true {
      embedding.fields.append(.init("present", "true"))
    } else {
      embedding.fields.append(.init("psnr", number: 10 * log10(255 * 255 / largestError), digits: 2))
    }
    return embedding
  }

  func embed(in frame: any Frame) throws(MediaError) -> Embedding {
    guard frame.size.shortestSide >= ImageWatermarkEmbedder.shortestSide else {
      throw MediaError(
        .insufficientCapacity, .label,
        "pictures of \(frame.size) are too small for the watermark, which takes "
          + "\(ImageWatermarkEmbedder.shortestSide) pixels each way")
    }
    guard let frame = frame as? any LumaFrame, frame.hasLuma else {
      throw MediaError(.insufficientCapacity, .label, "pictures without a luma plane are not watermarked")
    }
    if isPresent == nil { isPresent = try VideoMarkPresence(code, payload).isSeen(in: frame) }
    if isPresent == false {
      try prepare(for: frame)
      guard let mark = drawn?.mark else { throw MediaError(.internalFault, .label, "no mark was drawn") }
      try frame.editLuma { mark.add(to: $0) }
      if drawn?.motion.isEverywhere == true { frame.predictForward() }
      largestError = max(largestError, mark.meanSquare)
    }
    var embedding =
      total ?? Embedding(box: PixelRect(x: 0, y: 0, width: 0, height: 0), textHeight: 0, text: "")
    embedding.box = PixelRect(x: 0, y: 0, width: frame.size.width, height: frame.size.height)
    return embedding
  }

  /// Draws the mark for `frame`, or keeps that of the frames before it.
  private func prepare(for frame: any LumaFrame) throws(MediaError) {
    let time = frame.time
    try frame.readLuma { samples in
      guard var last = drawn, last.time < time, last.mark.width == samples.width,
        last.mark.height == samples.height
      else {
        drawn = draw(samples, time, nil)
        return
      }
      // Of the frame's samples one copy is enough.
      drawn = nil
      last.motion.follow(samples)
      (last.time, last.age) = (time, last.age + 1)
      if last.motion.isCut {
        drawn = draw(samples, time, last.motion)
      } else {
        drawn = last.age < last.patience ? last : draw(samples, time, last.motion, after: last)
      }
    }
  }

  /// Behind `last` of the same scene, or anew.
  private func draw(
    _ samples: LumaSamples, _ time: Double, _ motion: BlockMotion?, after last: Drawn? = nil
  ) -> Drawn {
    let size = PixelSize(width: samples.width, height: samples.height)
    let map = BlockActivity(samples, side: size.shortestSide < 600 ? 8 : 16)
    let width = width ?? VideoTiles.Width(map)
    self.width = width
    let rounding: Float = samples.isWide ? 0 : 1.0 / 12
    var gain = FrameStrength(map, rounding: rounding).gain
    var motion = motion ?? BlockMotion(samples, side: map.side)
    if let last {
      gain = FrameStrength.approach(last.gain, gain, shares: motion.settle(map), rounding: rounding)
    }
    motion.restart()
    let mark =
      last.flatMap { $0.gain == gain ? $0.mark : nil }
      ?? MarkPlane(
        pattern(width, size), signs, gain: gain.map { $0 / samples.contrast }, map: map, width: size.width,
        height: size.height, maxValue: samples.maxValue)
    return Drawn(
      mark: mark, gain: gain, motion: motion, time: time, patience: last == nil ? Self.waiting : Self.renewal)
  }

  private func pattern(_ width: VideoTiles.Width, _ size: PixelSize) -> TilePattern {
    let eighths = VideoTiles.eighths(width, of: size)
    if let tiles, tiles.side == 8 * eighths { return tiles }
    let made = TilePattern(code, payload, eighths: eighths)
    tiles = made
    return made
  }
}
