internal import CImageIO
internal import MediaCore

/// New samples for blocks, taken from a plane.
struct JPEGBlockEdit {
  private let plane: SamplePlane
  private let area: PixelRect
  private let steps: [Float]

  /// `area` are the component's samples that `plane` holds, whose coefficients are quantised in `steps`.
  init(_ plane: SamplePlane, area: PixelRect, _ steps: [Float]) {
    self.plane = plane
    self.area = area
    self.steps = steps
  }

  /// Transforms the new samples of the block at `column`, `row` into `block`; false, and nothing is written, when they are those that it shows.
  func apply(to block: UnsafeMutablePointer<Int16>, column: Int, row: Int) -> Bool {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 64) { values in
      steps.withUnsafeBufferPointer { steps in
        guard let base = values.baseAddress, let steps = steps.baseAddress else { return false }
        BlockTransform.samples(block, steps, into: base)
        guard replace(base, column, row) else { return false }
        BlockTransform.coefficients(base, steps, into: block)
        return true
      }
    }
  }

  /// Puts the new samples over those of the block. Where one is as before, its exact value stays, so that an edit adds
  /// no rounding of its own. Samples beyond the picture follow its edge, which costs the fewest bits.
  private func replace(_ values: UnsafeMutablePointer<Float>, _ column: Int, _ row: Int) -> Bool {
    let whole = PixelRect(x: column * 8, y: row * 8, width: 8, height: 8)
    let shown = whole.intersection(area)
    var hasChanged = false
    plane.samples.withUnsafeBufferPointer { samples in
      if shown == whole, let samples = samples.baseAddress {
        let corner = samples + ((whole.y - area.y) * area.width + whole.x - area.x)
        hasChanged = tm_block_replace(values, corner, area.width) != 0
        return
      }
      for y in shown.y..<shown.maxY {
        let line = (y - area.y) * area.width - area.x
        let target = (y - row * 8) * 8 - column * 8
        for x in shown.x..<shown.maxX {
          let sample = samples[line &+ x]
          if JPEGFrame.rounded(values[target &+ x]) == sample { continue }
          values[target &+ x] = Float(sample)
          hasChanged = true
        }
      }
    }
    guard hasChanged, shown.width < 8 || shown.height < 8 else { return hasChanged }
    let (left, top) = (shown.x - column * 8, shown.y - row * 8)
    for y in 0..<8 {
      for x in 0..<8 {
        let nearX = min(max(x, left), left + shown.width - 1)
        let nearY = min(max(y, top), top + shown.height - 1)
        if nearX != x || nearY != y { values[8 * y + x] = values[8 * nearY + nearX] }
      }
    }
    return true
  }
}
