public import MediaCore

/// The explicit label in sound, GB 45438-2025 5.3: the rhythm 短长 短短 or a voice, mixed in at the start, middle or end.
extension ExplicitTextLabel: AudioLabel {
  /// Throws `insufficientCapacity` for sound too short to tell long from short in.
  public func makeAudioEmbedder(
    _ record: LabelRecord, for info: AudioInfo
  ) throws(MediaError) -> any AudioEmbedder {
    try CueEmbedder(record, for: info)
  }

  /// Listens by ear for the rhythm: what metadata says of a label does not count, and words are not understood.
  public func makeAudioDetector(
    for info: AudioInfo, query: LabelQuery
  ) throws(MediaError) -> any AudioDetector {
    CueDetector(for: info, query: query)
  }
}
