internal import MediaCore

/// Compares the sound of two files that should be alike but for some ranges.
enum SoundComparison {
  /// Samples compared at a time.
  private static let length = 1 << 16

  /// Throws `internalFault` for the first sample outside of `edited` that differs.
  static func requireEqual(
    _ before: any AudioMediaFile, _ after: any AudioMediaFile, outside edited: [Range<Int>]
  ) throws(MediaError) {
    guard let count = before.audio?.count else { return }
    var start = 0
    for range in edited + [count..<count] {
      while start < range.lowerBound {
        let part = start..<min(range.lowerBound, start + length)
        guard try sound(before, part) == sound(after, part) else {
          throw OutputCheck.fault("sound of samples \(part) has changed, where no label is")
        }
        start = part.upperBound
      }
      start = range.upperBound
    }
  }

  private static func sound(
    _ file: any AudioMediaFile, _ range: Range<Int>
  ) throws(MediaError) -> [[UInt32]] {
    var channels: [[UInt32]] = []
    try file.visitAudio(in: [range]) { (block) throws(MediaError) in
      if channels.isEmpty { channels = block.channels.map { _ in [] } }
      for index in block.channels.indices { channels[index] += block.channels[index].map(\.bitPattern) }
    }
    return channels
  }
}
