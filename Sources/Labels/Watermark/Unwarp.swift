/// A residual laid out in whole tiles of 64 × 64 cells, upright, nothing where the picture does not reach.
struct Unwarp {
  /// Tiles across and down.
  let columns: Int
  let rows: Int
  /// Cells, row by row over all tiles.
  private(set) var cells: [Float]
  /// The tile coordinates of the first cell of the first tile.
  let origin: (column: Int, row: Int)

  var width: Int { columns * TileCode.side }

  /// Samples `residual` where `lattice` puts the cells; the plane's middle is cell (`shiftX`, `shiftY`) of tile (0, 0).
  init(_ residual: LumaPlane, _ lattice: Lattice, shiftX: Double = 0, shiftY: Double = 0) {
    let side = Double(TileCode.side)
    let (centreX, centreY) = (Double(residual.width) / 2 - 0.5, Double(residual.height) / 2 - 0.5)
    let determinant = lattice.ax * lattice.by - lattice.ay * lattice.bx
    // Tile coordinates of the corners bound those of the picture.
    var (lowU, highU, lowV, highV) = (Double.infinity, -Double.infinity, Double.infinity, -Double.infinity)
    for (sx, sy) in [(-1.0, -1.0), (1, -1), (-1, 1), (1, 1)] {
      let (x, y) = (sx * centreX, sy * centreY)
      let u = (x * lattice.by - y * lattice.bx) / determinant + shiftX / side
      let v = (y * lattice.ax - x * lattice.ay) / determinant + shiftY / side
      (lowU, highU, lowV, highV) = (min(lowU, u), max(highU, u), min(lowV, v), max(highV, v))
    }
    origin = (Int(lowU.rounded(.down)), Int(lowV.rounded(.down)))
    columns = min(64, max(1, Int(highU.rounded(.up)) - origin.column))
    rows = min(64, max(1, Int(highV.rounded(.up)) - origin.row))
    cells = [Float](repeating: 0, count: columns * rows * TileCode.side * TileCode.side)
    let (stepX, stepY) = (lattice.ax / side, lattice.ay / side)
    let width = columns * TileCode.side
    let (limitX, limitY) = (Double(residual.width) - 1.001, Double(residual.height) - 1.001)
    cells.withUnsafeMutableBufferPointer { cells in
      residual.values.withUnsafeBufferPointer { source in
        for row in 0..<rows * TileCode.side {
          let v = Double(origin.row) + (Double(row) + 0.5 - shiftY) / side
          let u = Double(origin.column) + (0.5 - shiftX) / side
          let startX = centreX + u * lattice.ax + v * lattice.bx
          let startY = centreY + u * lattice.ay + v * lattice.by
          let range = Self.inside(startX, stepX, limitX, startY, stepY, limitY, count: width)
          var x = Float(startX + Double(range.lowerBound) * stepX)
          var y = Float(startY + Double(range.lowerBound) * stepY)
          let (dx, dy) = (Float(stepX), Float(stepY))
          for column in range {
            let (left, top) = (Int(x), Int(y))
            let (fx, fy) = (x - Float(left), y - Float(top))
            let index = top &* residual.width &+ left
            let upper = source[index] + (source[index &+ 1] - source[index]) * fx
            let next = index &+ residual.width
            let lower = source[next] + (source[next &+ 1] - source[next]) * fx
            cells[row &* width &+ column] = upper + (lower - upper) * fy
            x += dx
            y += dy
          }
        }
      }
    }
  }

  /// The steps for which both coordinates stay within 0 … limit.
  private static func inside(
    _ x: Double, _ dx: Double, _ limitX: Double, _ y: Double, _ dy: Double, _ limitY: Double, count: Int
  ) -> Range<Int> {
    var (first, last) = (0.0, Double(count - 1))
    for (start, step, limit) in [(x, dx, limitX), (y, dy, limitY)] {
      if abs(step) < 1e-9 {
        if start < 0 || start > limit { return 0..<0 }
        continue
      }
      let (a, b) = ((0.002 - start) / step, (limit - 0.002 - start) / step)
      first = max(first, min(a, b))
      last = min(last, max(a, b))
    }
    let (from, to) = (Int(first.rounded(.up)), Int(last.rounded(.down)))
    return from <= to && to < count ? from..<to + 1 : 0..<0
  }

  /// All tiles added up.
  func folded() -> [Float] {
    let side = TileCode.side
    var sum = [Float](repeating: 0, count: side * side)
    sum.withUnsafeMutableBufferPointer { sum in
      cells.withUnsafeBufferPointer { cells in
        for row in 0..<rows * side {
          let target = row % side * side
          for column in 0..<columns {
            let source = row &* width &+ column &* side
            for x in 0..<side { sum[target &+ x] += cells[source &+ x] }
          }
        }
      }
    }
    return sum
  }

  /// The cells of one tile into `tile`; whether the picture reaches into it.
  func copy(column: Int, row: Int, into tile: inout [Float]) -> Bool {
    let side = TileCode.side
    var isEmpty = true
    for y in 0..<side {
      let source = (row * side + y) * width + column * side
      for x in 0..<side {
        let value = cells[source + x]
        tile[y * side + x] = value
        if value != 0 { isEmpty = false }
      }
    }
    return !isEmpty
  }
}
