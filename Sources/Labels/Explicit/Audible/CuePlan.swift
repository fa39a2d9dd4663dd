internal import MediaCore

/// Where in a file the cue stands, in samples.
struct CuePlan: Sendable {
  /// Seconds between the cue and the file's start or end: players fade, and coders pad.
  static let margin = 0.15
  /// Seconds in which the programme gives way before the cue, and comes back after it.
  static let fade = 0.06
  /// Seconds before and after the cue whose loudness it is set by.
  static let surroundings = 10.0

  let rhythm: CueRhythm
  /// From the first tone to the last.
  let cue: Range<Int>
  /// All that is edited: the cue and the programme's giving way.
  let edit: Range<Int>
  /// What is listened to.
  let nearby: Range<Int>

  /// Throws `insufficientCapacity` for a file too short, `unsupported` for one that does not say how long it is.
  init(_ place: CuePlace, in info: AudioInfo) throws(MediaError) {
    guard let count = info.count else {
      throw MediaError(.unsupported, .label, "the file does not say how many samples it has")
    }
    let rate = Double(info.sampleRate)
    let seconds = Double(count) / rate
    let room = (seconds - 2 * Self.margin) / Double(CueRhythm.units)
    guard room >= CueRhythm.shortestUnit else {
      let least = CueRhythm.shortestUnit * Double(CueRhythm.units) + 2 * Self.margin
      throw MediaError(
        .insufficientCapacity, .label,
        "\(Int(seconds * 1000)) ms of sound; a rhythm label needs \(Int((least * 1000).rounded())) ms")
    }
    rhythm = CueRhythm(unit: min(CueRhythm.usualUnit, room))
    let length = min(count, Int((rhythm.duration * rate).rounded(.up)))
    let margin = min(Int(Self.margin * rate), (count - length) / 2)
    let start =
      switch place {
      case .start: margin
      case .middle: (count - length) / 2
      case .end: count - margin - length
      }
    cue = start..<start + length
    edit = Self.widened(cue, by: Int(Self.fade * rate), in: count)
    nearby = Self.widened(cue, by: Int(Self.surroundings * rate), in: count)
  }

  private static func widened(_ range: Range<Int>, by margin: Int, in count: Int) -> Range<Int> {
    max(0, range.lowerBound - margin)..<min(count, range.upperBound + margin)
  }
}
