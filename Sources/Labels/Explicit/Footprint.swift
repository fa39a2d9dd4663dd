internal import MediaCore

/// Means over the pixels that a sample of a subsampled plane covers.
enum Footprint {
  /// The means of `values` (one a pixel, `size`) times `scale`, one for each sample of `plane`.
  static func mean(_ values: [UInt8], _ size: PixelSize, over plane: SamplePlane, scale: Float) -> [Float] {
    if plane.width == size.width, plane.height == size.height { return values.map { Float($0) * scale } }
    return means(size, over: plane) { Float(values[$0]) }.map { $0 * scale }
  }

  /// The opacity 0 … 1 under each sample of `plane`.
  static func mean(_ alpha: SamplePlane, over plane: SamplePlane) -> [Float] {
    let scale = 1 / Float(max(alpha.maxValue, 1))
    if alpha.width == plane.width, alpha.height == plane.height {
      return alpha.samples.map { Float($0) * scale }
    }
    let size = PixelSize(width: alpha.width, height: alpha.height)
    return means(size, over: plane) { Float(alpha.samples[$0]) }.map { $0 * scale }
  }

  private static func means(
    _ size: PixelSize, over plane: SamplePlane, _ value: (Int) -> Float
  ) -> [Float] {
    var result = [Float](repeating: 0, count: plane.width * plane.height)
    for j in 0..<plane.height {
      let top = j * plane.verticalSubsampling
      let bottom = min(size.height, top + plane.verticalSubsampling)
      guard top < bottom else { break }
      for i in 0..<plane.width {
        let left = i * plane.horizontalSubsampling
        let right = min(size.width, left + plane.horizontalSubsampling)
        guard left < right else { break }
        var sum: Float = 0
        for y in top..<bottom { for x in left..<right { sum += value(y * size.width + x) } }
        result[j * plane.width + i] = sum / Float((bottom - top) * (right - left))
      }
    }
    return result
  }
}
