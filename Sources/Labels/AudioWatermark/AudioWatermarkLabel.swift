public import MediaCore

/// The watermark in sound: the same payload and key, 32 or 64 bits in the levels of 3816 tiles of time and frequency.
extension WatermarkLabel: AudioLabel {
  /// Throws `invalidArgument` without a key, and `insufficientCapacity` for sound shorter than 2.6 s or below 8 kHz.
  public func makeAudioEmbedder(
    _ record: LabelRecord, for info: AudioInfo
  ) throws(MediaError) -> any AudioEmbedder {
    let (key, payload) = try Self.mark(of: record)
    return try AudioWatermarkEmbedder(key, payload, record.watermarkLevel, for: info, isNew: record.isNew)
  }

  /// Listens to all of the sound with the keys of `query`.
  public func makeAudioDetector(
    for info: AudioInfo, query: LabelQuery
  ) throws(MediaError) -> any AudioDetector {
    AudioWatermarkDetector(query.keys, for: info, isDeep: query.isDeep)
  }
}
