internal import MediaCore
internal import Synchronization

/// How much of each stored pixel plate and ink cover, over the rectangle of a region.
struct PlateCoverage {
  let width: Int
  let height: Int
  /// Coverage of the rounded plate, 0 … 255.
  private(set) var plate: [UInt8]
  /// Coverage of the text, with the plate's hairline at a fraction of it.
  private(set) var ink: [UInt8]
  /// Which of `Part` each pixel belongs to.
  private(set) var parts: [UInt8] = []

  /// What is compared of a label: pixels that ink covers fully and those of the plate alone. Small print has no fully covered pixel; its strongest ones are
  /// what carries the strokes then.
  enum Part: UInt8 {
    case ink, plate, neither
  }

  /// How strongly the hairline is drawn, of 255: it sets the plate off a ground of its own tone.
  private static let hairline = 56.0

  /// What `init` makes of the same, kept from the last picture: those of a run mostly are of one size and have one text.
  static func of(
    _ layout: LabelLayout, mask: TextMask, orientation: Orientation, over rect: PixelRect
  ) -> PlateCoverage {
    let key = Key(layout: layout, mask: mask, orientation: orientation, rect: rect)
    if let coverage = last.withLock({ $0?.key == key ? $0?.coverage : nil }) { return coverage }
    let coverage = PlateCoverage(layout, mask: mask, orientation: orientation, over: rect)
    last.withLock { $0 = (key, coverage) }
    return coverage
  }

  private struct Key: Equatable {
    let layout: LabelLayout
    let mask: TextMask
    let orientation: Orientation
    let rect: PixelRect
  }

  private static let last = Mutex<(key: Key, coverage: PlateCoverage)?>(nil)

  /// The layout's shapes in stored coordinates over `rect`, which holds the plate's stored rectangle.
  init(_ layout: LabelLayout, mask: TextMask, orientation: Orientation, over rect: PixelRect) {
    width = rect.width
    height = rect.height
    plate = [UInt8](repeating: 0, count: width * height)
    ink = plate
    let stored = orientation.storedRect(displayed: layout.plate, display: layout.display)
    drawPlate(at: (stored.x - rect.x, stored.y - rect.y), size: stored.size, layout)
    drawText(layout, mask, orientation, over: rect)
    setParts()
  }

  private mutating func setParts() {
    let strongest = ink.max() ?? 0
    let core = strongest - strongest / 16
    parts = zip(plate, ink).map { plate, ink in
      (plate < 255 ? Part.neither : ink >= core ? .ink : ink == 0 ? .plate : .neither).rawValue
    }
  }

  /// The parts in the rows of `window` of what covers `whole`; both have the same columns.
  func parts(_ window: PixelRect, of whole: PixelRect) -> ArraySlice<UInt8> {
    precondition(window.x == whole.x && window.width == whole.width, "a window has all columns")
    return parts[(window.y - whole.y) * width..<(window.maxY - whole.y) * width]
  }

  /// At one or two bits a sample there is nothing between covered and not.
  mutating func threshold() {
    for index in plate.indices {
      plate[index] = plate[index] >= 128 ? 255 : 0
      ink[index] = ink[index] >= 128 ? 255 : 0
    }
    setParts()
  }

  /// A rounded rectangle is its own mirror image, so it is drawn in stored coordinates as it is.
  private mutating func drawPlate(at origin: (x: Int, y: Int), size: PixelSize, _ layout: LabelLayout) {
    let radius = layout.radius
    let line = max(1.0, Double(layout.ink.height) / 32)
    // Away from corners and outline the plate is whole: only the rest needs the distance.
    let margin = Int((radius + line).rounded(.up)) + 1
    for y in 0..<size.height {
      let isBetween = y >= Int(line) + 2 && y < size.height - Int(line) - 2
      let isMiddle = y >= margin && y < size.height - margin
      let rim = isMiddle ? Int(line) + 2 : margin
      let row = (origin.y + y) * width + origin.x
      if isBetween, size.width > 2 * rim {
        for index in row + rim..<row + size.width - rim { plate[index] = 255 }
        for x in 0..<rim { drawPixel(x, y, of: size, radius: radius, line: line, at: row + x) }
        for x in size.width - rim..<size.width {
          drawPixel(x, y, of: size, radius: radius, line: line, at: row + x)
        }
      } else {
        for x in 0..<size.width { drawPixel(x, y, of: size, radius: radius, line: line, at: row + x) }
      }
    }
  }

  private mutating func drawPixel(
    _ x: Int, _ y: Int, of size: PixelSize, radius: Double, line: Double, at index: Int
  ) {
    let half = (x: Double(size.width) / 2, y: Double(size.height) / 2)
    let dx = abs(Double(x) + 0.5 - half.x) - (half.x - radius)
    let dy = abs(Double(y) + 0.5 - half.y) - (half.y - radius)
    // Signed distance to the outline, negative inside; half a pixel either side is the soft edge.
    let corner = max(dx, 0) * max(dx, 0) + max(dy, 0) * max(dy, 0)
    let distance = min(max(dx, dy), 0) + corner.squareRoot() - radius
    guard distance < 0.5 else { return }
    let inside = min(max(0.5 - distance, 0), 1)
    let stroke = inside - min(max(0.5 - distance - line, 0), 1)
    plate[index] = UInt8(inside * 255 + 0.5)
    ink[index] = UInt8(stroke * Self.hairline + 0.5)
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

  /// Samples of 16 bits whose sum 32 hold.
  private static let part = 1 << 16

  /// A quick look whether the label may be in `region` already, by one plane that carries most of the tone.
  func mayShow(_ region: Region) -> Bool {
    let plane = region.planes[region.model == .rgb ? 1 : 0]
    guard plane.width == width, plane.height == height else { return true }
    if case .cmyk = region.model { return true }
    if case .ycck = region.model { return true }
    var sums = (ink: 0, plate: 0)
    var counts = (ink: 0, plate: 0)
    plane.samples.withUnsafeBufferPointer { samples in
      plate.withUnsafeBufferPointer { plates in
        ink.withUnsafeBufferPointer { inks in
          let count = min(samples.count, plates.count, inks.count)
          for start in stride(from: 0, to: count, by: Self.part) {
            // Without branches, which the edges of letters would have guessed wrong; so few that 32 bits will do.
            var (inkSum, inkCount, plateSum, plateCount) = (UInt32(0), UInt32(0), UInt32(0), UInt32(0))
            for index in start..<min(count, start + Self.part) {
              let sample = UInt32(samples[index])
              let isWhole: UInt32 = plates[index] == 255 ? 1 : 0
              let isInk = isWhole & (inks[index] >= 200 ? 1 : 0)
              let isPlate = isWhole & (inks[index] == 0 ? 1 : 0)
              inkSum &+= sample &* isInk
              inkCount &+= isInk
              plateSum &+= sample &* isPlate
              plateCount &+= isPlate
            }
            sums = (sums.ink + Int(inkSum), sums.plate + Int(plateSum))
            counts = (counts.ink + Int(inkCount), counts.plate + Int(plateCount))
          }
        }
      }
    }
    guard counts.ink > 0, counts.plate > 0 else { return true }
    let difference = Double(sums.ink) / Double(counts.ink) - Double(sums.plate) / Double(counts.plate)
    return abs(difference) >= Self.leastDifference * Double(plane.maxValue)
  }
}
