internal import MediaCore

/// Listens for the rhythm where 5.3 d) wants it: at the start, in the middle and at the end.
final class CueDetector: AudioDetector {
  /// The confidence from which on a rhythm counts as heard: of 1237 clips without one none reached 0.69; of 72 with one
  /// 71 did not fall below 0.8 after any of 20 attacks (Benchmarks/sound).
  static let threshold = 0.7
  /// Sound shorter than that, in seconds, is heard as a whole.
  private static let short = 90.0
  /// Seconds that are heard at the start and at the end, and around the middle.
  private static let window = 20.0

  let ranges: [Range<Int>]
  private let info: AudioInfo
  private let detector: RhythmDetector

  init(for info: AudioInfo, query: LabelQuery) {
    self.info = info
    detector = RhythmDetector(rate: info.sampleRate)
    ranges = Self.ranges(in: info, isDeep: query.isDeep)
  }

  func observe(_ block: AudioBlock) throws(MediaError) { detector.add(block) }

  func finish() throws(MediaError) -> [Detection] {
    detector.finish().filter { $0.confidence >= Self.threshold }.map(detection)
      .sorted { $0.confidence > $1.confidence }
  }

  private func detection(_ hit: RhythmHit) -> Detection {
    let heard = info.time(of: hit.time * Double(info.sampleRate))
    let time = (heard * 100).rounded() / 100
    return Detection(
      label: ExplicitTextLabel.id, confidence: hit.confidence,
      fields: [
        .init("cue", CueKind.rhythm.rawValue), .init("place", place(of: hit, heard).rawValue),
        .init("at", number: max(0, heard), digits: 2),
        .init("duration", number: hit.unit * Double(CueRhythm.units), digits: 2),
        .init("unit", number: hit.unit, digits: 3), .init("tone", number: hit.frequency, digits: 0),
      ],
      evidence: "the rhythm 短长 短短 at \(time) s, a tone of \(Int(hit.frequency)) Hz")
  }

  private func place(of hit: RhythmHit, _ heard: Double) -> CuePlace {
    guard let count = info.count else { return .middle }
    let seconds = info.time(of: Double(count))
    let rest = seconds - heard - hit.unit * Double(CueRhythm.units)
    let isNear = min(heard, rest) < max(3, seconds / 10)
    return !isNear ? .middle : heard <= rest ? .start : .end
  }

  private static func ranges(in info: AudioInfo, isDeep: Bool) -> [Range<Int>] {
    // No tone of the search fits into less.
    guard info.sampleRate >= 4000 else { return [] }
    let window = Int(Self.window * Double(info.sampleRate))
    // Sound of unknown length is heard from its start on.
    guard let count = info.count else { return [0..<(isDeep ? .max : window)] }
    guard !isDeep, Double(count) > short * Double(info.sampleRate) else {
      return count > 0 ? [0..<count] : []
    }
    // Gaps may bring the middle of the time near either end of the samples.
    let middle = info.sample(at: info.time(of: Double(count)) / 2) - window / 2
    let starts = [0, min(max(0, middle), count - window), count - window]
    return starts.reduce(into: []) { ranges, start in
      if let last = ranges.last, start <= last.upperBound {
        ranges[ranges.count - 1] = last.lowerBound..<start + window
      } else {
        ranges.append(start..<start + window)
      }
    }
  }
}
