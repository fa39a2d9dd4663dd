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

  init(_ pattern: TilePattern, _ signs: TileSigns, grid: CoefficientGrid) {
    self.signs = signs
    self.grid = grid
    blocks = pattern.side / 8
    plus = CosineTransform.blocks(of: pattern.plus, side: pattern.side)
    minus = CosineTransform.blocks(of: pattern.minus, side: pattern.side)
  }

  /// Marks all of `frame`, at `factor` times the strength that the picture allows.
  func mark(_ frame: any CoefficientFrame, factor: Double) throws(MediaError) -> Marking {
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
    let gain = strength.gain.map { $0 * Float(factor) }
    let waves = BlockWaves(plus, minus, steps: grid.steps, largestGain: gain.max() ?? 0)
    var error: Float = 0
    for row in 0..<grid.rows {
      try frame.editLumaBlocks(row: row) { column, block in
        let place = row % blocks * blocks + column % blocks
        let cell = row * grid.columns + column
        return waves.add(
          place, isInverted: signs.isInverted(column / blocks, row / blocks), times: gain[cell],
          shift: 8 * Float(factor) * strength.shift[cell], to: block, error: &error)
      }
    }
    return Marking(meanSquare: Double(error) / pixels, deflection: strength.deflection)
  }
}

/// The transforms of a tile's blocks in quantisation steps, of the few coefficients that a mark can move.
private struct BlockWaves {
  private let indices: [Int]
  private let steps: [Float]
  private let plus: [Float]
  private let minus: [Float]
  /// A coefficient that is zero costs a symbol once it is not: the change must reach this share of a step.
  private static let deadZone: Float = 0.6

  init(_ plus: [Float], _ minus: [Float], steps: [Float], largestGain: Float) {
    var largest = [Float](repeating: 0, count: 64)
    for index in plus.indices {
      largest[index & 63] = max(largest[index & 63], abs(plus[index]), abs(minus[index]))
    }
    let indices = (0..<64).filter { $0 == 0 || largest[$0] * largestGain >= 0.5 * steps[$0] }
    self.indices = indices
    self.steps = indices.map { steps[$0] }
    func packed(_ values: [Float]) -> [Float] {
      stride(from: 0, to: values.count, by: 64).flatMap { start in
        indices.map { values[start + $0] / steps[$0] }
      }
    }
    self.plus = packed(plus)
    self.minus = packed(minus)
  }

  /// Adds one block's mark; whether anything changed.
  func add(
    _ place: Int, isInverted: Bool, times gain: Float, shift: Float, to block: UnsafeMutablePointer<Int16>,
    error: inout Float
  ) -> Bool {
    let count = indices.count
    return (isInverted ? minus : plus).withUnsafeBufferPointer { waves in
      indices.withUnsafeBufferPointer { indices in
        steps.withUnsafeBufferPointer { steps in
          var sum: Float = 0
          let start = place &* count
          for n in 0..<count {
            let k = indices[n]
            let old = Int32(block[k])
            let change = gain * waves[start &+ n] + (k == 0 ? shift / steps[0] : 0)
            if abs(change) < (old == 0 ? Self.deadZone : 0.5) { continue }
            // AC coefficients of 8-bit samples have at most ten bits, DC differences eleven (T.81 table F.1, F.2).
            let bound: Int32 = k == 0 ? 1024 : 1023
            // Adding 1.5 · 2²³ leaves the nearest integer in a float's last bits.
            let rounded =
              Int32(bitPattern: (change + 0x1.8p23).bitPattern)
              &- Int32(bitPattern: Float(0x1.8p23).bitPattern)
            let new = min(max(old &+ rounded, -bound), bound)
            block[k] = Int16(truncatingIfNeeded: new)
            let difference = Float(new &- old) * steps[n]
            sum += difference * difference
          }
          error += sum
          return sum > 0
        }
      }
    }
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
    let first = Float(block[0]) * steps[0]
    var sums = SIMD8<Float>()
    steps.withUnsafeBufferPointer { steps in
      for row in 0..<8 {
        var values = SIMD8<Float>()
        for k in 0..<8 { values[k] = Float(block[8 &* row &+ k]) * steps[8 &* row &+ k] }
        sums += values * values
      }
    }
    let squares = sums.sum() - first * first
    var (alongX, alongY): (Float, Float) = (0, 0)
    for u in stride(from: 1, to: 8, by: 2) {
      alongX += slope[u] * Float(block[u]) * steps[u]
      alongY += slope[u] * Float(block[8 * u]) * steps[8 * u]
    }
    let sum = 8 * first + 64 * 128
    return (sum, squares + sum * sum / 64, alongX, alongY)
  }
}
