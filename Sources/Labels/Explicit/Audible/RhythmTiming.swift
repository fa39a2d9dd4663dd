/// The rhythm in columns of a tone map.
struct Timing {
  private let tones: [Range<Int>]
  private let gaps: [Range<Int>]
  private let whole: Range<Int>
  private let guards: [Range<Int>]
  /// Share of the pattern that is tone.
  private let share: Float
  private let scale: Float

  /// `unit` in columns.
  init(unit: Double) {
    func columns(_ start: Double, _ end: Double) -> Range<Int> {
      let first = Int((start * unit).rounded())
      return first..<max(first + 1, Int((end * unit).rounded()))
    }
    tones = CueRhythm.tones.map { columns(Double($0.lowerBound), Double($0.upperBound)) }
    gaps = CueRhythm.gaps.map { columns(Double($0.lowerBound) + 0.3, Double($0.upperBound) - 0.3) }
    let (rest, units) = (RhythmSearch.rest, Double(CueRhythm.units))
    whole = columns(-rest, units + rest)
    guards = [
      columns(-RhythmSearch.guardUnits, -0.4), columns(units + 0.4, units + RhythmSearch.guardUnits),
    ]
    let on = Float(tones.reduce(0) { $0 + $1.count })
    share = on / Float(whole.count)
    scale = share * (1 - share)
  }

  /// Of the row with the pattern of tones that starts at `column`, -1 … 1; 0 where nothing stands out.
  func correlation(_ line: PrefixSums, _ column: Int) -> Float {
    let total = line.sum(shift(whole, column))
    var on: Float = 0
    for tone in tones { on += line.sum(shift(tone, column)) }
    let count = Float(whole.count)
    let mean = total / count
    let variance = line.square(shift(whole, column)) / count - mean * mean
    // Tones that stand out by less than 6 dB are none.
    guard variance > 4, on > 6 * share * count else { return 0 }
    let covariance = on / count - share * mean
    return covariance / (variance * scale).squareRoot()
  }

  /// The correlation, less what a single tone lacks or a single gap or the silence around has too much.
  func confidence(_ line: PrefixSums, _ column: Int, correlation: Float) -> Float {
    let weakest = tones.map { line.mean(shift(inner($0), column)) }.min() ?? 0
    let loudest = gaps.map { line.mean(shift($0, column)) }.max() ?? 0
    let around = guards.map { line.mean(shift($0, column)) }.max() ?? 0
    let contrast = min(1, max(0, (weakest - max(loudest, around)) / (ToneMap.ceiling / 2)))
    return min(1, correlation) * (0.5 + 0.5 * contrast)
  }

  @inline(__always)
  private func shift(_ range: Range<Int>, _ column: Int) -> Range<Int> {
    range.lowerBound + column..<range.upperBound + column
  }

  private func inner(_ range: Range<Int>) -> Range<Int> {
    let edge = range.count / 5
    return range.lowerBound + edge..<range.upperBound - edge
  }
}
