internal import MediaCore

/// A picture's luma as it is searched: reduced to a bounded number of pixels.
struct WorkingPlane {
  /// Pixels of the plane at most: more gains nothing but time.
  private static let pixels = 450_000.0
  /// Longest side of the plane.
  private static let longestSide = 1000.0
  /// Shortest side of a picture that holds a tile.
  static let shortestSide = 64

  let luma: LumaPlane
  /// Pixels of the plane for each of the picture.
  let scale: Double

  /// The luma of `frame`; nil for a picture smaller than a tile.
  init?(_ frame: any Frame) throws(MediaError) {
    let size = frame.size
    guard size.shortestSide >= Self.shortestSide else { return nil }
    let scale = min(
      1, (Self.pixels / Double(size.pixelCount)).squareRoot(),
      Self.longestSide / Double(max(size.width, size.height)))
    let target = (max(32, Int(Double(size.width) * scale)), max(32, Int(Double(size.height) * scale)))
    var reducer = LumaReducer(width: size.width, height: size.height, to: target)
    if let frame = frame as? any LumaFrame, frame.hasLuma {
      try frame.readLuma { reducer.add($0) }
    } else {
      try LumaBand.forEach(of: frame) { (region, luma) throws(MediaError) in
        for y in 0..<region.rect.height { reducer.add(luma + y * size.width, y: region.rect.y + y) }
      }
    }
    luma = reducer.plane
    self.scale = scale
  }
}
