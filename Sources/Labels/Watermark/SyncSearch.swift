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

  private let code: TileCode
  private let transform: TileTransform
  // e^(-i phase) of each wave, by pattern.
  private let references: [[(re: Float, im: Float)]]
  // e^(-πi n / 64).
  private let halves: [(re: Float, im: Float)]

  init(_ code: TileCode, _ transform: TileTransform) {
    self.code = code
    self.transform = transform
    halves = (0..<128).map {
      (Float(cos(Double.pi * Double($0) / 64)), Float(-sin(Double.pi * Double($0) / 64)))
    }
    references = code.sync.map { $0.map { (Float(cos($0.phase)), Float(-sin($0.phase))) } }
  }

  /// All ways a tile may be turned.
  static let anyTurn = Array(0..<8)
  /// Not turned at all.
  static let upright = [0]

  /// The best match of `tile` (64 × 64), turned in one of the ways of `symmetries`.
  func best(_ tile: [Float], _ symmetries: [Int] = anyTurn) -> Match {
    var re = tile
    var im = [Float](repeating: 0, count: TileTransform.count)
    transform.run(&re, &im)
    Self.flatten(&re, &im)
    var best = Match(pattern: 0, symmetry: 0, shiftX: 0, shiftY: 0, isNegative: false, score: 0)
    let trials = code.sync.indices.flatMap { pattern in symmetries.map { (pattern: pattern, symmetry: $0) } }
    var (a, b) = (im, im)
    for start in stride(from: 0, to: trials.count, by: 2) {
      // Two correlations, both real, are the two parts of one.
      for index in a.indices { (a[index], b[index]) = (0, 0) }
      let pair = trials[start..<min(start + 2, trials.count)]
      for (part, trial) in pair.enumerated() {
        correlate(re, im, trial.pattern, trial.symmetry, into: &a, &b, isSecond: part == 1)
      }
      transform.run(&a, &b)
      for (part, trial) in pair.enumerated() {
        let match = Self.peak(part == 0 ? a : b, trial.pattern, trial.symmetry)
        if match.score > best.score { best = match }
      }
    }
    return best
  }

  /// Adds the spectrum of the correlation of one pattern, `isSecond` times i.
  private func correlate(
    _ re: [Float], _ im: [Float], _ pattern: Int, _ symmetry: Int, into a: inout [Float], _ b: inout [Float],
    isSecond: Bool
  ) {
    for (wave, reference) in zip(code.sync[pattern], references[pattern]) {
      let (x, y) = Self.turned(wave.x, wave.y, symmetry)
      let source = TileTransform.index(x, y)
      // Cells are sampled at their middles: half a cell is taken back from the phase.
      let half = halves[(x + y) & 127]
      let (turnRe, turnIm) = (
        reference.re * half.re - reference.im * half.im, reference.re * half.im + reference.im * half.re
      )
      let productRe = re[source] * turnRe - im[source] * turnIm
      let productIm = re[source] * turnIm + im[source] * turnRe
      let index = TileTransform.index(wave.x, wave.y)
      let mirror = TileTransform.index(-wave.x, -wave.y)
      if isSecond {
        a[index] -= productIm
        b[index] += productRe
        a[mirror] += productIm
        b[mirror] += productRe
      } else {
        a[index] += productRe
        b[index] += productIm
        a[mirror] += productRe
        b[mirror] -= productIm
      }
    }
  }

  /// Where wave (x, y) of the pattern is found in a tile whose sides `Lattice.turned` would turn back.
  static func turned(_ x: Int, _ y: Int, _ symmetry: Int) -> (Int, Int) {
    var (a, b) = (x, y)
    for _ in 0..<symmetry % 4 { (a, b) = (-b, a) }
    return symmetry >= 4 ? (-a, b) : (a, b)
  }

  /// Divides by the strength of each ring and bounds what stands out.
  static func flatten(_ re: inout [Float], _ im: inout [Float]) {
    let side = TileCode.side
    var (power, count) = ([Float](repeating: 0, count: 64), [Float](repeating: 0, count: 64))
    func ring(_ x: Int, _ y: Int) -> Int {
      let (fx, fy) = (x < side / 2 ? x : x - side, y < side / 2 ? y : y - side)
      return Int(Float(fx * fx + fy * fy).squareRoot() + 0.5)
    }
    for y in 0..<side {
      for x in 0..<side {
        let index = y * side + x
        let r = ring(x, y)
        power[r] += re[index] * re[index] + im[index] * im[index]
        count[r] += 1
      }
    }
    let scales = (0..<64).map { 1 / max((power[$0] / max(1, count[$0])).squareRoot(), 1e-9) }
    for y in 0..<side {
      for x in 0..<side {
        let index = y * side + x
        let scale = scales[ring(x, y)]
        let magnitude = (re[index] * re[index] + im[index] * im[index]).squareRoot() * scale
        let bounded = magnitude > 2 ? scale * 2 / magnitude : scale
        re[index] *= bounded
        im[index] *= bounded
      }
    }
  }

  private static func peak(_ plane: [Float], _ pattern: Int, _ symmetry: Int) -> Match {
    var (best, place, squares) = (Float(0), 0, Float(0))
    for index in plane.indices {
      squares += plane[index] * plane[index]
      if abs(plane[index]) > best { (best, place) = (abs(plane[index]), index) }
    }
    let deviation = max((squares / Float(plane.count)).squareRoot(), 1e-12)
    return Match(
      pattern: pattern, symmetry: symmetry, shiftX: Double(place % TileCode.side),
      shiftY: Double(place / TileCode.side), isNegative: plane[place] < 0, score: best / deviation)
  }
}
