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
/// apart. For a picture that knows nothing of the key the masked signs are therefore fair coins, and a tail (`normalTail`, `countedTail`) bounds
/// P(t ≥ τ) for any one message, whatever the picture. The union over all 2⁶⁴ messages and all decodings tried is bounded by the sum.
///
/// That is the bound for messages alone. A second one takes the synchronising waves in, whose keyed phases are uniform and independent of the masks:
/// `syncEvidence` is an e-value, with a mean of 1 at most over these phases (Vovk and Wang 2021). *Given the phases*, the message at place j, one of all
/// that a search looks at, reaches 2⁶⁴ exp(-tail) ≤ p πⱼ Eⱼ with a probability of p πⱼ Eⱼ at most. *On average over the phases* that is p πⱼ, and all
/// shares πⱼ come to 1 at most: p = 2⁶⁴ exp(-tail) / (πⱼ Eⱼ) is passed anywhere with a probability of p at most. As synchronisation decides where to look,
/// all places count, read or not. A third bound is that of marks in place, where hardly any are open.
///
/// How many looks a search will take is not known when it takes one, so each has a share of the probability of an error that is fixed
/// beforehand (`ErrorShare`, `LookCount`). All shares come to 1, so that the bound holds for the search as a whole.
enum WatermarkDecision {
  /// Accepted below: 10⁻⁹.
  static let acceptance = -9.0
  /// The largest probability that a message is believed with of being another than the one that was sent (`PolarDecoder.Candidate.doubt`). The
  /// bound is about pictures without the mark: it says nothing of a mark too faint to be read, of which the words near to the true one
  /// have almost as much.
  static let largestDoubt = 1.5e-4

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

  /// Σ of the real parts of `count` synchronising waves, the keyed phases and all that is known of their place taken out, and Σ of the squares of
  /// their sizes; sizes are bounded, for they say nothing about phases.
  @inline(__always)
  private static func sums(
    _ count: Int, _ wave: (Int) -> (re: Float, im: Float)
  ) -> (sum: Double, squares: Double, bound: Float) {
    var total: Float = 0
    for index in 0..<count { total += size(wave(index)) }
    let bound = 1.5 * total / Float(max(1, count))
    var (sum, squares) = (0.0, 0.0)
    for index in 0..<count {
      let wave = wave(index)
      let size = size(wave)
      let scale = size > bound ? bound / size : 1
      sum += Double(wave.re * scale)
      squares += Double(size * size * scale * scale)
    }
    return (sum, squares, bound)
  }

  @inline(__always)
  private static func size(_ wave: (re: Float, im: Float)) -> Float {
    (wave.re * wave.re + wave.im * wave.im).squareRoot()
  }

  /// a of synchronising waves, the keyed phases and all that is known of their place taken out.
  static func syncStatistic(_ values: [(re: Float, im: Float)]) -> Double {
    statistic(sums(values.count) { values[$0] })
  }

  /// The same of waves held in parts.
  static func syncStatistic(re: [Float], im: [Float]) -> Double {
    re.withUnsafeBufferPointer { re in
      im.withUnsafeBufferPointer { im in statistic(sums(min(re.count, im.count)) { (re[$0], im[$0]) }) }
    }
  }

  private static func statistic(_ sums: (sum: Double, squares: Double, bound: Float)) -> Double {
    sums.squares > 0 ? sums.sum / (sums.squares / 2).squareRoot() : 0
  }

  /// The natural logarithm of Σ wₖ exp(xₖ Σ Re r) / Π I₀(xₖ |r|) over waves r. The mean of exp(x Re r) over a uniform phase is I₀(x |r|), so that
  /// the sum has a mean of 1, whatever the sizes are: it is an e-value. With a of `syncStatistic` it is some 1 to 2 less than a² / 2.
  static func syncEvidence(_ values: [(re: Float, im: Float)]) -> Double {
    syncEvidence(re: values.map(\.re), im: values.map(\.im))
  }

  /// The same of waves held in parts.
  static func syncEvidence(re: [Float], im: [Float]) -> Double {
    let count = min(re.count, im.count)
    let (sum, squares, bound) = sums(count) { (re[$0], im[$0]) }
    guard squares > 0 else { return 0 }
    let sizes = (0..<count).map { Double(min(size((re[$0], im[$0])), bound)) }
    let terms = expected.map { deviations, weight in
      let x = deviations / (squares / 2).squareRoot()
      return sizes.reduce(log(weight) + x * sum) { $0 - logBessel(x * $1) }
    }
    let most = terms.max() ?? 0
    return most + log(terms.reduce(0) { $0 + exp($1 - most) })
  }

  /// No more than `syncEvidence` of waves of `statistic`: ln I₀(y) ≤ y² / 4, over 16 angles as well.
  static func leastSyncEvidence(_ statistic: Double) -> Double {
    expected.map { log($0.weight) + $0.deviations * statistic - $0.deviations * $0.deviations / 2 }.max() ?? 0
  }

  /// The a that are expected of a mark that is hard to read, and the weight of each; 1 together.
  private static let expected: [(deviations: Double, weight: Double)] = [(5, 0.25), (7.5, 0.5), (11, 0.25)]

  /// ln I₀(`y`). I₀ is the mean of exp(y cos φ); over 16 angles it is I₀ + 2 I₁₆ + 2 I₃₂ + …, never less, so that what is bounded with it
  /// stays bounded.
  private static func logBessel(_ y: Double) -> Double {
    y + log(angles.reduce(0) { $0 + $1.weight * exp(y * ($1.cosine - 1)) })
  }

  private static let angles: [(cosine: Double, weight: Double)] = (0...8).map { (step: Int) in
    let weight: Double = step % 8 == 0 ? 1 : 2
    return (cos(Double(step) * Double.pi / 8), weight / 16)
  }

  /// The bound where the mark was looked for in place alone, `looks` times, a decoding each: as `log10p`, but that hardly anything is open.
  static func log10pInPlace(_ evidence: Double, sync: Double, looks: LookCount) -> Double {
    guard evidence > 0, sync > 0 else { return 0 }
    return min(0, bitsInPlace(looks) * log10(2.0) - (evidence + sync) / log(10))
  }

  /// Bits of all that may be read in place.
  private static func bitsInPlace(_ looks: LookCount) -> Double {
    Double(PolarCode.picture.payloadBits) + ErrorShare.inPlace + ErrorShare.pattern + looks.bits
  }

  /// The evidence of a message with which `log10pInPlace` is less than `log10p`.
  static func evidenceInPlace(for log10p: Double, sync: Double, looks: LookCount) -> Double {
    (bitsInPlace(looks) * log10(2.0) - log10p) * log(10) - sync
  }

  /// The bound on the probability that a picture without this key's mark shows a message of `evidence` anywhere, and
  /// synchronising waves of `sync` with it, nats both; a decimal logarithm, at most 0. No message has an evidence of 0.
  static func log10p(
    _ evidence: Double, sync: Double = 0, readings: LookCount, lattices: LookCount, pose: ErrorShare.Pose,
    isOfFirstPlace: Bool = false
  ) -> Double {
    guard evidence > 0 else { return 0 }
    let messages = Double(PolarCode.picture.payloadBits) + ErrorShare.decoding(isOfFirstPlace: isOfFirstPlace)
    let alone = ErrorShare.messageAlone + readings.bits
    let both =
      ErrorShare.both + lattices.bits + ErrorShare.shift + ErrorShare.pattern + pose.bits - sync / log(2)
    return min(0, (messages + min(alone, both)) * log10(2.0) - evidence / log(10))
  }
}
