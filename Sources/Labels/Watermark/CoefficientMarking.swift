internal import MediaCore

/// Marks the luma of a frame held as 8 × 8 cosine transforms, a block at a time: the pattern's own transform, times the
/// block's gain, is added to the dequantised coefficients.
struct CoefficientMarking {
  private let signs: TileSigns
  private let grid: CoefficientGrid
  /// Blocks along a tile's side, and their transforms, 64 values each.
  private let blocks: Int
  private let plus: [Float]
  private let minus: [Float]
  /// A coefficient that is zero costs a symbol once it is not: the change must reach this share of a step.
  private static let deadZone: Float = 0.6

  init(_ pattern: TilePattern, _ signs: TileSigns, grid: CoefficientGrid) {
    self.signs = signs
    self.grid = grid
    blocks = pattern.side / 8
    plus = CosineTransform.blocks(of: pattern.plus, side: pattern.side)
    minus = CosineTransform.blocks(of: pattern.minus, side: pattern.side)
  }

  /// Marks all of `frame`; returns the mean square error added.
  func mark(_ frame: any CoefficientFrame) throws(MediaError) -> Double {
    var moments = CellMoments(width: 8 * grid.columns, height: 8 * grid.rows, cell: 8)
    let reading = BlockMoments(steps: grid.steps)
    for row in 0..<grid.rows {
      try frame.editLumaBlocks(row: row) { column, block in
        moments.set(reading.moments(block), column: column, row: row)
        return false
      }
    }
    let pixels = Double(64 * grid.columns * grid.rows)
    let cellPixels = Double(8 * blocks) / Double(TileCode.side)
    let strength = EmbeddingStrength(ActivityMap(moments), patternCells: pixels / (cellPixels * cellPixels))
    let steps = grid.steps
    let inverse = steps.map { 1 / $0 }
    var error: Float = 0
    for row in 0..<grid.rows {
      try frame.editLumaBlocks(row: row) { column, block in
        let place = 64 * (row % blocks * blocks + column % blocks)
        let values = signs.isInverted(column / blocks, row / blocks) ? minus : plus
        return values.withUnsafeBufferPointer { values in
          steps.withUnsafeBufferPointer { steps in
            inverse.withUnsafeBufferPointer { inverse in
              guard let values = values.baseAddress, let steps = steps.baseAddress,
                let inverse = inverse.baseAddress
              else { return false }
              let cell = row * grid.columns + column
              return Self.add(
                values + place, times: strength.gain[cell], shift: 8 * strength.shift[cell], to: block, steps,
                inverse, error: &error)
            }
          }
        }
      }
    }
    return Double(error) / Double(64 * grid.columns * grid.rows)
  }

  private static func add(
    _ wave: UnsafePointer<Float>, times gain: Float, shift: Float, to block: UnsafeMutablePointer<Int16>,
    _ steps: UnsafePointer<Float>, _ inverse: UnsafePointer<Float>, error: inout Float
  ) -> Bool {
    var sum: Float = 0
    for k in 0..<64 {
      let change = (gain * wave[k] + (k == 0 ? shift : 0)) * inverse[k]
      let least: Float = block[k] == 0 ? deadZone : 0.5
      // Adding 1.5 · 2²³ leaves the nearest integer in a float's last bits.
      let rounded = abs(change) < least ? 0 : change + 0x1.8p23 - 0x1.8p23
      let bound: Float = k == 0 ? 1024 : 1023
      let old = Float(block[k])
      let new = min(max(old + rounded, -bound), bound)
      block[k] = Int16(truncatingIfNeeded: (new + 0x1.8p23).bitPattern)
      let difference = (new - old) * steps[k]
      sum += difference * difference
    }
    error += sum
    return sum > 0
  }
}

/// Moments of a block's samples, from its coefficients.
struct BlockMoments {
  private let steps: [Float]
  // Σ over x of the basis function of odd frequency u times the distance from the middle, times √8 for the other axis.
  private let slope: [Float]

  init(steps: [Float]) {
    self.steps = steps
    slope = (0..<8).map { u in
      guard u % 2 == 1 else { return 0 }
      let sum = (0..<8).reduce(0.0) { $0 + (Double($1) - 3.5) * CosineTransform.basis(u, $1) }
      return Float(sum * 8.0.squareRoot())
    }
  }

  /// Σ y, Σ y², Σ y · x, Σ y · y of `block`, grey levels around 128 put back.
  func moments(_ block: UnsafePointer<Int16>) -> CellMoments.Moments {
    var squares: Float = 0
    let first = Float(block[0]) * steps[0]
    steps.withUnsafeBufferPointer { steps in
      for k in 1..<64 {
        let value = Float(block[k]) * steps[k]
        squares += value * value
      }
    }
    var (alongX, alongY): (Float, Float) = (0, 0)
    for u in stride(from: 1, to: 8, by: 2) {
      alongX += slope[u] * Float(block[u]) * steps[u]
      alongY += slope[u] * Float(block[8 * u]) * steps[8 * u]
    }
    let sum = 8 * first + 64 * 128
    return (sum, squares + sum * sum / 64, alongX, alongY)
  }
}
