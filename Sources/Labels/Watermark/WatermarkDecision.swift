#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Whether a picture agrees with a message so well that chance is ruled out.
///
/// The statistic is t = Σ lᵢ qᵢ / √(Σ lᵢ²) over the 512 soft values l of the message's waves and the signs q of the message
/// found. The key masks each sign by a bit of its own, which nothing that led to the soft values depends on: geometry,
/// weights and the place in the period of signs come from the synchronising waves and the signs of tiles, which are keyed
/// apart. For a picture that knows nothing of the key the masked signs are therefore fair coins, and Chernoff's bound (`chance`, an
/// evidence of τ² / 2 nats and a little more) holds for P(t ≥ τ) and any one message, whatever the picture. The union over all 2⁶⁴ messages and all
/// decodings tried is bounded by the sum.
///
/// A second bound takes the synchronising waves r in: a = Σ Re rⱼ / √(½ Σ |rⱼ|²) with the keyed phases taken out. Phases are
/// uniform, so P(a ≥ α) ≤ exp(-α² / 2), independent of the masks. That a² / 2 and the evidence come to s, in whatever shares, has a
/// probability of (1 + s) exp(-s) at most: two independent values, each beyond x with exp(-x) at most, added up. As a decides where
/// to look, here all geometries count: `geometryBits` for the shifts, turns and patterns of one lattice, and `trackedBits` more
/// where a map of eight parameters was fitted. The smaller bound holds, doubled for the choice.
enum WatermarkDecision {
  /// Accepted below: 10⁻⁹.
  static let acceptance = -9.0

  /// Soft values bounded to 1.3 times the mean of their sizes, so that a few waves of the picture's own do not decide alone.
  static func bounded(_ values: [Float]) -> [Float] {
    var absolute: Float = 0
    for value in values { absolute += abs(value) }
    let bound = 1.3 * absolute / Float(max(1, values.count))
    return values.map { min(max($0, -bound), bound) }
  }

  /// t of bounded soft values and symbols.
  static func statistic(_ values: [Float], _ symbols: [Float]) -> Double {
    var (sum, squares) = (0.0, 0.0)
    for (value, symbol) in zip(values, symbols) {
      sum += Double(value * symbol)
      squares += Double(value * value)
    }
    return squares > 0 ? sum / squares.squareRoot() : 0
  }

  /// The natural logarithm of Chernoff's bound on the probability that `values` with signs of fair coins come to as much as with those
  /// of `symbols`: the least of Σ ln cosh(x l) - x Σ l q over x > 0, any of which gives a bound. Hoeffding's follows from
  /// ln cosh y ≤ y² / 2, so that this one is never weaker.
  static func chance(_ values: [Float], _ symbols: [Float]) -> Double {
    var (sum, squares) = (0.0, 0.0)
    for (value, symbol) in zip(values, symbols) {
      sum += Double(value * symbol)
      squares += Double(value * value)
    }
    guard sum > 0, squares > 0 else { return 0 }
    var (x, best) = (sum / squares, 0.0)
    for _ in 0..<6 {
      var (value, slope, curvature) = (-x * sum, -sum, 0.0)
      for size in values {
        let size = abs(Double(size))
        let small = exp(-2 * x * size)
        let tanh = (1 - small) / (1 + small)
        value += x * size + log((1 + small) / 2)
        slope += size * tanh
        curvature += size * size * (1 - tanh * tanh)
      }
      best = min(best, value)
      guard curvature > 1e-9 * squares else { break }
      x = min(max(x - slope / curvature, x / 4), 4 * x)
    }
    return best
  }

  /// a of synchronising waves, the keyed phases and all that is known of their place taken out.
  static func syncStatistic(_ values: [(re: Float, im: Float)]) -> Double {
    let mean = values.reduce(0) { $0 + ($1.re * $1.re + $1.im * $1.im).squareRoot() } / Float(values.count)
    var (sum, squares) = (Float(0), Float(0))
    for value in values {
      let size = (value.re * value.re + value.im * value.im).squareRoot()
      // Bounding sizes says nothing about phases.
      let scale = size > 1.5 * mean ? 1.5 * mean / size : 1
      sum += value.re * scale
      squares += size * size * scale * scale
    }
    return squares > 0 ? Double(sum / (squares / 2).squareRoot()) : 0
  }

  /// 2¹² shifts of 2² parts of a cell, 2³ turns, 2 signs, 2² patterns.
  static let geometryBits = 20.0
  /// Eight parameters that move by about a cell at the edge of a picture, over a range of some ten cells.
  static let trackedBits = 26.0

  /// 2² patterns: all that is open where a mark stands in place.
  static let inPlaceBits = 2.0

  /// The bound on both together where the mark was looked for in place alone, `looks` times, a decoding each; one bit because looks elsewhere are
  /// bounded beside these.
  static func log10pInPlace(_ evidence: Double, sync: Double, looks: Int) -> Double {
    guard evidence > 0, sync > 0 else { return 0 }
    let open = Double(PolarCode.picture.payloadBits) + inPlaceBits + log2(Double(max(1, looks))) + 1
    return min(0, (open + jointly(evidence, sync)) * log10(2.0))
  }

  /// The binary logarithm of the bound on both statistics together.
  private static func jointly(_ evidence: Double, _ sync: Double) -> Double {
    let sum = evidence + max(0, sync) * max(0, sync) / 2
    return log2(1 + sum) - sum / log(2)
  }

  /// The bound on the probability that a picture without this key's mark reaches `evidence` for the message (nats), and `sync` for the
  /// synchronising waves, in any of `decodings` in `candidates` lattices; a decimal logarithm, at most 0. `isBesideOthers` where looks in
  /// place are bounded besides.
  static func log10p(
    _ evidence: Double, sync: Double = 0, decodings: Int, candidates: Int = 1, isTracked: Bool = false,
    isBesideOthers: Bool = false
  ) -> Double {
    guard evidence > 0 else { return 0 }
    let decodingBits = log2(Double(max(1, decodings)))
    let messages = Double(PolarCode.picture.payloadBits) + decodingBits
    let messageOnly = messages - evidence / log(2)
    let geometry = geometryBits + (isTracked ? trackedBits : 0) + log2(Double(max(1, candidates)))
    let both = messages + geometry + jointly(evidence, sync)
    return min(0, (min(messageOnly, both) + (isBesideOthers ? 2 : 1)) * log10(2.0))
  }
}
