internal import CImageIO
internal import MediaCore

/// One component's blocks in the coefficient arrays.
struct JPEGComponent {
  let index: Int
  /// Image pixels that a sample spans.
  let horizontalSubsampling: Int
  let verticalSubsampling: Int
  /// Samples that show the picture.
  let width: Int
  let height: Int
  let steps: [Float]

  /// Throws `unsupported` when a sample spans no whole number of pixels.
  init(_ index: Int, _ component: tm_jpeg_component, of header: JPEGHeader) throws(MediaError) {
    let (h, v) = (Int(component.horizontal), Int(component.vertical))
    let (largestH, largestV) = (header.largestHorizontal, header.largestVertical)
    guard h > 0, v > 0, largestH % h == 0, largestV % v == 0 else {
      throw MediaError(
        .unsupported, .decode,
        "component \(index + 1) is sampled \(h)x\(v) of \(largestH)x\(largestV), so its samples span no whole number of"
          + " pixels; convert the file to 4:4:4 or 4:2:0")
    }
    self.index = index
    horizontalSubsampling = largestH / h
    verticalSubsampling = largestV / v
    width = (header.size.width * h + largestH - 1) / largestH
    height = (header.size.height * v + largestV - 1) / largestV
    var component = component
    steps = withUnsafeBytes(of: &component.quantization) { raw in
      raw.bindMemory(to: UInt16.self).map { Float(max(1, $0)) }
    }
  }

  /// The samples that `rect` (stored pixels, aligned to subsampling) covers.
  func samples(in rect: PixelRect) -> PixelRect {
    let x = rect.x / horizontalSubsampling
    let y = rect.y / verticalSubsampling
    let right = min(width, (rect.maxX + horizontalSubsampling - 1) / horizontalSubsampling)
    let bottom = min(height, (rect.maxY + verticalSubsampling - 1) / verticalSubsampling)
    return PixelRect(x: x, y: y, width: max(0, right - x), height: max(0, bottom - y))
  }

  /// The pixels outside of which no decoder shows a change of the block at (`column`, `row`): chroma is interpolated
  /// from the samples next to it.
  func pixels(ofBlock column: Int, _ row: Int, within bounds: PixelSize) -> PixelRect {
    let (h, v) = (horizontalSubsampling, verticalSubsampling)
    let (marginX, marginY) = (h > 1 ? h : 0, v > 1 ? v : 0)
    return PixelRect(
      x: column * 8 * h - marginX, y: row * 8 * v - marginY, width: 8 * h + 2 * marginX,
      height: 8 * v + 2 * marginY
    ).intersection(PixelRect(x: 0, y: 0, width: bounds.width, height: bounds.height))
  }
}
