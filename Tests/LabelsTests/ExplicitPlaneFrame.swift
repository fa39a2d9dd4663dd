import MediaCore

/// A frame in memory: planes of any model, depth and subsampling, rounded out to `unit` like a coder's blocks.
final class PlaneFrame: Frame {
  let size: PixelSize
  let orientation: Orientation
  let model: ColorModel
  let unit: PixelSize
  var planes: [SamplePlane]
  var alpha: SamplePlane?
  /// Whether a palette was asked to be given up, and then taken up again.
  private(set) var widenings = 0
  private(set) var narrowings = 0
  /// What a lossy coder does to the samples it stores.
  var quantise: (UInt16) -> UInt16 = { $0 }

  init(
    size: PixelSize, orientation: Orientation = .up, model: ColorModel, planes: [SamplePlane],
    alpha: SamplePlane? = nil, unit: PixelSize = PixelSize(width: 1, height: 1)
  ) {
    self.size = size
    self.orientation = orientation
    self.model = model
    self.planes = planes
    self.alpha = alpha
    self.unit = unit
  }

  func readRegion(_ rect: PixelRect) throws(MediaError) -> Region {
    let rect = rect.aligned(to: unit, within: size)
    return Region(
      rect: rect, model: model, planes: planes.map { cut($0, rect) }, alpha: alpha.map { cut($0, rect) })
  }

  func widen() { widenings += 1 }
  func narrow() { narrowings += 1 }

  @discardableResult func writeRegion(_ region: Region) throws(MediaError) -> PixelRect {
    for index in planes.indices { paste(region.planes[index], into: &planes[index], region.rect) }
    if let part = region.alpha, var whole = alpha {
      paste(part, into: &whole, region.rect)
      alpha = whole
    }
    return region.rect
  }

  private func cut(_ plane: SamplePlane, _ rect: PixelRect) -> SamplePlane {
    let place = place(rect, on: plane)
    var samples: [UInt16] = []
    samples.reserveCapacity(place.width * place.height)
    for y in place.y..<place.maxY {
      samples += plane.samples[y * plane.width + place.x..<y * plane.width + place.maxX]
    }
    return SamplePlane(
      width: place.width, height: place.height, horizontalSubsampling: plane.horizontalSubsampling,
      verticalSubsampling: plane.verticalSubsampling, maxValue: plane.maxValue, samples: samples)
  }

  private func paste(_ part: SamplePlane, into plane: inout SamplePlane, _ rect: PixelRect) {
    let place = place(rect, on: plane)
    precondition(part.width == place.width && part.height == place.height)
    for y in 0..<place.height {
      for x in 0..<place.width {
        plane.samples[(place.y + y) * plane.width + place.x + x] = quantise(part.samples[y * place.width + x])
      }
    }
  }

  private func place(_ rect: PixelRect, on plane: SamplePlane) -> PixelRect {
    let x = rect.x / plane.horizontalSubsampling
    let y = rect.y / plane.verticalSubsampling
    let right = min(plane.width, (rect.maxX + plane.horizontalSubsampling - 1) / plane.horizontalSubsampling)
    let bottom = min(plane.height, (rect.maxY + plane.verticalSubsampling - 1) / plane.verticalSubsampling)
    return PixelRect(x: x, y: y, width: right - x, height: bottom - y)
  }
}
