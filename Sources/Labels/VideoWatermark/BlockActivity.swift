internal import CSignal
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
    let scale = 255 / Float(samples.maxValue)
    var moments = [Moments](repeating: Moments(), count: columns)
    var sums = [tm_row_moments](repeating: tm_row_moments(), count: columns)
    for row in 0..<rows {
      for column in 0..<columns { moments[column] = Moments() }
      for y in stride(from: 0, to: side, by: 2) {
        // Rows y and y + 1 stand for one another: their middle is at y + 1.
        let down = Float(y + 1) - Float(side) / 2
        if samples.isWide {
          Self.addWide(samples, row: row * side + y, to: &moments, side: side, down: down)
        } else {
          tm_row_measure(
            samples.row(row * side + y).assumingMemoryBound(to: UInt8.self), Int32(side), Int32(columns),
            &sums)
          for column in 0..<columns { moments[column].add(sums[column], down: down) }
        }
      }
      for column in 0..<columns {
        let (mean, busy) = moments[column].settled(side)
        (self.mean[row * columns + column], self.busy[row * columns + column]) = (mean * scale, busy * scale)
      }
    }
    calm = eroded()
  }

  private struct Moments {
    var sum: Float = 0
    var squares: Float = 0
    var alongX: Float = 0
    var alongY: Float = 0

    mutating func add(_ row: tm_row_moments, down: Float) {
      add(sum: Float(row.sum), squares: Float(row.squares), along: Float(row.along) / 2, down: down)
    }

    mutating func add(sum: Float, squares: Float, along: Float, down: Float) {
      self.sum += sum
      self.squares += squares
      alongX += along
      alongY += sum * down
    }

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

  private static func addWide(
    _ samples: LumaSamples, row: Int, to moments: inout [Moments], side: Int, down: Float
  ) {
    let line = samples.row(row).assumingMemoryBound(to: UInt16.self)
    for column in moments.indices {
      var (sum, squares, along): (Float, Float, Float) = (0, 0, 0)
      for x in 0..<side {
        let value = Float(line[column &* side &+ x])
        sum += value
        squares += value * value
        along += value * (Float(x) + 0.5 - Float(side) / 2)
      }
      moments[column].add(sum: sum, squares: squares, along: along, down: down)
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
