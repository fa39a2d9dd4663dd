/// A time without sound between two samples of a track: players wait for the second one's time.
public struct SoundGap: Sendable, Hashable {
  /// The first sample behind it, counted like all others without what gaps take.
  public let sample: Int
  /// How long it lasts, in samples.
  public let length: Int

  /// A gap in front of `sample`.
  public init(before sample: Int, length: Int) {
    self.sample = sample
    self.length = length
  }
}

extension AudioInfo {
  /// Seconds from the first sample heard until the one at `position` is, gaps included. Positions may lie between samples.
  public func time(of position: Double) -> Double {
    let silence = gaps.prefix { Double($0.sample) <= position }.reduce(0.0) { $0 + Double($1.length) }
    return (position + silence) / Double(max(1, sampleRate))
  }

  /// The sample that is heard at `time`, or the first one behind the gap that it falls into.
  public func sample(at time: Double) -> Int {
    var position = time * Double(sampleRate)
    for gap in gaps where Double(gap.sample) < position {
      position = max(Double(gap.sample), position - Double(gap.length))
    }
    return Int(min(max(position, 0), 0x1p60))
  }

  /// Where of all stretches without a gap a piece of `length` samples begins nearest to `wanted`; nil where none is so long.
  public func uninterrupted(_ length: Int, near wanted: Int) -> Int? {
    guard let count else { return wanted }
    let ends = gaps.map(\.sample).filter { $0 > 0 && $0 < count } + [count]
    let starts = [0] + ends.dropLast()
    return zip(starts, ends).filter { $1 - $0 >= length }
      .map { min(max(wanted, $0), $1 - length) }
      .min { abs($0 - wanted) < abs($1 - wanted) }
  }
}
