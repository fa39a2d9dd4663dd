internal import MediaCore

extension WatermarkSearch {
  /// Reads the copies in blue from what is left of them in a picture of `size`, in place.
  ///
  /// In few squares the waves of a tile are not apart: each shows in all others, and that, not the picture, is what hides the message. So
  /// synchronisation, which is known, is taken out, and the message is what squares are explained with best, of waves that have all
  /// the same strength by themselves (linear minimum mean square error).
  func read(_ remnant: RemnantPixels, of size: PixelSize, into outcome: inout Outcome) {
    let widths = CellWidths(size).blue
    // Packed rows have all copies, transforms the widest alone.
    var models = [(widths, BlueMark.shares(widths.count))]
    if widths.count > 1 { models.append((Array(widths.suffix(1)), [1])) }
    for (widths, shares) in models {
      let squares = RemnantSquares(remnant, of: size, widths: widths, shares: shares)
      for (key, code) in codes.enumerated() {
        outcome.placedLooks.add()
        let fit = RemnantFit(squares, code)
        guard fit.statistic >= Self.leastInPlace else { continue }
        let message = fit.message()
        let reading = MessageDecoder(code, sent: sent).decode(
          re: message.re, im: message.im, shift: nil, paths: RemnantFit.paths)
        let log10p = WatermarkDecision.log10pInPlace(
          reading.evidence, sync: fit.syncEvidence, looks: outcome.placedLooks)
        guard log10p < WatermarkDecision.acceptance, reading.isChecked else { continue }
        let side = 8 * Double(widths[0])
        outcome.finding = Finding(
          key: key, payload: reading.payload, statistic: reading.statistic, log10p: log10p,
          sync: Float(fit.statistic), lattice: Lattice(ax: side, ay: 0, bx: 0, by: side), isMirrored: false,
          isNegative: false)
        return
      }
    }
  }
}

/// What the waves of one key come to in the squares of a remnant.
struct RemnantFit {
  /// Paths that a decoding follows: a mark is there most likely.
  static let paths = 1024
  /// Steps of conjugate gradients at most, and the share of the first residual at which they end.
  private static let mostSteps = 60
  private static let smallest = 1e-3

  /// a of `WatermarkDecision` of the pattern with most of it, and the evidence of its waves, nats.
  let statistic: Double
  let syncEvidence: Double
  private let squares: RemnantSquares
  private let code: TileCode
  private let pattern: Int

  init(_ squares: RemnantSquares, _ code: TileCode) {
    (self.squares, self.code) = (squares, code)
    // Patterns differ in phases alone.
    let sums = squares.transform(squares.values, of: code.sync[0], signs: nil)
    let patterns = code.sync.map { waves in
      waves.enumerated().map { Self.turnedBack(sums.re[$0], sums.im[$0], $1) }
    }
    let statistics = patterns.map { WatermarkDecision.syncStatistic($0) }
    pattern = statistics.indices.max { statistics[$0] < statistics[$1] } ?? 0
    statistic = statistics[pattern]
    syncEvidence = WatermarkDecision.syncEvidence(patterns[pattern])
  }

  /// A wave without its phase.
  private static func turnedBack(_ re: Float, _ im: Float, _ wave: TileCode.Wave) -> (re: Float, im: Float) {
    let (c, s) = (Float(wave.cosine), Float(wave.sine))
    return (re * c + im * s, im * c - re * s)
  }

  /// The waves of the message, their phases taken out: 1 where they are as strong as they are drawn.
  func message() -> (re: [Float], im: [Float]) {
    let (values, unit) = unexplained()
    var fit = Gradients(squares, code.message, signs: code.signs[pattern], unit: unit)
    fit.solve(values, steps: Self.mostSteps, smallest: Self.smallest)
    let waves = code.message.enumerated().map { Self.turnedBack(fit.re[$0], fit.im[$0], $1) }
    return (waves.map(\.re), waves.map(\.im))
  }

  /// What synchronisation leaves of the values, and how strong a wave of the message is, grey levels.
  private func unexplained() -> (values: [Float], unit: Float) {
    let waves = code.sync[pattern]
    let sync = squares.sums(
      of: waves, re: waves.map { Float(TileSquares.syncAmplitude * $0.cosine) },
      im: waves.map { Float(TileSquares.syncAmplitude * $0.sine) }, signs: nil)
    let weighted = CellSums.combine(sync, squares.weights, *)
    // Of a wave of unit strength, grey levels; where it is in doubt, no less than a mark has.
    let amplitude = Float(
      CellSums.products(sync, squares.values) / max(CellSums.products(sync, weighted), 1e-12))
    let values = CellSums.combine(squares.values, weighted) { $0 - amplitude * $1 }
    return (values, Float(0.5.squareRoot()) * max(amplitude, Self.leastAmplitude))
  }

  private static let leastAmplitude: Float = 0.02
}

/// Least squares of waves that have all the same strength by themselves, by conjugate gradients: (ΦᵀWΦ + 1) x = Φᵀ W y, where Φ takes waves to
/// squares and W are weights.
private struct Gradients {
  private(set) var re: [Float]
  private(set) var im: [Float]
  private let squares: RemnantSquares
  private let waves: [TileCode.Wave]
  private let signs: [Float]
  private let unit: Float

  init(_ squares: RemnantSquares, _ waves: [TileCode.Wave], signs: [Float], unit: Float) {
    (self.squares, self.waves, self.signs, self.unit) = (squares, waves, signs, unit)
    re = [Float](repeating: 0, count: waves.count)
    im = re
  }

  private typealias Vector = (re: [Float], im: [Float])

  /// Φᵀ of weighted values.
  private func transposed(_ values: [Float]) -> Vector {
    let sums = squares.transform(values, of: waves, signs: signs)
    return (CellSums.map(sums.re) { unit * $0 }, CellSums.map(sums.im) { unit * $0 })
  }

  /// ΦᵀWΦ x + x.
  private func applied(_ x: Vector) -> Vector {
    let drawn = squares.sums(
      of: waves, re: CellSums.map(x.re) { unit * $0 }, im: CellSums.map(x.im) { unit * $0 }, signs: signs)
    let back = transposed(CellSums.combine(drawn, squares.weights, *))
    return (CellSums.combine(back.re, x.re, +), CellSums.combine(back.im, x.im, +))
  }

  private static func product(_ a: Vector, _ b: Vector) -> Double {
    CellSums.products(a.re, b.re) + CellSums.products(a.im, b.im)
  }

  private static func sum(_ a: Vector, _ b: Vector, times factor: Double) -> Vector {
    let factor = Float(factor)
    return (
      CellSums.combine(a.re, b.re) { $0 + factor * $1 }, CellSums.combine(a.im, b.im) { $0 + factor * $1 }
    )
  }

  /// Solves for weighted `values` of the squares.
  mutating func solve(_ values: [Float], steps: Int, smallest: Double) {
    var solution: Vector = (re, im)
    var residual = transposed(values)
    var direction = residual
    var square = Self.product(residual, residual)
    let end = smallest * smallest * square
    for _ in 0..<steps where square > end {
      let image = applied(direction)
      let length = square / max(Self.product(direction, image), 1e-30)
      solution = Self.sum(solution, direction, times: length)
      residual = Self.sum(residual, image, times: -length)
      let next = Self.product(residual, residual)
      direction = Self.sum(residual, direction, times: next / max(square, 1e-30))
      square = next
    }
    (re, im) = solution
  }
}
