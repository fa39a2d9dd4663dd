internal import MediaCore

/// The luma of a picture read from top to bottom: BT.601 of the stored values, 0 … 255, on white where it is not opaque.
enum LumaBand {
  /// Rows read at a time: whole blocks of any codec.
  static let rows = 64

  /// Calls `body` with each band of rows, its region and its luma, row by row.
  static func forEach(
    of frame: any Frame, _ body: (Region, UnsafePointer<Float>) throws(MediaError) -> Void
  ) throws(MediaError) {
    let size = frame.size
    var luma = [Float](repeating: 0, count: size.width * min(rows, size.height))
    for y in stride(from: 0, to: size.height, by: rows) {
      let rect = PixelRect(x: 0, y: y, width: size.width, height: min(rows, size.height - y))
      let region = try frame.readRegion(rect)
      guard region.rect == rect else {
        throw MediaError(.internalFault, .label, "rows \(rect) of the picture were read as \(region.rect)")
      }
      var failure: MediaError?
      luma.withUnsafeMutableBufferPointer { luma in
        guard let base = luma.baseAddress else { return }
        read(region, into: base)
        do throws(MediaError) { try body(region, base) } catch { failure = error }
      }
      if let failure { throw failure }
    }
  }

  /// The luma of `region` into `luma`, one float a pixel.
  static func read(_ region: Region, into luma: UnsafeMutablePointer<Float>) {
    let count = region.rect.width * region.rect.height
    let scale = 255 / Float(max(1, region.planes[0].maxValue))
    let isWhole = region.planes[0].samples.count == count
    switch region.model {
    case .gray where region.alpha == nil && isWhole, .ycbcr where region.alpha == nil && isWhole:
      region.planes[0].samples.withUnsafeBufferPointer { samples in
        for index in 0..<count { luma[index] = Float(samples[index]) * scale }
      }
    case .rgb where region.alpha == nil:
      let (r, g, b) = (0.299 * scale, 0.587 * scale, 0.114 * scale)
      region.planes[0].samples.withUnsafeBufferPointer { red in
        region.planes[1].samples.withUnsafeBufferPointer { green in
          region.planes[2].samples.withUnsafeBufferPointer { blue in
            for index in 0..<count {
              luma[index] = r * Float(red[index]) + g * Float(green[index]) + b * Float(blue[index])
            }
          }
        }
      }
    default:
      let tones = DisplayedTone.luma(region)
      for index in 0..<count { luma[index] = 255 * tones[index] }
    }
  }
}
