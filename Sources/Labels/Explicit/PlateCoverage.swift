internal import MediaCore

/// How much of each stored pixel plate and ink cover, over the rectangle of a region.
struct PlateCoverage {
  let width: Int
  let height: Int
  /// Coverage of the rounded plate, 0 … 255.
  var plate: [UInt8]
  /// Coverage of the text, with the plate's hairline at a fraction of it.
  var ink: [UInt8]

  /// How strongly the hairline is drawn, of 255: it sets the plate off a ground of its own tone.
  private static let hairline = 56.0

  /// The layout's shapes in stored coordinates over `rect`, which holds the plate's stored rectangle.
  init(_ layout: LabelLayout, mask: TextMask, orientation: Orientation, over rect: PixelRect) {
    width = rect.width
    height = rect.height
    plate = [UInt8](repeating: 0, count: width * height)
    ink = plate
    let stored = orientation.storedRect(displayed: layout.plate, display: layout.display)
    drawPlate(at: (stored.x - rect.x, stored.y - rect.y), size: stored.size, layout)
    drawText(layout, mask, orientation, over: rect)
  }

  /// At one or two bits a sample there is nothing between covered and not.
  mutating func threshold() {
    for index in plate.indices {
      plate[index] = plate[index] >= 128 ? 255 : 0
      ink[index] = ink[index] >= 128 ? 255 : 0
    }
  }

  /// A rounded rectangle is its own mirror image, so it is drawn in stored coordinates as it is.
  private mutating func drawPlate(at origin: (x: Int, y: Int), size: PixelSize, _ layout: LabelLayout) {
    let radius = layout.radius
    let line = max(1.0, Double(layout.ink.height) / 32)
    let half = (x: Double(size.width) / 2, y: Double(size.height) / 2)
    for y in 0..<size.height {
      let dy = abs(Double(y) + 0.5 - half.y) - (half.y - radius)
      for x in 0..<size.width {
        let dx = abs(Double(x) + 0.5 - half.x) - (half.x - radius)
        // Signed distance to the outline, negative inside; half a pixel either side is the soft edge.
        let corner = max(dx, 0) * max(dx, 0) + max(dy, 0) * max(dy, 0)
        let distance = min(max(dx, dy), 0) + corner.squareRoot() - radius
        guard distance < 0.5 else { continue }
        let inside = min(max(0.5 - distance, 0), 1)
        let stroke = inside - min(max(0.5 - distance - line, 0), 1)
        let index = (origin.y + y) * width + origin.x + x
        plate[index] = UInt8(inside * 255 + 0.5)
        ink[index] = UInt8(stroke * Self.hairline + 0.5)
      }
    }
  }

  private mutating func drawText(
    _ layout: LabelLayout, _ mask: TextMask, _ orientation: Orientation, over rect: PixelRect
  ) {
    func offset(_ x: Int, _ y: Int) -> Int {
      let point = orientation.storedPoint(
        displayX: layout.ink.x + x, y: layout.ink.y + y, display: layout.display)
      return (point.y - rect.y) * width + point.x - rect.x
    }
    // An orientation is linear: one step to the right and one down say where every pixel goes.
    let start = offset(0, 0)
    let right = offset(1, 0) - start
    let down = offset(0, 1) - start
    for y in 0..<mask.height {
      for x in 0..<mask.width where mask.coverage[y * mask.width + x] > 0 {
        let index = start + x * right + y * down
        ink[index] = max(ink[index], mask.coverage[y * mask.width + x])
      }
    }
  }
}

extension PlateCoverage {
  /// The least difference, of the whole range, between the mean tone of ink and of plate where a label is: a contrast
  /// of 4.5 is twice that at its smallest.
  private static let leastDifference = 0.12

  /// A quick look whether the label may be in `region` already, by one plane that carries most of the tone.
  func mayShow(_ region: Region) -> Bool {
    let plane = region.planes[region.model == .rgb ? 1 : 0]
    guard plane.width == width, plane.height == height else { return true }
    if case .cmyk = region.model { return true }
    if case .ycck = region.model { return true }
    var sums = (ink: 0, plate: 0)
    var counts = (ink: 0, plate: 0)
    for index in plane.samples.indices where plate[index] == 255 {
      if ink[index] >= 200 {
        sums.ink += Int(plane.samples[index])
        counts.ink += 1
      } else if ink[index] == 0 {
        sums.plate += Int(plane.samples[index])
        counts.plate += 1
      }
    }
    guard counts.ink > 0, counts.plate > 0 else { return true }
    let difference = Double(sums.ink) / Double(counts.ink) - Double(sums.plate) / Double(counts.plate)
    return abs(difference) >= Self.leastDifference * Double(plane.maxValue)
  }
}
