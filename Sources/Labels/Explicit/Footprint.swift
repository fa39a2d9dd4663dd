internal import CSignal
internal import MediaCore

/// Means over the pixels that a sample of a subsampled plane covers.
enum Footprint {
  /// The means of `values` (one a pixel, `size`) times `scale`, one for each sample of `plane`.
  static func mean(_ values: [UInt8], _ size: PixelSize, over plane: SamplePlane, scale: Float) -> [Float] {
    if plane.width == size.width, plane.height == size.height {
      return [Float](unsafeUninitializedCapacity: values.count) { result, count in
        count = values.count
        if let target = result.baseAddress { tm_scale_bytes(values, Int32(count), scale, target) }
      }
    }
    let isQuarter = plane.horizontalSubsampling == 2 && plane.verticalSubsampling == 2
    if isQuarter, size.width == 2 * plane.width, size.height == 2 * plane.height {
      return quarter(values, size, scale: scale / 4)
    }
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

  /// Sums of two by two values, times `scale`: 4:2:0 without a rest, which nearly every picture is.
  private static func quarter(_ values: [UInt8], _ size: PixelSize, scale: Float) -> [Float] {
    let (columns, rows) = (size.width / 2, size.height / 2)
    return [Float](unsafeUninitializedCapacity: columns * rows) { result, count in
      count = columns * rows
      values.withUnsafeBufferPointer { values in
        guard let source = values.baseAddress, let target = result.baseAddress else { return }
        for row in 0..<rows {
          let top = source + 2 * row * size.width
          tm_scale_quarters(top, top + size.width, Int32(columns), scale, target + row * columns)
        }
      }
    }
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
