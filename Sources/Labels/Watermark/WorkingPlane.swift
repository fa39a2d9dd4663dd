internal import MediaCore

/// A picture's luma as it is searched: reduced to a bounded number of pixels.
struct WorkingPlane {
  /// Pixels of the plane at most: more gains nothing but time.
  static let pixels = 450_000.0
  /// Longest side of the plane.
  private static let longestSide = 1000.0
  /// Shortest side of a picture that holds a tile.
  static let shortestSide = 64

  let luma: LumaPlane
  /// Pixels of the plane for each of the picture.
  let scale: Double

  /// The luma of `frame`, reduced to `pixels` at most; nil for a picture smaller than a tile.
  init?(_ frame: any Frame, pixels: Double = pixels) throws(MediaError) {
    let size = frame.size
    guard size.shortestSide >= Self.shortestSide else { return nil }
    let scale = Self.scale(for: size, pixels)
    let target = (max(32, Int(Double(size.width) * scale)), max(32, Int(Double(size.height) * scale)))
    if let frame = frame as? any CoefficientFrame, let grid = frame.lumaGrid {
      // Blocks are shown at half their size where less than that is wanted.
      let samples = scale <= 0.5 ? 4 : 8
      let source = PixelSize(width: size.width * samples / 8, height: size.height * samples / 8)
      var reducer = LumaReducer(width: source.width, height: source.height, to: target)
      try BlockLuma.forEachBand(
        of: frame, grid, samples: samples, visit: { _, _, _ in },
        line: { y, luma in if y < source.height { reducer.add(luma, y: y) } })
      luma = reducer.plane
    } else {
      var reducer = LumaReducer(width: size.width, height: size.height, to: target)
      if let frame = frame as? any LumaFrame, frame.hasLuma {
        try frame.readLuma { reducer.add($0) }
      } else {
        try LumaRows.forEach(of: frame) { y, luma in reducer.add(luma, y: y) }
      }
      luma = reducer.plane
    }
    self.scale = scale
  }

  /// Blue less luma of `frame`, at half the scale, for what carries it has cells twice as wide; nil for a picture smaller than a
  /// tile, and one without colours.
  init?(bluenessOf frame: any Frame) throws(MediaError) {
    let size = frame.size
    guard size.shortestSide >= BlueMark.reduction * Self.shortestSide else { return nil }
    let scale = Self.scale(for: size, Self.pixels) / Double(BlueMark.reduction)
    let target = (max(32, Int(Double(size.width) * scale)), max(32, Int(Double(size.height) * scale)))
    var reducer = LumaReducer(width: size.width, height: size.height, to: target)
    var isColoured = false
    try BluenessRows.forEach(of: frame) { y, row in
      isColoured = true
      reducer.add(row, y: y)
    }
    guard isColoured else { return nil }
    luma = reducer.plane
    self.scale = scale
  }

  private static func scale(for size: PixelSize, _ pixels: Double) -> Double {
    min(
      1, (pixels / Double(size.pixelCount)).squareRoot(),
      longestSide / Double(max(size.width, size.height)))
  }
}
