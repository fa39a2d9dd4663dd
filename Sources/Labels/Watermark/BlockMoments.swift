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
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 64) { values in
      steps.withUnsafeBufferPointer { steps in
        guard let values = values.baseAddress, let steps = steps.baseAddress else { return }
        for k in 0..<64 { values[k] = Float(block[k]) * steps[k] }
        let bytes = UnsafeRawPointer(values)
        for row in 0..<8 {
          let row = bytes.loadUnaligned(fromByteOffset: 32 &* row, as: SIMD8<Float>.self)
          sums += row * row
        }
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
