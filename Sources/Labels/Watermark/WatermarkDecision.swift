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
/// evidence of τ² / 2 nats and a little more) holds for P(t ≥ τ) and any one message, whatever the picture. The union over all 2⁶⁴
/// messages and all decodings tried is bounded by the sum.
///
/// A second bound takes the synchronising waves r in: a = Σ Re rⱼ / √(½ Σ |rⱼ|²) with the keyed phases taken out. These are
/// uniform and independent of the masks, so that Chernoff's bound holds for a as well (`syncChance`). That both come to s nats, in whatever
/// shares, has for M messages a probability of M (1 + s - ln M) exp(-s) at most: synchronisation is beyond u with exp(-u), one
/// of the messages then beyond s - u with the less of 1 and M exp(u - s), and that is added up over u. As a decides where
/// to look, here all geometries count. A third bound is that of marks in place, where hardly any are open.
///
/// How many looks a search will take is not known when it takes one, so each has a share of the probability of an error that is fixed
/// beforehand (`ErrorShare`, `LookCount`). All shares come to 1, so that the bound holds for the search as a whole.
enum WatermarkDecision {
  /// Accepted below: 10⁻⁹.
  static let acceptance = -9.0
  /// Nats below which a message is not believed, however well synchronisation shows a mark: one of 2⁶⁴ messages that are not there has
  /// 2⁷⁰ with a probability of 2⁻⁶ at most, and no decoder sees more than a few of them.
  static let leastEvidence = 70 * log(2.0)

  /// The same of a message that `rank` others were likelier than: where a mark cannot be read, a checksum is right by chance far down a long
  /// list most likely, among words near to the true one.
  static func leastEvidence(rank: Int) -> Double { leastEvidence + log(1 + Double(rank)) / 3 }

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

  /// Synchronising waves, the keyed phases and all that is known of their place taken out: real parts and sizes, bounded, for sizes say
  /// nothing about phases.
  private static func boundedWaves(
    _ values: [(re: Float, im: Float)]
  ) -> (sum: Double, sizes: [Double], squares: Double) {
    let sizes = values.map { ($0.re * $0.re + $0.im * $0.im).squareRoot() }
    let bound = 1.5 * sizes.reduce(0, +) / Float(max(1, sizes.count))
    var (sum, squares) = (0.0, 0.0)
    for (value, size) in zip(values, sizes) {
      let scale = size > bound ? bound / size : 1
      sum += Double(value.re * scale)
      squares += Double(size * size * scale * scale)
    }
    return (sum, sizes.map { Double(min($0, bound)) }, squares)
  }

  /// a of synchronising waves, the keyed phases and all that is known of their place taken out.
  static func syncStatistic(_ values: [(re: Float, im: Float)]) -> Double {
    let (sum, _, squares) = boundedWaves(values)
    return squares > 0 ? sum / (squares / 2).squareRoot() : 0
  }

  /// The natural logarithm of Chernoff's bound on the probability that waves of the sizes of `values` and uniform phases come to as
  /// much as they: the least of Σ ln I₀(x |r|) - x Σ Re r over x > 0. It is -a² / 2 for a small a, and less else.
  static func syncChance(_ values: [(re: Float, im: Float)]) -> Double {
    let (sum, sizes, squares) = boundedWaves(values)
    guard sum > 0, squares > 0 else { return 0 }
    var (x, best) = (2 * sum / squares, 0.0)
    for _ in 0..<6 {
      var (value, slope, curvature) = (-x * sum, -sum, 0.0)
      for size in sizes {
        let (logarithm, ratio) = logBessel(x * size)
        value += logarithm
        slope += size * ratio
        let y = x * size
        let change = y > 0.01 ? 1 - ratio / y - ratio * ratio : 0.5
        curvature += size * size * max(1e-3, change)
      }
      best = min(best, value)
      x = min(max(x - slope / curvature, x / 4), 4 * x)
    }
    return best
  }

  /// ln I₀(`y`) and about I₁ / I₀. I₀ is the mean of exp(y cos φ); over 16 angles it is I₀ + 2 I₁₆ + 2 I₃₂ + …, never less, so that
  /// what is bounded with it stays bounded.
  private static func logBessel(_ y: Double) -> (logarithm: Double, ratio: Double) {
    var (sum, slope) = (0.0, 0.0)
    for (cosine, weight) in angles {
      let part = weight * exp(y * (cosine - 1))
      sum += part
      slope += cosine * part
    }
    return (y + log(sum), slope / sum)
  }

  private static let angles: [(cosine: Double, weight: Double)] = (0...8).map { (step: Int) in
    let weight: Double = step % 8 == 0 ? 1 : 2
    return (cos(Double(step) * Double.pi / 8), weight / 16)
  }

  /// The bound where the mark was looked for in place alone, `looks` times, a decoding each: as `log10p`, but that hardly anything is open.
  static func log10pInPlace(_ evidence: Double, sync: Double, looks: LookCount) -> Double {
    guard evidence >= leastEvidence, sync > 0 else { return 0 }
    let messages = Double(PolarCode.picture.payloadBits)
    let both =
      messages + ErrorShare.inPlace + ErrorShare.pattern + looks.bits + jointly(evidence, sync, messages)
    return min(0, both * log10(2.0))
  }

  /// The bound on the probability that a picture without this key's mark shows a message of `evidence` anywhere, and
  /// synchronising waves of `sync` with it, nats both; a decimal logarithm, at most 0.
  static func log10p(
    _ evidence: Double, sync: Double = 0, readings: LookCount, lattices: LookCount, pose: ErrorShare.Pose,
    isOfFirstPlace: Bool = false
  ) -> Double {
    guard evidence >= leastEvidence else { return 0 }
    let messages = Double(PolarCode.picture.payloadBits) + ErrorShare.decoding(isOfFirstPlace: isOfFirstPlace)
    let messageAlone = messages + ErrorShare.messageAlone + readings.bits - evidence / log(2)
    let geometry = lattices.bits + ErrorShare.shift + ErrorShare.pattern + pose.bits
    let both = messages + ErrorShare.both + geometry + jointly(evidence, sync, messages)
    return min(0, min(messageAlone, both) * log10(2.0))
  }

  /// The binary logarithm of the bound on both together for one geometry and one of 2 ^ `messages` messages.
  private static func jointly(_ evidence: Double, _ sync: Double, _ messages: Double) -> Double {
    let sum = evidence + max(0, sync)
    return log2(1 + max(0, sum - messages * log(2))) - sum / log(2)
  }
}
