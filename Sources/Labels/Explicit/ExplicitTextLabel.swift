public import MediaCore

/// The explicit label of GB 45438-2025 5.2 to 5.4: a line of text on a plate at an edge or corner of the picture, a
/// rhythm in sound.
public struct ExplicitTextLabel: FrameLabel {
  /// Its id in the table of labels.
  public static let id = LabelID(rawValue: "explicit")

  /// The label; it has no state.
  public init() {}

  /// Its row of the table.
  public var descriptor: LabelDescriptor { Self.row }
  private static let row = LabelDescriptor(
    id: Self.id, kinds: Set(MediaKind.allCases), isDefault: true, isDue: Set(MediaKind.allCases),
    summary:
      "text on the picture, at least 5 % of its shortest side high; in video for 2 s from its first frame; in sound the rhythm 短长 短短, at its end (GB 45438-2025 5.2, 5.3, 5.4)"
  )

  /// Throws `invalidArgument` for a text or height against the clause or without glyphs, and `insufficientCapacity`
  /// with the size that would do when the line does not fit the picture as displayed.
  public func makeEmbedder(
    _ record: LabelRecord, for info: MediaInfo, typesetter: any Typesetter
  ) throws(MediaError) -> any FrameEmbedder {
    try TextRule.check(record)
    return try ExplicitTextEmbedder(record, for: info, typesetter: typesetter)
  }

  /// Searches for the standard phrases and `query.texts`, laid out as the embedder does. Throws `invalidArgument` for
  /// a queried text that cannot be set.
  public func makeDetector(
    for info: MediaInfo, query: LabelQuery, typesetter: any Typesetter
  ) throws(MediaError) -> any FrameDetector {
    try ExplicitTextDetector(for: info, query: query, typesetter: typesetter)
  }
}
