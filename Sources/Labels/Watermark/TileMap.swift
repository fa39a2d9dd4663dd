/// Where the tiles of a mark lie in a plane: a projective map of tile coordinates (one tile wide and high) to pixels
/// from the plane's middle.
struct TileMap {
  // x = (x0 + xu u + xv v) / (1 + g u + h v), and y alike.
  var x0: Double
  var xu: Double
  var xv: Double
  var y0: Double
  var yu: Double
  var yv: Double
  var g = 0.0
  var h = 0.0

  /// Tiles of `lattice` with the plane's middle at cell (`shiftX`, `shiftY`) of tile (0, 0).
  init(_ lattice: Lattice, shiftX: Double = 0, shiftY: Double = 0) {
    let (u, v) = (shiftX / Double(TileCode.side), shiftY / Double(TileCode.side))
    (xu, xv, yu, yv) = (lattice.ax, lattice.bx, lattice.ay, lattice.by)
    x0 = -(u * xu + v * xv)
    y0 = -(u * yu + v * yv)
  }

  /// The place of tile coordinates (`u`, `v`).
  @inline(__always)
  func point(_ u: Double, _ v: Double) -> (x: Double, y: Double) {
    let w = 1 / (1 + g * u + h * v)
    return ((x0 + xu * u + xv * v) * w, (y0 + yu * u + yv * v) * w)
  }

  /// The tile coordinates of a place.
  func tile(_ x: Double, _ y: Double) -> (u: Double, v: Double) {
    // x (1 + g u + h v) = x0 + xu u + xv v, and y alike: two equations in u and v.
    let (a, b, c) = (xu - x * g, xv - x * h, x - x0)
    let (d, e, f) = (yu - y * g, yv - y * h, y - y0)
    let determinant = a * e - b * d
    guard abs(determinant) > 1e-9 else { return (0, 0) }
    return ((c * e - b * f) / determinant, (a * f - c * d) / determinant)
  }

  /// The tile's sides at the plane's middle.
  var lattice: Lattice {
    let centre = tile(0, 0)
    let (right, down) = (point(centre.u + 0.5, centre.v), point(centre.u, centre.v + 0.5))
    let (left, up) = (point(centre.u - 0.5, centre.v), point(centre.u, centre.v - 0.5))
    return Lattice(ax: right.x - left.x, ay: right.y - left.y, bx: down.x - up.x, by: down.y - up.y)
  }
}

extension TileMap {
  /// One observation: tile coordinates (`u`, `v`) lie at (`x`, `y`), with a weight.
  struct Sighting {
    let u: Double
    let v: Double
    let x: Double
    let y: Double
    let weight: Double
  }

  /// The map that fits `sightings` best, outliers weighed down by Cauchy's function; affine unless `isProjective`. Nil where
  /// they do not determine one.
  static func fit(_ sightings: [Sighting], around map: TileMap, isProjective: Bool) -> TileMap? {
    var result = map
    let size = isProjective ? 8 : 6
    for round in 0..<4 {
      var matrix = [Double](repeating: 0, count: size * (size + 1))
      let unit = map.lattice.area.squareRoot() / Double(TileCode.side)
      for sighting in sightings {
        let (x, y) = result.point(sighting.u, sighting.v)
        let error =
          ((x - sighting.x) * (x - sighting.x) + (y - sighting.y) * (y - sighting.y)).squareRoot() / unit
        let tolerance = round == 0 ? 8.0 : round == 1 ? 3.0 : 1.2
        let weight = sighting.weight / (1 + error * error / (tolerance * tolerance))
        for isY in [false, true] {
          let value = isY ? sighting.y : sighting.x
          var row = isY ? [0, 0, 0, 1, sighting.u, sighting.v] : [1, sighting.u, sighting.v, 0, 0, 0]
          if isProjective { row += [-value * sighting.u, -value * sighting.v] }
          for i in 0..<size where row[i] != 0 {
            for j in 0..<size { matrix[i * (size + 1) + j] += weight * row[i] * row[j] }
            matrix[i * (size + 1) + size] += weight * row[i] * value
          }
        }
      }
      // Little says much about perspective: hold it near none.
      for i in 6..<max(6, size) { matrix[i * (size + 1) + i] += 1 }
      guard let solution = solve(&matrix, size) else { return nil }
      (result.x0, result.xu, result.xv) = (solution[0], solution[1], solution[2])
      (result.y0, result.yu, result.yv) = (solution[3], solution[4], solution[5])
      (result.g, result.h) = isProjective ? (solution[6], solution[7]) : (0, 0)
    }
    return result
  }

  /// Gauß's elimination with pivots; rows of `size` + 1.
  private static func solve(_ matrix: inout [Double], _ size: Int) -> [Double]? {
    let width = size + 1
    for column in 0..<size {
      let pivot =
        (column..<size).max { abs(matrix[$0 * width + column]) < abs(matrix[$1 * width + column]) } ?? column
      guard abs(matrix[pivot * width + column]) > 1e-9 else { return nil }
      if pivot != column {
        for k in 0..<width { matrix.swapAt(pivot * width + k, column * width + k) }
      }
      for row in 0..<size where row != column {
        let factor = matrix[row * width + column] / matrix[column * width + column]
        guard factor != 0 else { continue }
        for k in column..<width { matrix[row * width + k] -= factor * matrix[column * width + k] }
      }
    }
    return (0..<size).map { matrix[$0 * width + size] / matrix[$0 * width + $0] }
  }
}
