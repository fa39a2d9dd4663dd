/// The rhythm in columns of a tone map.
struct Timing {
  private let tones: [Range<Int>]
  private let whole: Range<Int>
  /// The middle of each unit of tone.
  private let tonal: [Range<Int>]
  /// The middle of each unit of silence between the tones, and units of the silence around them.
  private let silent: [Range<Int>]
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
    let (rest, units) = (RhythmSearch.rest, Double(CueRhythm.units))
    whole = columns(-rest, units + rest)
    tonal = CueRhythm.tones.flatMap { tone in tone.map { columns(Double($0) + 0.2, Double($0) + 0.8) } }
    let near = CueRhythm.gaps.flatMap { gap in gap.map { columns(Double($0) + 0.3, Double($0) + 0.7) } }
    let reach = RhythmSearch.guardUnits
    let around = stride(from: 0.4, through: reach - 1, by: 0.5).flatMap { start in
      [columns(-start - 1, -start), columns(units + start, units + start + 1)]
    }
    silent = near + around
    let on = Float(tones.reduce(0) { $0 + $1.count })
    share = on / Float(whole.count)
    scale = share * (1 - share)
  }

  /// Of the row with the pattern of tones that starts at `column`, -1 … 1; 0 where nothing stands out.
  func correlation(_ line: PrefixSums, _ column: Int) -> Float {
    // Most places are sorted out by the dash alone.
    guard line.sum(shift(tones[1], column)) > 6 * Float(tones[1].count) else { return 0 }
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

  /// The correlation, less what a unit of a tone lacks or a unit of a silence, within or around, has too much.
  func confidence(_ line: PrefixSums, _ column: Int, correlation: Float) -> Float {
    let weakest = tonal.map { line.mean(shift($0, column)) }.min() ?? 0
    let loudest = silent.map { line.mean(shift($0, column)) }.max() ?? 0
    let contrast = min(1, max(0, (weakest - loudest) / (ToneMap.ceiling / 2)))
    return min(1, correlation) * (0.5 + 0.5 * contrast)
  }

  @inline(__always)
  private func shift(_ range: Range<Int>, _ column: Int) -> Range<Int> {
    range.lowerBound + column..<range.upperBound + column
  }
}
