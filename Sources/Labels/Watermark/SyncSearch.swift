#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Finds which of a key's synchronisation patterns a folded tile shows, how it is turned and shifted. Owned by one worker.
final class SyncSearch {
  /// Where a pattern matches best.
  struct Match {
    let pattern: Int
    /// How the tile is turned, as in `Lattice.turned`.
    let symmetry: Int
    /// The cell of the tile at which the plane's middle lies.
    let shiftX: Double
    let shiftY: Double
    let isNegative: Bool
    /// How far the match stands out of all shifts, in standard deviations.
    let score: Float
  }

  private let forward = TileTransform(side: TileFold.side)
  private let correlation: TileCorrelation
  // By symmetry, where each wave stands in the spectrum of a fold.
  private let sources: [[Int32]]
  // e^(-i phase) of each wave, by pattern.
  private let references: [[(re: Float, im: Float)]]
  private let waves: [TileCode.Wave]

  init(_ code: TileCode) {
    let waves = code.sync[0]
    self.waves = waves
    correlation = TileCorrelation(waves)
    sources = Self.anyTurn.map { symmetry in
      waves.map {
        let (x, y) = Self.turned($0.x, $0.y, symmetry)
        return Int32((y & (TileFold.side - 1)) * TileFold.side + (x & (TileFold.side - 1)))
      }
    }
    references = code.sync.map { $0.map { (Float($0.cosine), Float(-$0.sine)) } }
  }

  /// All ways a tile may be turned.
  static let anyTurn = Array(0..<8)
  /// As it is and upside down.
  static let halfTurns = [0, 2]
  /// Not turned at all.
  static let upright = [0]

  /// The best match of `tile`, a `TileFold`, with one of `patterns`, turned in one of the ways of `symmetries`.
  func best(
    _ tile: [Float], _ symmetries: [Int] = anyTurn, _ patterns: Range<Int> = 0..<TileCode.patterns
  ) -> Match {
    var re = tile
    var im = [Float](repeating: 0, count: tile.count)
    forward.run(&re, &im)
    return best(&re, &im, symmetries, patterns)
  }

  /// The best match of a tile's `waves`, turned in any way.
  func best(_ waves: WaveTable.Waves, _ patterns: Range<Int>) -> Match {
    let (side, mask) = (TileFold.side, TileFold.side - 1)
    var re = [Float](repeating: 0, count: side * side)
    var im = re
    for y in 0..<side / 2 {
      for x in 1 - side / 2..<side / 2 where y > 0 || x > 0 {
        let wave = WaveTable.Waves.index(x, y)
        let (index, mirror) = ((y & mask) * side + (x & mask), (-y & mask) * side + (-x & mask))
        (re[index], im[index]) = (waves.re[wave], waves.im[wave])
        (re[mirror], im[mirror]) = (waves.re[wave], -waves.im[wave])
      }
    }
    return best(&re, &im, Self.anyTurn, patterns)
  }

  /// The best match of the tile whose spectrum is `re` + i `im`, which is evened out.
  private func best(
    _ re: inout [Float], _ im: inout [Float], _ symmetries: [Int], _ patterns: Range<Int>
  ) -> Match {
    TileRings.flatten(&re, &im)
    var best = Match(pattern: 0, symmetry: 0, shiftX: 0, shiftY: 0, isNegative: false, score: 0)
    let trials = patterns.flatMap { pattern in symmetries.map { (pattern: pattern, symmetry: $0) } }
    func term(_ trial: (pattern: Int, symmetry: Int)) -> TileCorrelation.Term {
      .init(sources: sources[trial.symmetry], references: references[trial.pattern])
    }
    for start in stride(from: 0, to: trials.count, by: 2) {
      let pair = trials[start..<min(start + 2, trials.count)]
      correlation.set(re, im, term(trials[start]), pair.count > 1 ? term(trials[start + 1]) : nil)
      let peaks = correlation.peaks()
      for (trial, peak) in zip(pair, [peaks.first, peaks.second]) where peak.score > best.score {
        best = Match(
          pattern: trial.pattern, symmetry: trial.symmetry, shiftX: Double(peak.x), shiftY: Double(peak.y),
          isNegative: peak.isNegative, score: peak.score)
      }
    }
    return best
  }

  /// a of `WatermarkDecision` of each pattern in `tile`, a `TileFold`, where the plane's middle lies at cell (`shiftX`, `shiftY`), upright.
  func inPlace(_ tile: [Float], shiftX: Double, shiftY: Double) -> [Double] {
    var re = tile
    var im = [Float](repeating: 0, count: tile.count)
    forward.run(&re, &im)
    TileRings.flatten(&re, &im)
    let turns = waves.map { $0.turn((shiftX, shiftY)) }
    return references.map { references in
      WatermarkDecision.syncStatistic(
        zip(sources[0], zip(references, turns)).map { source, phase in
          let (reference, turn) = phase
          let (c, s) = (
            reference.re * turn.0 - reference.im * turn.1, reference.re * turn.1 + reference.im * turn.0
          )
          let (x, y) = (re[Int(source)], im[Int(source)])
          return (x * c - y * s, x * s + y * c)
        })
    }
  }

  /// Where wave (x, y) of the pattern is found in a tile whose sides `Lattice.turned` would turn back.
  static func turned(_ x: Int, _ y: Int, _ symmetry: Int) -> (Int, Int) {
    var (a, b) = (x, y)
    for _ in 0..<symmetry % 4 { (a, b) = (-b, a) }
    return symmetry >= 4 ? (-a, b) : (a, b)
  }
}

/// The rings of equal frequency in the spectrum of a fold.
private enum TileRings {
  private static let count = 32
  private static let side = TileFold.side
  // Of each place of the spectrum, and what takes back the phase by which a fold's values lie inside: one cell each way.
  private static let places: [(ring: Int32, re: Float, im: Float)] = (0..<side * side).map { index in
    let (x, y) = (index % side, index / side)
    let (fx, fy) = (x < side / 2 ? x : x - side, y < side / 2 ? y : y - side)
    let angle = -2 * Double.pi * Double(fx + fy) / Double(TileCode.side)
    let ring = Int32(Float(fx * fx + fy * fy).squareRoot() + 0.5)
    return (ring, Float(cos(angle)), Float(sin(angle)))
  }

  /// Divides by the strength of each ring and bounds what stands out.
  static func flatten(_ re: inout [Float], _ im: inout [Float]) {
    var (power, number) = ([Float](repeating: 0, count: count), [Float](repeating: 0, count: count))
    re.withUnsafeMutableBufferPointer { re in
      im.withUnsafeMutableBufferPointer { im in
        places.withUnsafeBufferPointer { places in
          for index in 0..<side * side {
            let ring = Int(places[index].ring)
            power[ring] += re[index] * re[index] + im[index] * im[index]
            number[ring] += 1
          }
          let scales = (0..<count).map { 1 / max((power[$0] / max(1, number[$0])).squareRoot(), 1e-9) }
          for index in 0..<side * side {
            let place = places[index]
            let (x, y, scale) = (re[index], im[index], scales[Int(place.ring)])
            let magnitude = (x * x + y * y).squareRoot() * scale
            let bounded = magnitude > 2 ? scale * 2 / magnitude : scale
            re[index] = (x * place.re - y * place.im) * bounded
            im[index] = (x * place.im + y * place.re) * bounded
          }
        }
      }
    }
  }
}
