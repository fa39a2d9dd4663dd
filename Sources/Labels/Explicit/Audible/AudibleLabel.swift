public import MediaCore

/// The explicit label in sound, GB 45438-2025 5.3: the rhythm 短长 短短 or a voice, mixed in at the start, middle or end.
extension ExplicitTextLabel: AudioLabel {
  /// Throws `insufficientCapacity` for sound too short to tell long from short in.
  public func makeAudioEmbedder(
    _ record: LabelRecord, for info: AudioInfo
  ) throws(MediaError) -> any AudioEmbedder {
    try CueEmbedder(record, for: info)
  }

  /// A video shows the label; it is heard as well where that is asked for.
  public func reach(inVideo record: LabelRecord) -> SoundReach { record.cuesVideo ? .whole : .none }

  /// Its start, middle and end, as of other sound.
  public func reach(inVideo query: LabelQuery) -> SoundReach { .whole }

  /// Listens by ear for the rhythm: what metadata says of a label does not count, and words are not understood.
  public func makeAudioDetector(
    for info: AudioInfo, query: LabelQuery
  ) throws(MediaError) -> any AudioDetector {
    CueDetector(for: info, query: query)
  }
}
