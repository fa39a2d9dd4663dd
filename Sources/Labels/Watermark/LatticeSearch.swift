#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Finds where a residual's shifts suggest that tiles repeat.
struct LatticeSearch {
  /// A lattice and how far its shifts stand out, in standard deviations.
  struct Candidate {
    var lattice: Lattice
    var score: Float
  }

  private typealias Lag = (i: Double, j: Double, weight: Float)
  private static let near: [Lag] = [
    (1, 0, 1), (0, 1, 1), (1, 1, 0.8), (1, -1, 0.8), (2, 0, 0.5), (0, 2, 0.5),
  ]
  private static let far: [Lag] = {
    var lags: [Lag] = []
    for j in 0...3 {
      for i in -3...3 where (j > 0 || i > 0) && i * i + j * j <= 10 {
        lags.append((Double(i), Double(j), 1 / Float(i * i + j * j).squareRoot()))
      }
    }
    return lags
  }()

  let lags: LagPlane
  /// Pixels a cell may be wide.
  let low: Double
  let high: Double
  /// Degrees by which tiles may be turned either way: a square lattice looks the same after a quarter turn.
  var turn = 45.0

  /// The best lattices, the best first.
  func candidates(limit: Int) -> [Candidate] {
    var coarse = grid()
    coarse.sort { $0.score > $1.score }
    var kept: [Candidate] = []
    let apart = 2.5 * (low * high).squareRoot()
    for candidate in coarse {
      if kept.contains(where: { Self.distance($0.lattice, candidate.lattice) < apart }) { continue }
      kept.append(candidate)
      if kept.count == 2 * limit { break }
    }
    for index in kept.indices {
      climb(&kept[index], Self.near, step: 1.2)
      climb(&kept[index], Self.far, step: 0.6)
    }
    kept.sort { $0.score > $1.score }
    var result: [Candidate] = []
    for candidate in kept where result.count < limit {
      if result.contains(where: { Self.distance($0.lattice, candidate.lattice) < 1 }) { continue }
      result.append(candidate)
    }
    return result
  }

  /// What the two sides of a lattice must show together before the other shifts are looked at.
  private static let leastSides: Float = 1.5

  private static let aspects = Array(stride(from: 0.88, through: 1.121, by: 0.04))
  private static let shears = [-0.04, 0, 0.04]

  private func grid() -> [Candidate] {
    var result: [Candidate] = []
    let turns = stride(from: -turn, to: turn, by: 1.25).map { (cos($0 * .pi / 180), sin($0 * .pi / 180)) }
    let shapes = turns.flatMap { cosine, sine in
      Self.aspects.map { aspect in
        Self.shears.map { Lattice(side: 1, cosine: cosine, sine: sine, aspect: aspect, shear: $0) }
      }
    }
    // A tile's own sides come first: hardly a lattice is found whose shifts by them show nothing. Slants leave the first side alone.
    let sides = shapes.map { slanted in [(slanted[0].ax, slanted[0].ay)] + slanted.map { ($0.bx, $0.by) } }
    let (x, y) = (sides.joined().map { Float($0.0) }, sides.joined().map { Float($0.1) })
    var side = 64 * low
    while side <= 64 * high {
      let values = lags.values(x, y, scale: Float(side))
      for (shape, slanted) in shapes.enumerated() {
        let start = (1 + slanted.count) * shape
        for (index, lattice) in slanted.enumerated()
        where values[start] + values[start + 1 + index] > Self.leastSides {
          let lattice = lattice.scaled(side, side)
          let score = score(lattice, Self.near)
          if score > 2 { result.append(Candidate(lattice: lattice, score: score)) }
        }
      }
      side *= 1.022
    }
    return result
  }

  @inline(__always)
  private func score(_ lattice: Lattice, _ lags: [Lag]) -> Float {
    var (sum, squares) = (Float(0), Float(0))
    for lag in lags {
      let point = lattice.point(lag.i, lag.j)
      sum += lag.weight * self.lags.value(point.x, point.y)
      squares += lag.weight * lag.weight
    }
    return sum / squares.squareRoot()
  }

  /// Moves each coordinate, and scale and angle, as long as that helps, in ever smaller steps.
  private func climb(_ candidate: inout Candidate, _ lags: [Lag], step: Double) {
    candidate.score = score(candidate.lattice, lags)
    var step = step
    while step > 0.02 {
      var best = candidate
      for move in 0..<12 {
        let size = move % 2 == 0 ? step : -step
        var lattice = candidate.lattice
        let turn = size / (lattice.area.squareRoot())
        switch move / 2 {
        case 0: lattice.ax += size
        case 1: lattice.ay += size
        case 2: lattice.bx += size
        case 3: lattice.by += size
        case 4:
          (lattice.ax, lattice.ay) = (lattice.ax * (1 + turn), lattice.ay * (1 + turn))
          (lattice.bx, lattice.by) = (lattice.bx * (1 + turn), lattice.by * (1 + turn))
        default:
          (lattice.ax, lattice.ay) = (lattice.ax - turn * lattice.ay, lattice.ay + turn * lattice.ax)
          (lattice.bx, lattice.by) = (lattice.bx - turn * lattice.by, lattice.by + turn * lattice.bx)
        }
        let score = score(lattice, lags)
        if score > best.score { best = Candidate(lattice: lattice, score: score) }
      }
      if best.score > candidate.score { candidate = best } else { step /= 2 }
    }
  }

  private static func distance(_ a: Lattice, _ b: Lattice) -> Double {
    max(abs(a.ax - b.ax), abs(a.ay - b.ay), abs(a.bx - b.bx), abs(a.by - b.by))
  }
}
