internal import MediaCore

/// Where in a file the cue stands, in samples.
struct CuePlan: Sendable {
  /// Seconds between the cue and the file's start or end: players fade, and coders pad.
  static let margin = 0.15
  /// Seconds in which the programme gives way before the cue, and comes back after it.
  static let fade = 0.06
  /// Seconds before and after the cue whose loudness it is set by.
  static let surroundings = 10.0

  /// From the first sample of the cue to the last.
  let cue: Range<Int>
  /// All that is edited: the cue and the programme's giving way.
  let edit: Range<Int>
  /// What is listened to.
  let nearby: Range<Int>

  /// A cue of `length` samples, which must fit.
  init(_ place: CuePlace, length: Int, in info: AudioInfo) throws(MediaError) {
    guard let count = info.count else {
      throw MediaError(.unsupported, .label, "the file does not say how many samples it has")
    }
    let rate = Double(info.sampleRate)
    let length = min(count, length)
    let margin = min(Int(Self.margin * rate), (count - length) / 2)
    let wanted =
      switch place {
      case .start: margin
      case .middle: info.sample(at: info.time(of: Double(count)) / 2) - length / 2
      case .end: count - margin - length
      }
    guard let start = info.uninterrupted(length, near: min(max(0, wanted), count - length)) else {
      throw MediaError(
        .insufficientCapacity, .label,
        "the sound has \(info.gaps.count) gaps, and between them no room for a cue of \(length * 1000 / info.sampleRate) ms"
      )
    }
    cue = start..<start + length
    edit = Self.widened(cue, by: Int(Self.fade * rate), in: count)
    nearby = Self.widened(cue, by: Int(Self.surroundings * rate), in: count)
  }

  /// Samples that a cue may take.
  static func room(in info: AudioInfo) -> Double {
    Double(info.count ?? .max) - 2 * margin * Double(info.sampleRate)
  }

  /// `remedy` is what would be short enough, if anything is.
  static func tooShort(
    _ info: AudioInfo, for what: String, _ seconds: Double, remedy: String = ""
  ) -> MediaError {
    let has = Double(info.count ?? 0) / Double(max(1, info.sampleRate))
    let needs = Int(((seconds + 2 * margin) * 1000).rounded())
    return MediaError(
      .insufficientCapacity, .label, "\(Int(has * 1000)) ms of sound; \(what) needs \(needs) ms\(remedy)")
  }

  private static func widened(_ range: Range<Int>, by margin: Int, in count: Int) -> Range<Int> {
    max(0, range.lowerBound - margin)..<min(count, range.upperBound + margin)
  }
}
