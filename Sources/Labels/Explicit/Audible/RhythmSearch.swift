#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// One place at which the rhythm was heard.
struct RhythmHit: Sendable, Hashable {
  /// Seconds of the first tone's start, from the first sample of the file.
  var time: Double
  /// Seconds of a dot.
  var unit: Double
  /// Hz.
  var frequency: Double
  /// 0 … 1.
  var confidence: Double
}

/// Searches a tone map for 短长 短短.
struct RhythmSearch {
  /// Dots that are tried: 57 to 126 ms, 60 to 120 ms at ±5 %, each 2 % longer than the last.
  static let units = Array(sequence(first: 0.057) { $0 * 1.02 < 0.127 ? $0 * 1.02 : nil })
  /// Units of silence that belong to the pattern on either side.
  static let rest = 2.0
  /// Units on either side in which the tone must not go on: words of Morse are 7 apart.
  static let guardUnits = 5.0
  /// The correlation from which on a place is looked at closely.
  static let candidate: Float = 0.6

  /// Seconds between columns.
  let step: Double

  /// Hits by time, none nearer to a better one than its own length; times count from the map's first column.
  func hits(in map: [[Float]]) -> [RhythmHit] {
    var found: [RhythmHit] = []
    for row in map.indices {
      let line = PrefixSums(map[row], padding: Int(0.126 * (Self.guardUnits + 11) / step) + 2)
      for unit in Self.units { collect(line, row, unit, &found) }
    }
    found.sort { ($0.confidence, $1.time) > ($1.confidence, $0.time) }
    var kept: [RhythmHit] = []
    for hit in found where !kept.contains(where: { abs($0.time - hit.time) < 11 * max($0.unit, hit.unit) }) {
      kept.append(hit)
    }
    return kept.sorted { $0.time < $1.time }
  }

  private func collect(_ line: PrefixSums, _ row: Int, _ unit: Double, _ found: inout [RhythmHit]) {
    let timing = Timing(unit: unit / step)
    let start = -Int(unit / step)
    var best: (column: Int, correlation: Float)?
    for column in start..<line.count {
      let correlation = timing.correlation(line, column)
      if correlation >= Self.candidate, correlation > best?.correlation ?? 0 {
        best = (column, correlation)
      }
      // The peak has passed: what is best by now is a candidate.
      if let peak = best, column - peak.column > 10 || column == line.count - 1 {
        let confidence = timing.confidence(line, peak.column, correlation: peak.correlation)
        if confidence > 0 {
          found.append(
            RhythmHit(
              time: Double(peak.column) * step, unit: unit,
              frequency: ToneMap.lowest + ToneMap.spacing * Double(row), confidence: Double(confidence)))
        }
        best = nil
      }
    }
  }
}

/// Sums of a row and of its squares over any columns; outside of the row there is silence.
struct PrefixSums {
  /// Columns of the row.
  let count: Int
  private let padding: Int
  private var sums: [Float]
  private var squares: [Float]

  init(_ row: [Float], padding: Int) {
    count = row.count
    self.padding = padding
    var (sum, square) = (Float(0), Float(0))
    let silence = [Float](repeating: 0, count: padding)
    let all = silence + row + silence
    sums = [0]
    squares = [0]
    sums.reserveCapacity(all.count + 1)
    squares.reserveCapacity(all.count + 1)
    for value in all {
      sum += value
      square += value * value
      sums.append(sum)
      squares.append(square)
    }
  }

  @inline(__always)
  func sum(_ range: Range<Int>) -> Float {
    sums[range.upperBound + padding] - sums[range.lowerBound + padding]
  }

  @inline(__always)
  func square(_ range: Range<Int>) -> Float {
    squares[range.upperBound + padding] - squares[range.lowerBound + padding]
  }

  @inline(__always)
  func mean(_ range: Range<Int>) -> Float { range.isEmpty ? 0 : sum(range) / Float(range.count) }
}
