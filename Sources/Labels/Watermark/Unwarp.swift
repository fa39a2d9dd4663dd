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

  /// Samples `residual` where `map` puts the cells' middles; at most `limit` tiles each way around `place`, pixels from the
  /// plane's middle.
  init(
    _ residual: LumaPlane, _ map: TileMap, limit: Int = mostTiles,
    around place: (x: Double, y: Double) = (0, 0)
  ) {
    let (centreX, centreY) = (Double(residual.width) / 2 - 0.5, Double(residual.height) / 2 - 0.5)
    // Tile coordinates of the corners bound those of the picture.
    var (lowU, highU, lowV, highV) = (Double.infinity, -Double.infinity, Double.infinity, -Double.infinity)
    for (sx, sy) in [(-1.0, -1.0), (1, -1), (-1, 1), (1, 1)] {
      let (u, v) = map.tile(sx * centreX, sy * centreY)
      (lowU, highU, lowV, highV) = (min(lowU, u), max(highU, u), min(lowV, v), max(highV, v))
    }
    let middle = map.tile(place.x, place.y)
    let half = Double(limit) / 2
    (lowU, highU) = (max(lowU, middle.u - half), min(highU, middle.u + half))
    (lowV, highV) = (max(lowV, middle.v - half), min(highV, middle.v + half))
    origin = (Int(lowU.rounded(.down)), Int(lowV.rounded(.down)))
    columns = max(1, Int(highU.rounded(.up)) - origin.column)
    rows = max(1, Int(highV.rounded(.up)) - origin.row)
    cells = [Float](repeating: 0, count: columns * rows * TileCode.side * TileCode.side)
    sample(residual, map)
  }

  private mutating func sample(_ residual: LumaPlane, _ map: TileMap) {
    let side = Double(TileCode.side)
    let (centreX, centreY) = (Double(residual.width) / 2 - 0.5, Double(residual.height) / 2 - 0.5)
    let width = width
    let isAffine = map.g == 0 && map.h == 0
    let (limitX, limitY) = (Float(residual.width) - 1.01, Float(residual.height) - 1.01)
    let stride = residual.width
    let first = (Double(origin.column) + 0.5 / side, Double(origin.row) + 0.5 / side)
    cells.withUnsafeMutableBufferPointer { cells in
      residual.values.withUnsafeBufferPointer { source in
        for row in 0..<rows * TileCode.side {
          let v = first.1 + Double(row) / side
          let line = row * width
          // Numerators and denominator of the map change evenly along a row.
          var x = Float(map.x0 + map.xu * first.0 + map.xv * v)
          var y = Float(map.y0 + map.yu * first.0 + map.yv * v)
          var w = Float(1 + map.g * first.0 + map.h * v)
          let (dx, dy, dw) = (Float(map.xu / side), Float(map.yu / side), Float(map.g / side))
          let (cx, cy) = (Float(centreX), Float(centreY))
          for column in 0..<width {
            let px = (isAffine ? x : x / w) + cx
            let py = (isAffine ? y : y / w) + cy
            x += dx
            y += dy
            w += dw
            guard px >= 0, py >= 0, px < limitX, py < limitY else { continue }
            let (left, top) = (Int(px), Int(py))
            let (fx, fy) = (px - Float(left), py - Float(top))
            let index = top &* stride &+ left
            let upper = source[index] + (source[index &+ 1] - source[index]) * fx
            let next = index &+ stride
            let lower = source[next] + (source[next &+ 1] - source[next]) * fx
            cells[line &+ column] = upper + (lower - upper) * fy
          }
        }
      }
    }
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
