internal import CSignal

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

  /// Σ y, Σ y², Σ y · x, Σ y · y of `block`, grey levels around 128 put back, and what `reading` keeps of it in `values`.
  @inline(__always)
  func moments(
    _ block: UnsafePointer<Int16>, _ reading: BlockReading, into values: UnsafeMutablePointer<Float>
  ) -> CellMoments.Moments {
    let shape = reading.shape
    let moments = tm_block_survey(block, steps, slope, Int32(shape.depth), Int32(shape.pitch), values)
    return (moments.sum, moments.squares, moments.along_x, moments.along_y)
  }
}
