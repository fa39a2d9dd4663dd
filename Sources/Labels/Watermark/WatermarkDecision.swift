#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Whether a picture agrees with a message so well that chance is ruled out.
///
/// The statistic is t = (Σ lᵢ qᵢ + Σ Re rⱼ) / √(Σ lᵢ² + ½ Σ |rⱼ|²) over the 512 soft values l of the message's waves with the
/// signs q of the message found, and the synchronising waves r with their keyed phases taken out. For a picture that knows
/// nothing of the key the signs are independent fair coins, masked by the key, and the phases uniform; by Hoeffding's
/// inequality (and the like for phases) P(t ≥ τ) ≤ exp(-τ² / 2) whatever the picture. All 2⁶⁴ messages and all
/// hypotheses tried are added up by the union bound.
enum WatermarkDecision {
  /// Accepted below: 10⁻⁹.
  static let acceptance = -9.0
  /// Binary logarithm of what every candidate lattice is tried with: 2¹² shifts of 2² parts of a cell, 8 symmetries, 2
  /// signs, 4 patterns, 64 places in the period of signs.
  static let hypothesisBits = 12.0 + 2 + 3 + 1 + 2 + 6

  static func statistic(_ values: [Float], _ symbols: [Float], sync: [(re: Float, im: Float)]) -> Double {
    var absolute: Float = 0
    for value in values { absolute += abs(value) }
    // Bounding what stands out keeps a few waves from deciding alone.
    let bound = 1.3 * absolute / Float(max(1, values.count))
    var (sum, squares) = (0.0, 0.0)
    for (value, symbol) in zip(values, symbols) {
      let bounded = min(max(value, -bound), bound)
      sum += Double(bounded * symbol)
      squares += Double(bounded * bounded)
    }
    for value in sync {
      // A synchronising wave is one number with the whole amplitude, the message's halves of two; bound its length.
      let length = (value.re * value.re + value.im * value.im).squareRoot()
      let scale = length > 2 * bound ? 2 * bound / length : 1
      sum += Double(value.re * scale)
      squares += Double(length * length * scale * scale) / 2
    }
    return squares > 0 ? sum / squares.squareRoot() : 0
  }

  /// The bound on the probability that a picture without this key's mark reaches `statistic` in any of `candidates`
  /// lattices, as a decimal logarithm; at most 0.
  static func log10p(_ statistic: Double, candidates: Int) -> Double {
    guard statistic > 0 else { return 0 }
    let bits = 64 + hypothesisBits + log2(Double(max(1, candidates)))
    return min(0, -statistic * statistic / 2 / log(10) + bits * log10(2.0))
  }
}
