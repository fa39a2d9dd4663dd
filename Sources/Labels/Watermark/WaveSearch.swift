internal import CSignal

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Finds lattices by a key: tiles that repeat over a picture have their synchronising waves in single lines of its spectrum, and
/// the key says which. The power at the places of these lines stands out where what tiles share by chance does not, and takes
/// no shift, sign or phase to be known.
///
/// Only places are used, never phases, so that what is found says nothing about the phases that `WatermarkDecision` counts on.
struct WaveSearch {
  private let spectrum: FlatSpectrum
  /// Cycles a tile.
  private let waves: Waves
  private let low: Double
  private let high: Double

  /// Looks for `waves` in `spectrum`, cells of `low` to `high` pixels.
  init(_ spectrum: FlatSpectrum, _ waves: [TileCode.Wave], low: Double, high: Double) {
    self.spectrum = spectrum
    self.waves = Waves(x: waves.map { Float($0.x) }, y: waves.map { Float($0.y) })
    (self.low, self.high) = (low, high)
  }

  /// Cycles a tile, across and down.
  private struct Waves {
    let x: [Float]
    let y: [Float]

    /// The half of highest frequency.
    var highest: Waves {
      let squares = zip(x, y).map { $0 * $0 + $1 * $1 }
      let middle = squares.sorted()[squares.count / 2]
      let kept = squares.indices.filter { squares[$0] >= middle }
      return Waves(x: kept.map { x[$0] }, y: kept.map { y[$0] })
    }
  }

  /// Square lattices turned by any angle (by half a turn more or less all the same), the best first.
  func turned(limit: Int) -> [LatticeSearch.Candidate] {
    let plane = LogPolarPlane(spectrum, low: low, high: high, mean: ClippedPower.mean)
    let peaks = plane.peaks(zip(waves.x, waves.y).map { (x: $0, y: $1) }, limit: 3 * limit)
    return refined(
      peaks.map {
        Lattice(
          side: Double(TileCode.side) * $0.cell, cosine: cos($0.angle), sine: sin($0.angle), aspect: 1,
          shear: 0
        )
      }, limit: limit)
  }

  /// Upright lattices whose cells are `aspect` times as wide as high, the best first: so few that chance comes less far.
  func upright(aspect: Double, limit: Int) -> [LatticeSearch.Candidate] {
    var scan: [LatticeSearch.Candidate] = []
    var side = low * Double(TileCode.side)
    while side <= high * Double(TileCode.side) {
      let lattice = Lattice(ax: side, ay: 0, bx: 0, by: side / aspect)
      scan.append(.init(lattice: lattice, score: score(lattice)))
      side *= 1 + Self.step / 4
    }
    var kept: [LatticeSearch.Candidate] = []
    for candidate in scan.sorted(by: { $0.score > $1.score }) where kept.count < limit {
      let apart = 0.02 * candidate.lattice.ax
      if !kept.contains(where: { $0.lattice.distance(candidate.lattice) < apart }) { kept.append(candidate) }
    }
    return kept
  }

  /// Lattices nearly upright and nearly `side` pixels wide, as a picture seen at a slight angle shows in each of its parts.
  func nearby(side: Double, limit: Int) -> [LatticeSearch.Candidate] {
    let steps = stride(from: -Self.nearbyReach, through: Self.nearbyReach + 1e-9, by: Self.nearbyStep)
    var coarse: [LatticeSearch.Candidate] = []
    // The highest half of the waves, which stand out most, say where the others are worth a look.
    let highest = waves.highest
    for wide in steps {
      for high in steps {
        for right in steps {
          for down in steps {
            let lattice = Lattice(
              ax: side * (1 + wide), ay: side * down, bx: side * right, by: side * (1 + high))
            let score = score(lattice, highest)
            if score > Self.leastNearby { coarse.append(.init(lattice: lattice, score: score)) }
          }
        }
      }
    }
    coarse.sort { $0.score > $1.score }
    var kept: [Lattice] = []
    let apart = 1.5 * Self.nearbyStep * side
    for candidate in coarse where kept.count < 2 * limit {
      if !kept.contains(where: { $0.distance(candidate.lattice) < apart }) { kept.append(candidate.lattice) }
    }
    return refined(kept, limit: limit)
  }

  private static let nearbyReach = 0.06
  private static let nearbyStep = 0.02
  private static let leastNearby: Float = 1.5

  /// Upright lattices wider than high or less wide, the best first.
  func stretched(limit: Int) -> [LatticeSearch.Candidate] {
    var coarse: [LatticeSearch.Candidate] = []
    var side = max(low, Self.leastOfHigh * high) * Double(TileCode.side)
    while side <= high * Double(TileCode.side) {
      for aspect in stride(from: Self.narrowest, through: 1 / Self.narrowest, by: 2 * Self.step)
      where abs(aspect - 1) > Self.step {
        let lattice = Lattice(side: side, cosine: 1, sine: 0, aspect: aspect, shear: 0)
        let score = score(lattice)
        if score > Self.leastCoarse { coarse.append(.init(lattice: lattice, score: score)) }
      }
      side *= 1 + 1.5 * Self.step
    }
    coarse.sort { $0.score > $1.score }
    var kept: [Lattice] = []
    for candidate in coarse where kept.count < 2 * limit {
      let apart = 0.03 * candidate.lattice.ax
      if !kept.contains(where: { $0.distance(candidate.lattice) < apart }) { kept.append(candidate.lattice) }
    }
    return refined(kept, limit: limit)
  }

  private static let step = 0.004
  private static let narrowest = 0.86
  /// Smaller cells than this share of the largest are not looked for stretched.
  private static let leastOfHigh = 0.4
  private static let leastCoarse: Float = 2.5

  /// Each moved to where it scores best, the best first.
  private func refined(_ lattices: [Lattice], limit: Int) -> [LatticeSearch.Candidate] {
    var result: [LatticeSearch.Candidate] = []
    for candidate in lattices.map(climb).sorted(by: { $0.score > $1.score }) where result.count < limit {
      let apart = 0.01 * candidate.lattice.area.squareRoot()
      if result.contains(where: { $0.lattice.distance(candidate.lattice) < apart }) { continue }
      result.append(candidate)
    }
    return result
  }

  /// How far the power of all waves stands out, in standard deviations.
  func score(_ lattice: Lattice) -> Float { score(lattice, waves) }

  private func score(_ lattice: Lattice, _ waves: Waves) -> Float {
    // A wave of k cycles a tile has the frequency M⁻ᵀ k where M holds the tile's sides.
    let unit = 1 / (lattice.ax * lattice.by - lattice.ay * lattice.bx)
    let (xx, xy) = (Float(lattice.by * unit), Float(-lattice.ay * unit))
    let (yx, yy) = (Float(-lattice.bx * unit), Float(lattice.ax * unit))
    let sum = spectrum.sum(waves.x, waves.y, by: [xx, xy, yx, yy])
    return ClippedPower.deviations(sum, count: waves.x.count)
  }

  /// Moves each side's ends as long as that helps, in ever smaller steps.
  private func climb(_ lattice: Lattice) -> LatticeSearch.Candidate {
    var best = LatticeSearch.Candidate(lattice: lattice, score: score(lattice))
    let side = lattice.area.squareRoot()
    var step = 0.006 * side
    while step > 0.0008 * side {
      let from = best
      for move in 0..<16 {
        let moved = from.lattice.moved(move / 2, by: move % 2 == 0 ? step : -step)
        let score = score(moved)
        if score > best.score { best = .init(lattice: moved, score: score) }
      }
      if best.score <= from.score { step /= 2 }
    }
    return best
  }
}

extension Lattice {
  /// The largest difference of any coordinate.
  func distance(_ other: Lattice) -> Double {
    max(abs(ax - other.ax), abs(ay - other.ay), abs(bx - other.bx), abs(by - other.by))
  }

  /// A neighbour: one of four coordinates moved by `step` pixels, or both sides stretched, turned, made unlike or slanted by as much.
  func moved(_ direction: Int, by step: Double) -> Lattice {
    let part = step / area.squareRoot()
    var result = self
    switch direction {
    case 0: result.ax += step
    case 1: result.ay += step
    case 2: result.bx += step
    case 3: result.by += step
    case 4: result = scaled(1 + part, 1 + part)
    case 5:
      result = Lattice(ax: ax - part * ay, ay: ay + part * ax, bx: bx - part * by, by: by + part * bx)
    case 6: result = scaled(1 + part, 1 - part)
    default: result = Lattice(ax: ax + part * ay, ay: ay + part * ax, bx: bx + part * by, by: by + part * bx)
    }
    return result
  }
}

/// A spectrum over angles and logarithms of frequencies, where turning and scaling a lattice are shifts of all its waves alike.
private struct LogPolarPlane {
  /// Angles over half a turn.
  private static let turns = 480
  private static let step = 0.006

  private let low: Double
  private let high: Double
  /// Widths of cells, from `high` down.
  private let scales: Int
  /// Logarithms of frequencies kept.
  private let count: Int
  private let values: [Float]

  init(_ spectrum: FlatSpectrum, low: Double, high: Double, mean: Float) {
    (self.low, self.high) = (low, high)
    let scales = Int(log(high / low) / Self.step) + 1
    let count = scales + Int(log(TileCode.outerRadius / TileCode.innerRadius) / Self.step) + 2
    (self.scales, self.count) = (scales, count)
    let first = TileCode.innerRadius / Double(TileCode.side) / high
    let radii = (0..<count).map { Float(first * exp(Double($0) * Self.step)) }
    values = [Float](unsafeUninitializedCapacity: Self.turns * count) { values, filled in
      filled = Self.turns * count
      guard let values = values.baseAddress else { return }
      withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * count) { places in
        guard let across = places.baseAddress else { return }
        for turn in 0..<Self.turns {
          let angle = Double.pi * Double(turn) / Double(Self.turns)
          let (c, s) = (Float(cos(angle)), Float(sin(angle)))
          for (index, radius) in radii.enumerated() {
            across[index] = radius * c
            across[count &+ index] = radius * s
          }
          let row = values + turn * count
          spectrum.read(across, across + count, count: count, into: row)
          for index in 0..<count { row[index] -= mean }
        }
      }
    }
  }

  typealias Peak = (angle: Double, cell: Double)

  /// Where the sum over `waves` is largest, the best first.
  func peaks(_ waves: [(x: Float, y: Float)], limit: Int) -> [Peak] {
    let sums = sums(waves)
    var squares: Float = 0
    for value in sums { squares += value * value }
    let least = Self.leastDeviations * (squares / Float(sums.count)).squareRoot()
    var places = sums.indices.filter { sums[$0] > least }
    places.sort { sums[$0] > sums[$1] }
    var kept: [(turn: Int, scale: Int)] = []
    for place in places where kept.count < limit {
      let (turn, scale) = (place / scales, place % scales)
      let isNew = kept.allSatisfy {
        let apart = abs($0.turn - turn)
        return min(apart, Self.turns - apart) > 3 || abs($0.scale - scale) > 3
      }
      if isNew { kept.append((turn, scale)) }
    }
    return kept.map {
      (Double.pi * Double($0.turn) / Double(Self.turns), high * exp(-Double($0.scale) * Self.step))
    }
  }

  private static let leastDeviations: Float = 3.5

  /// The sum over `waves` for each angle and width.
  private func sums(_ waves: [(x: Float, y: Float)]) -> [Float] {
    let shifts = waves.map { wave in
      let (x, y) = (Double(wave.x), Double(wave.y))
      let turn = Int((atan2(y, x) / .pi * Double(Self.turns)).rounded())
      let radius = log((x * x + y * y).squareRoot() / TileCode.innerRadius)
      return (turn: (turn + Self.turns) % Self.turns, radius: Int((radius / Self.step).rounded()))
    }
    let (scales, count) = (scales, count)
    return [Float](unsafeUninitializedCapacity: Self.turns * scales) { sums, filled in
      values.withUnsafeBufferPointer { values in
        guard let sums = sums.baseAddress, let values = values.baseAddress else { return }
        for turn in 0..<Self.turns {
          let places = shifts.map { Int32((turn + $0.turn) % Self.turns * count + $0.radius) }
          tm_sums_at(values, places, Int32(places.count), Int32(scales), sums + turn * scales)
        }
      }
      filled = Self.turns * scales
    }
  }
}
