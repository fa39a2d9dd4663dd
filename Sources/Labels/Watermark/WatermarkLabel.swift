public import MediaCore

/// The watermark that is neither seen nor heard, found with the key and without the original: 64 bits in the luma of pictures and video,
/// 64 or 32 in sound, in the levels of tiles of time and frequency.
public struct WatermarkLabel: FrameLabel {
  /// Its id in the table of labels.
  public static let id = LabelID(rawValue: "watermark")

  /// The label; it has no state.
  public init() {}

  /// Its row of the table.
  public var descriptor: LabelDescriptor { Self.row }
  private static let row = LabelDescriptor(
    id: Self.id, kinds: [.image, .video, .audio], isDefault: true, needsKey: true,
    summary:
      "invisible keyed watermark of 64 bits in the luma, or inaudible of 64 or 32 bits in sound (GB 45438-2025 4, note on implicit labels in content)"
  )

  /// Throws `invalidArgument` without a key, and `insufficientCapacity` for pictures that hold no tile.
  public func makeEmbedder(
    _ record: LabelRecord, for info: MediaInfo, typesetter: any Typesetter
  ) throws(MediaError) -> any FrameEmbedder {
    let (key, payload) = try Self.mark(of: record)
    return info.kind == .video
      ? VideoWatermarkEmbedder(TileCode.of(key), payload, isNew: record.isNew)
      : ImageWatermarkEmbedder(TileCode.of(key), payload, isNew: record.isNew)
  }

  /// What marks of `record` are made with and of. Throws `invalidArgument` without a key.
  static func mark(of record: LabelRecord) throws(MediaError) -> (WatermarkKey, WatermarkPayload) {
    guard let key = record.watermarkKey else {
      throw MediaError(
        .invalidArgument, .label,
        "the label '\(Self.id)' needs a key; make one with touchmark keygen --output FILE")
    }
    let payload =
      record.payload.map(WatermarkPayload.init(bits:))
      ?? WatermarkPayload(producer: record.producer, produceID: record.produceID)
    return (key, payload)
  }

  /// A watermark is found with its key alone.
  public func canSearch(_ query: LabelQuery) -> Bool { !query.keys.isEmpty }

  /// Searches with the keys of `query`.
  public func makeDetector(
    for info: MediaInfo, query: LabelQuery, typesetter: any Typesetter
  ) throws(MediaError) -> any FrameDetector {
    let search = WatermarkSearch(query.keys.map(TileCode.of), isDeep: query.isDeep)
    return info.kind == .video
      ? VideoWatermarkDetector(query.keys, search, duration: info.duration)
      : ImageWatermarkDetector(query.keys, search)
  }
}
