internal import CSignal

/// Moments of blocks' samples, from their coefficients.
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

  /// Sets row `row` of `moments` to those of its blocks, grey levels around 128 put back.
  func read(_ blocks: UnsafePointer<Int16>, row: Int, into moments: inout CellMoments) {
    moments.setRow(row) { columns, sum, squares, alongX, alongY in
      var rows = tm_moment_rows(sum: sum, squares: squares, along_x: alongX, along_y: alongY, means: nil)
      tm_blocks_survey(blocks, Int32(columns), steps, slope, nil, BlockFold.bound, nil, &rows)
    }
  }

  /// The same. What `shape` keeps of the blocks goes to `values`, without
  /// the means, which go to `means`, and bounded as for a `BlockFold`.
  func read(
    _ blocks: UnsafePointer<Int16>, row: Int, into moments: inout CellMoments, _ shape: BlockShape,
    _ values: UnsafeMutablePointer<Float>, _ means: UnsafeMutableBufferPointer<Float>
  ) {
    moments.setRow(row) { columns, sum, squares, alongX, alongY in
      guard let means = means.baseAddress else { return }
      var rows = tm_moment_rows(
        sum: sum, squares: squares, along_x: alongX, along_y: alongY, means: means)
      withUnsafePointer(to: shape.kernel) {
        tm_blocks_survey(blocks, Int32(columns), steps, slope, $0, BlockFold.bound, values, &rows)
      }
    }
  }
}
