public import MediaCore

/// What generators leave behind without meaning a label: parameters, workflows, their own names, home-made stamps.
/// Evidence for Article 6(3) (suspected), told by structure and by exact known texts.
public struct GeneratorTraceLabel: MetadataLabel {
  /// Its id in the table of labels.
  public static let id = LabelID(rawValue: "traces")

  /// The label; it has no state.
  public init() {}

  /// Its row of the table.
  public var descriptor: LabelDescriptor { Self.row }
  private static let row = LabelDescriptor(
    id: Self.id, kinds: [.image, .audio, .video], isDefault: false, isEmbeddable: false,
    summary: "traces of generators and home-made stamps (detected only, Article 6(3))")

  /// Nothing: a trace is what others leave. Throws `unsupported`.
  public func properties(for record: LabelRecord) throws(MediaError) -> [MetadataProperty] {
    throw MediaError(
      .unsupported, .label, "traces of generators are detected only; leave traces out of the layers")
  }

  /// At most one detection an item, with the fields `generator`, `kind` (`parameters`, `workflow`, `software`,
  /// `stamp`) and `excerpt` (at most 200 characters).
  public func detect(in items: [MetadataItem]) -> [Detection] {
    items.compactMap { item in
      GeneratorTrace(in: item).map { trace in
        Detection(
          label: Self.id, confidence: trace.confidence, site: item,
          fields: [
            Detection.Field("generator", trace.generator), Detection.Field("kind", trace.kind.rawValue),
            Detection.Field("excerpt", AnnexEReading.excerpt(item.value)),
          ],
          evidence: "\(trace.kind.rawValue) of \(trace.generator) in \(item.path)")
      }
    }
  }
}
