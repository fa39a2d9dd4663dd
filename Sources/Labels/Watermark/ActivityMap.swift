/// What the eye notices of a picture, on a grid of square cells: how bright it is and how busy. Busyness is the
/// standard deviation about a plane, so that a gradient counts as flat, over windows of 2 × 2 cells; a cell takes
/// that of the calmest window it is part of, which keeps the smooth side of an edge smooth.
struct ActivityMap {
  /// Pixels along a cell's side: 4, 8 or 16.
  let cell: Int
  /// Whole cells of the picture; what is left over at the right and bottom goes with the last ones.
  let columns: Int
  let rows: Int
  /// Grey levels 0 … 255, one a cell.
  private(set) var mean: [Float] = []
  /// Standard deviation of the calmest window.
  private(set) var calm: [Float] = []
  /// Standard deviation of the windows on average, planes taken out.
  private(set) var busy: [Float] = []
  /// Variance of the windows on average, gradients and all: what SSIM divides by.
  private(set) var variance: [Float] = []

  /// Moments of the cells, rows of the grid one after the other. `isCoarse` where cells are twice as wide as they should be:
  /// busyness and variance are then those of a cell by itself, for they grow with the window.
  init(_ moments: CellMoments, isCoarse: Bool = false) {
    cell = moments.cell
    columns = moments.columns
    rows = moments.rows
    let count = columns * rows
    let pixels = Float(cell * cell)
    mean = (0..<count).map { moments.sum[$0] / pixels }
    calm = [Float](repeating: 0, count: count)
    busy = calm
    variance = calm
    let (wide, tall) = (max(1, columns - 1), max(1, rows - 1))
    var windows = [(deviation: Float, variance: Float)](repeating: (0, 0), count: wide * tall)
    for row in 0..<tall {
      for column in 0..<wide { windows[row * wide + column] = Self.window(moments, column, row, cells: 2) }
    }
    for row in 0..<rows {
      for column in 0..<columns {
        var (least, sum, variances, number) = (Float.infinity, Float(0), Float(0), Float(0))
        for y in max(0, row - 1)...min(tall - 1, max(row, 0)) {
          for x in max(0, column - 1)...min(wide - 1, max(column, 0)) {
            let window = windows[y * wide + x]
            least = min(least, window.deviation)
            sum += window.deviation
            variances += window.variance
            number += 1
          }
        }
        let index = row * columns + column
        calm[index] = least
        (busy[index], variance[index]) =
          isCoarse ? Self.window(moments, column, row, cells: 1) : (sum / number, variances / number)
      }
    }
  }

  /// Standard deviation about a plane, and variance, of `cells` × `cells` cells from (`column`, `row`) on.
  private static func window(
    _ moments: CellMoments, _ column: Int, _ row: Int, cells: Int
  ) -> (Float, Float) {
    let (width, height) = (min(cells, moments.columns - column), min(cells, moments.rows - row))
    var (sum, squares, alongX, alongY, cells) = (Float(0), Float(0), Float(0), Float(0), Float(0))
    let half = Float(moments.cell) / 2
    for y in 0..<height {
      for x in 0..<width {
        let index = (row + y) * moments.columns + column + x
        sum += moments.sum[index]
        squares += moments.squares[index]
        alongX += moments.alongX[index] + (width == 2 ? (x == 0 ? -half : half) : 0) * moments.sum[index]
        alongY += moments.alongY[index] + (height == 2 ? (y == 0 ? -half : half) : 0) * moments.sum[index]
        cells += 1
      }
    }
    let pixels = cells * half * half * 4
    let mean = sum / pixels
    let variance = max(0, squares / pixels - mean * mean)
    func explained(_ moment: Float, _ cells: Int) -> Float {
      let side = Float(cells * moments.cell)
      return moment / pixels * (moment / pixels) * 12 / (side * side - 1)
    }
    let rest = variance - explained(alongX, width) - explained(alongY, height)
    return (max(0, rest).squareRoot(), variance)
  }
}

/// Sums over square cells that rows of a picture add up to.
struct CellMoments {
  let cell: Int
  let columns: Int
  let rows: Int
  /// Grey levels of each cell added up.
  private(set) var sum: [Float]
  private(set) var squares: [Float]
  /// Σ y · distance from the cell's middle, to the right and down.
  private(set) var alongX: [Float]
  private(set) var alongY: [Float]

  /// Cells of `cell` pixels over a picture of at least one cell each way.
  init(width: Int, height: Int, cell: Int) {
    self.cell = cell
    columns = width / cell
    rows = height / cell
    sum = [Float](repeating: 0, count: columns * rows)
    squares = sum
    alongX = sum
    alongY = sum
  }

  /// Σ y, Σ y², Σ y · x, Σ y · y of one cell.
  typealias Moments = (sum: Float, squares: Float, alongX: Float, alongY: Float)

  /// Sets what was summed elsewhere.
  mutating func set(_ moments: Moments, column: Int, row: Int) {
    let index = row * columns + column
    sum[index] = moments.sum
    squares[index] = moments.squares
    alongX[index] = moments.alongX
    alongY[index] = moments.alongY
  }

  /// Adds row `y` of the picture.
  mutating func add(_ row: UnsafePointer<Float>, y: Int) {
    let line = y / cell
    guard line < rows else { return }
    let down = Float(y - line * cell) + 0.5 - Float(cell) / 2
    let start = line * columns
    let cell = cell
    sum.withUnsafeMutableBufferPointer { sum in
      squares.withUnsafeMutableBufferPointer { squares in
        alongX.withUnsafeMutableBufferPointer { alongX in
          alongY.withUnsafeMutableBufferPointer { alongY in
            for column in 0..<columns {
              let pixels = row + column &* cell
              var (s, q, t) = (SIMD4<Float>(), SIMD4<Float>(), SIMD4<Float>())
              var place = SIMD4<Float>(0.5, 1.5, 2.5, 3.5) - Float(cell) / 2
              for x in stride(from: 0, to: cell, by: 4) {
                let values = UnsafeRawPointer(pixels + x).loadUnaligned(as: SIMD4<Float>.self)
                s += values
                q += values * values
                t += values * place
                place += 4
              }
              let total = s.sum()
              sum[start &+ column] += total
              squares[start &+ column] += q.sum()
              alongX[start &+ column] += t.sum()
              alongY[start &+ column] += total * down
            }
          }
        }
      }
    }
  }
}
