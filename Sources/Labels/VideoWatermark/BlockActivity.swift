internal import MediaCore

/// How bright and how busy a picture is, block by block, from every other row.
struct BlockActivity {
  /// Pixels along a block's side: 8 or 16.
  let side: Int
  /// Whole blocks; what is left over at the right and bottom goes with the last ones.
  let columns: Int
  let rows: Int
  /// Mean of each block, 0 … 255.
  private(set) var mean: [Float]
  /// Standard deviation of each block about a plane, so that gradients count as flat.
  private(set) var busy: [Float]
  /// The least of a block and those around it: a block beside an edge is as calm as its calmest neighbour.
  private(set) var calm: [Float] = []

  init(_ samples: LumaSamples, side: Int) {
    self.side = side
    columns = samples.width / side
    rows = samples.height / side
    mean = [Float](repeating: 0, count: columns * rows)
    busy = mean
    var line = [Float](repeating: 0, count: samples.width)
    var moments = [Moments](repeating: Moments(), count: columns)
    for row in 0..<rows {
      for column in 0..<columns { moments[column] = Moments() }
      for y in stride(from: 0, to: side, by: 2) {
        line.withUnsafeMutableBufferPointer { line in
          guard let base = line.baseAddress else { return }
          samples.read(row: row * side + y, into: base)
          // Rows y and y + 1 stand for one another: their middle is at y + 1.
          Self.add(base, to: &moments, side: side, down: Float(y + 1) - Float(side) / 2)
        }
      }
      for column in 0..<columns {
        (mean[row * columns + column], busy[row * columns + column]) = moments[column].settled(side)
      }
    }
    calm = eroded()
  }

  private struct Moments {
    var sum: Float = 0
    var squares: Float = 0
    var alongX: Float = 0
    var alongY: Float = 0

    /// Mean and standard deviation about a plane, of a block of which every other row was added.
    func settled(_ side: Int) -> (Float, Float) {
      let pixels = Float(side * side / 2)
      let mean = sum / pixels
      func explained(_ moment: Float, _ spread: Float) -> Float {
        moment / pixels * (moment / pixels) / spread
      }
      let square = Float(side * side)
      let rest =
        squares / pixels - mean * mean - explained(alongX, (square - 1) / 12)
        - explained(alongY, (square - 4) / 12)
      return (mean, max(0, rest).squareRoot())
    }
  }

  private static func add(
    _ line: UnsafePointer<Float>, to moments: inout [Moments], side: Int, down: Float
  ) {
    let first = SIMD8<Float>(0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5) - Float(side) / 2
    moments.withUnsafeMutableBufferPointer { moments in
      for column in 0..<moments.count {
        var (sums, squares, products, place) = (SIMD8<Float>(), SIMD8<Float>(), SIMD8<Float>(), first)
        for x in stride(from: 0, to: side, by: 8) {
          let values = UnsafeRawPointer(line + (column &* side &+ x)).loadUnaligned(as: SIMD8<Float>.self)
          sums += values
          squares += values * values
          products += values * place
          place += 8
        }
        let sum = sums.sum()
        moments[column].sum += sum
        moments[column].squares += squares.sum()
        moments[column].alongX += products.sum()
        moments[column].alongY += sum * down
      }
    }
  }

  private func eroded() -> [Float] {
    var across = busy
    for row in 0..<rows {
      for column in 0..<columns {
        let index = row * columns + column
        if column > 0 { across[index] = min(across[index], busy[index - 1]) }
        if column + 1 < columns { across[index] = min(across[index], busy[index + 1]) }
      }
    }
    var result = across
    for row in 0..<rows {
      for column in 0..<columns {
        let index = row * columns + column
        if row > 0 { result[index] = min(result[index], across[index - columns]) }
        if row + 1 < rows { result[index] = min(result[index], across[index + columns]) }
      }
    }
    return result
  }
}
