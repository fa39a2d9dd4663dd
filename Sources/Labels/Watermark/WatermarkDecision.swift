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
/// apart. For a picture that knows nothing of the key the masked signs are therefore fair coins, and by Hoeffding's
/// inequality P(t ≥ τ) ≤ exp(-τ² / 2) for any one message, whatever the picture. The union over all 2⁶⁴ messages and all
/// decodings tried is bounded by the sum.
enum WatermarkDecision {
  /// Accepted below: 10⁻⁹.
  static let acceptance = -9.0

  /// t of soft values and symbols; values beyond 1.3 times their mean are bounded, so that a few do not decide alone.
  static func statistic(_ values: [Float], _ symbols: [Float]) -> Double {
    var absolute: Float = 0
    for value in values { absolute += abs(value) }
    let bound = 1.3 * absolute / Float(max(1, values.count))
    var (sum, squares) = (0.0, 0.0)
    for (value, symbol) in zip(values, symbols) {
      let bounded = min(max(value, -bound), bound)
      sum += Double(bounded * symbol)
      squares += Double(bounded * bounded)
    }
    return squares > 0 ? sum / squares.squareRoot() : 0
  }

  /// The bound on the probability that a picture without this key's mark reaches `statistic` in any of `decodings`, as a
  /// decimal logarithm; at most 0.
  static func log10p(_ statistic: Double, decodings: Int) -> Double {
    guard statistic > 0 else { return 0 }
    let bits = Double(PolarCode.payloadBits) + log2(Double(max(1, decodings)))
    return min(0, -statistic * statistic / 2 / log(10) + bits * log10(2.0))
  }
}
