/// Where in a window a mark stands.
enum MarkSpan {
  /// Share of what the best period shows that a row must show on average to belong to it.
  private static let share: Float = 0.35

  /// The rows of `statistic` in which `signs`, a period's, agree with it most; row 0 is row `start` of a period.
  static func rows(_ statistic: TileStatistic, signs: [Float], start: Int) -> Range<Int> {
    let (bands, period) = (SoundTiles.bands, SoundTiles.period)
    guard statistic.count > 0 else { return 0..<0 }
    let agreement = (0..<statistic.count).map { row -> Float in
      let line = ((row + start) % period + period) % period * bands
      return (0..<bands).reduce(0) { $0 + statistic.values[row * bands + $1] * signs[line + $1] }
    }
    let length = min(period, agreement.count)
    var sum = agreement[..<length].reduce(0, +)
    var best = sum
    for row in length..<max(length, agreement.count) {
      sum += agreement[row] - agreement[row - length]
      best = max(best, sum)
    }
    return largest(agreement.map { $0 - share * best / Float(length) })
  }

  /// The range of the largest sum (Kadane's algorithm).
  private static func largest(_ values: [Float]) -> Range<Int> {
    var (sum, start): (Float, Int) = (0, 0)
    var best: (sum: Float, range: Range<Int>) = (0, 0..<values.count)
    for (index, value) in values.enumerated() {
      if sum <= 0 { (sum, start) = (0, index) }
      sum += value
      if sum > best.sum { best = (sum, start..<index + 1) }
    }
    return best.range
  }
}
