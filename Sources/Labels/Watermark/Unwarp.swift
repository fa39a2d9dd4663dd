internal import CSignal

/// A residual laid out in whole tiles of 64 × 64 cells, upright, nothing where the picture does not reach.
struct Unwarp {
  /// Tiles across and down.
  let columns: Int
  let rows: Int
  /// The tile coordinates of the first tile.
  let origin: (column: Int, row: Int)
  /// Cells, row by row over all tiles.
  private(set) var cells: [Float]

  /// Cells in a row.
  var width: Int { columns * TileCode.side }

  private static let mostTiles = 40

  /// Samples `residual` where `map` puts the cells' middles.
  init(_ residual: LumaPlane, _ map: TileMap) {
    let extent = Self.extent(of: map, width: residual.width, height: residual.height)
    (origin, columns, rows) = ((extent.column, extent.row), extent.columns, extent.rows)
    cells = [Float](repeating: 0, count: columns * rows * TileCode.side * TileCode.side)
    sample(residual, map)
  }

  /// The tiles that a plane of `width` × `height` pixels reaches into: the first of them and how many, 41 at most each way.
  static func extent(
    of map: TileMap, width: Int, height: Int
  ) -> (column: Int, row: Int, columns: Int, rows: Int) {
    let (centreX, centreY) = (Double(width) / 2 - 0.5, Double(height) / 2 - 0.5)
    // Tile coordinates of the corners bound those of the picture.
    var (lowU, highU, lowV, highV) = (Double.infinity, -Double.infinity, Double.infinity, -Double.infinity)
    for (sx, sy) in [(-1.0, -1.0), (1, -1), (-1, 1), (1, 1)] {
      let (u, v) = map.tile(sx * centreX, sy * centreY)
      (lowU, highU, lowV, highV) = (min(lowU, u), max(highU, u), min(lowV, v), max(highV, v))
    }
    let middle = map.tile(0, 0)
    let half = Double(mostTiles) / 2
    (lowU, highU) = (max(lowU, middle.u - half), min(highU, middle.u + half))
    (lowV, highV) = (max(lowV, middle.v - half), min(highV, middle.v + half))
    let (column, row) = (Int(lowU.rounded(.down)), Int(lowV.rounded(.down)))
    return (
      column, row, max(1, Int(highU.rounded(.up)) - column), max(1, Int(highV.rounded(.up)) - row)
    )
  }

  private mutating func sample(_ residual: LumaPlane, _ map: TileMap) {
    let side = Double(TileCode.side)
    let (centreX, centreY) = (Double(residual.width) / 2 - 0.5, Double(residual.height) / 2 - 0.5)
    let width = width
    let stride = residual.width
    let (limitX, limitY) = (Double(residual.width) - 1.01, Double(residual.height) - 1.01)
    let (firstU, firstV) = (Double(origin.column) + 0.5 / side, Double(origin.row) + 0.5 / side)
    let isAffine = map.g == 0 && map.h == 0
    cells.withUnsafeMutableBufferPointer { cells in
      residual.values.withUnsafeBufferPointer { source in
        guard let source = source.baseAddress, let cells = cells.baseAddress else { return }
        for row in 0..<rows * TileCode.side {
          let v = firstV + Double(row) / side
          let line = cells + row * width
          // Numerators and denominator of the map change evenly along a row.
          let (x, y) = (map.x0 + map.xu * firstU + map.xv * v, map.y0 + map.yu * firstU + map.yv * v)
          let (dx, dy) = (map.xu / side, map.yu / side)
          if isAffine {
            let range = Self.inside(
              x + centreX, dx, limitX, y + centreY, dy, limitY, count: width)
            let start = (x + Double(range.lowerBound) * dx, y + Double(range.lowerBound) * dy)
            var places = tm_sample_line(
              plane: source, width: Int32(stride), count: Int32(range.count), x: Float(start.0 + centreX),
              y: Float(start.1 + centreY), step_x: Float(dx), step_y: Float(dy))
            tm_sample(&places, line + range.lowerBound)
          } else {
            let (w, dw) = (1 + map.g * firstU + map.h * v, map.g / side)
            for column in 0..<width {
              let step = Double(column)
              let scale = 1 / (w + step * dw)
              let (px, py) = ((x + step * dx) * scale + centreX, (y + step * dy) * scale + centreY)
              guard px >= 0, py >= 0, px < limitX, py < limitY else { continue }
              line[column] = Self.between(source, stride, Float(px), Float(py))
            }
          }
        }
      }
    }
  }

  /// The value at a place inside the plane, between four pixels.
  @inline(__always)
  static func between(_ source: UnsafePointer<Float>, _ stride: Int, _ x: Float, _ y: Float) -> Float {
    let (left, top) = (Int32(x), Int32(y))
    let (fx, fy) = (x - Float(left), y - Float(top))
    let place = source + (Int(top) &* stride &+ Int(left))
    let upper = place[0] + (place[1] - place[0]) * fx
    let lower = place[stride] + (place[stride &+ 1] - place[stride]) * fx
    return upper + (lower - upper) * fy
  }

  /// The steps for which both coordinates stay within 0 … limit.
  static func inside(
    _ x: Double, _ dx: Double, _ limitX: Double, _ y: Double, _ dy: Double, _ limitY: Double, count: Int
  ) -> Range<Int> {
    var (first, last) = (0.0, Double(count - 1))
    for (start, step, limit) in [(x, dx, limitX), (y, dy, limitY)] {
      // A margin for the rounding of many single-precision steps.
      let (low, high) = (0.05, limit - 0.05)
      if abs(step) < 1e-9 {
        if start < low || start > high { return 0..<0 }
        continue
      }
      let (a, b) = ((low - start) / step, (high - start) / step)
      first = max(first, min(a, b))
      last = min(last, max(a, b))
    }
    guard first <= last else { return 0..<0 }
    return Int(first.rounded(.up))..<max(Int(first.rounded(.up)), Int(last.rounded(.down)) + 1)
  }

  /// The cells of one tile into `tile`; whether the picture reaches into it.
  func copy(column: Int, row: Int, into tile: inout [Float]) -> Bool {
    let side = TileCode.side
    var filled: Float = 0
    let start = row * side * width + column * side
    cells.withUnsafeBufferPointer { cells in
      tile.withUnsafeMutableBufferPointer { tile in
        for y in 0..<side {
          let source = start &+ y &* width
          for x in 0..<side {
            let value = cells[source &+ x]
            tile[y &* side &+ x] = value
            filled += abs(value)
          }
        }
      }
    }
    return filled > 0
  }
}
