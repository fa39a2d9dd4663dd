internal import CSignal

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Bounds on the probability that values with signs of fair coins come to as much as with given signs, as natural logarithms. Chernoff's
/// (`chance`) leaves out how far sums spread beyond the one asked for.
extension WatermarkDecision {
  /// For many values, none of which decides alone: c P(η ≥ t) of a normal η, with t = Σ l q / √Σ l² and c = 1 / (4 P(η ≥ √2)) = 3.178
  /// (Bentkus and Dzindzalieta 2015), or Chernoff's where that is smaller.
  static func normalTail(_ values: [Float], _ symbols: [Float]) -> Double {
    let statistic = statistic(values, symbols)
    let chernoff = chance(values, symbols)
    return min(chernoff, normalTail(statistic))
  }

  /// That without Chernoff's, of t alone; no bound, 0, where t is small or beyond what can be told.
  static func normalTail(_ statistic: Double) -> Double {
    guard statistic > 1, statistic < 36 else { return 0 }
    return min(0, log(erfc(statistic / 2.0.squareRoot()) / (4 * erfc(1))))
  }

  /// For some hundred values: the probability itself, some tenths too large at most.
  ///
  /// What is wrong in `symbols` comes to Σ 2 |l| over the wrong signs. The distribution of such sums is counted out, each 2 |l| rounded down to
  /// steps so small that the sum of `symbols` has `steps` of them; rounding down only adds sums to those that count.
  static func countedTail(_ values: [Float], _ symbols: [Float]) -> Double {
    let chernoff = chance(values, symbols)
    guard chernoff < 0 else { return chernoff }
    var (wrong, all) = (0.0, 0.0)
    for (value, symbol) in zip(values, symbols) {
      all += Double(abs(value))
      if value * symbol < 0 { wrong += 2 * Double(abs(value)) }
    }
    let step = max(wrong, all / Double(values.count)) / Double(steps)
    // One more, so that no rounding of `wrong` itself takes a sum away.
    var counts = [Double](repeating: 0, count: Int(wrong / step) + 2)
    counts[0] = 1
    for value in values {
      tm_count_sums(
        &counts, Int32(counts.count), Int32(min(counts.count, Int(2 * Double(abs(value)) / step))))
    }
    let sum = counts.reduce(0, +)
    return min(chernoff, log(sum) - Double(values.count) * log(2))
  }

  private static let steps = 8192

  /// By how much a counted tail is less than `normalTail` at most, where t is 16 or less and not nearly as much as its values can come to: what
  /// Chernoff's bound leaves out is ln(t √2π).
  static let mostCounted = 5.0
}
