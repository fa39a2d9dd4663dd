public import MediaCore

extension WatermarkLabel {
  /// Seconds of a video's sound that carry the mark by default, and that are searched for it.
  static let openingSeconds = 60.0

  /// As of the frames: the opening, where all of a long film is not asked for.
  public func reach(inVideo record: LabelRecord) -> SoundReach {
    record.watermarkSpan == .opening ? .opening(seconds: Self.openingSeconds) : .whole
  }

  /// The opening, unless a longer look is asked for.
  public func reach(inVideo query: LabelQuery) -> SoundReach {
    query.isDeep ? .whole : .opening(seconds: Self.openingSeconds)
  }
}
