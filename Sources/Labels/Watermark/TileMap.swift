#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

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

  /// By its coefficients, no perspective.
  private init(x0: Double, xu: Double, xv: Double, y0: Double, yu: Double, yv: Double) {
    (self.x0, self.xu, self.xv, self.y0, self.yu, self.yv) = (x0, xu, xv, y0, yu, yv)
  }

  /// Tiles of `lattice` with the plane's middle at cell (`shiftX`, `shiftY`) of tile (0, 0).
  init(_ lattice: Lattice, shiftX: Double = 0, shiftY: Double = 0) {
    let (u, v) = (shiftX / Double(TileCode.side), shiftY / Double(TileCode.side))
    (xu, xv, yu, yv) = (lattice.ax, lattice.bx, lattice.ay, lattice.by)
    x0 = -(u * xu + v * xv)
    y0 = -(u * yu + v * yv)
  }

  /// Whether its coefficients are numbers.
  var isFinite: Bool { [x0, xu, xv, y0, yu, yv, g, h].allSatisfy(\.isFinite) }

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

  /// The nearest of the maps that move the corners of a plane of `width` × `height` pixels, against `base`, by whole steps: as one, apart
  /// across and down, and crosswise. `bits` is binary logarithms of one over its share of them all. Nil where the map is of no use.
  func snapped(to base: TileMap, width: Int, height: Int) -> (map: TileMap, bits: Double)? {
    let (x, y) = (Double(width) / 2, Double(height) / 2)
    let corners = [(-x, -y), (x, -y), (-x, y), (x, y)]
    let step = Self.snap / Double(TileCode.side)
    var places = corners.map { base.tile($0.0, $0.1) }
    let targets = corners.map { tile($0.0, $0.1) }
    var bits = 0.0
    for signs in Self.moves {
      var (u, v) = (0.0, 0.0)
      for (index, sign) in signs.enumerated() {
        u += sign * (targets[index].u - places[index].u) / 4
        v += sign * (targets[index].v - places[index].v) / 4
      }
      let steps = ((u / step).rounded(), (v / step).rounded())
      guard max(abs(steps.0), abs(steps.1)) < Self.mostSteps else { return nil }
      for (index, sign) in signs.enumerated() {
        places[index].u += sign * steps.0 * step
        places[index].v += sign * steps.1 * step
      }
      bits += Self.bits(steps.0) + Self.bits(steps.1)
    }
    var matrix: [Double] = []
    for ((x, y), (u, v)) in zip(corners, places) {
      matrix += [1, u, v, 0, 0, 0, -x * u, -x * v, x, 0, 0, 0, 1, u, v, -y * u, -y * v, y]
    }
    guard let fit = Self.solve(&matrix, 8) else { return nil }
    var map = TileMap(x0: fit[0], xu: fit[1], xv: fit[2], y0: fit[3], yu: fit[4], yv: fit[5])
    (map.g, map.h) = (fit[6], fit[7])
    return (map, bits)
  }

  /// Cells that a corner moves by in a step, and the most steps.
  private static let snap = 0.5
  private static let mostSteps = 4096.0
  /// How the corners move together.
  private static let moves: [[Double]] = [[1, 1, 1, 1], [-1, 1, -1, 1], [-1, -1, 1, 1], [1, -1, -1, 1]]

  /// Bits of `steps` among all numbers of steps: 2 / ((2 + k) (3 + k)) comes to 1 over all k from 0, half of it each way.
  private static func bits(_ steps: Double) -> Double {
    let k = abs(steps)
    return log2((2 + k) * (3 + k) / 2) + (k > 0 ? 1 : 0)
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
