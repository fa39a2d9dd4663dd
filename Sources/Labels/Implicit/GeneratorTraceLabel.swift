public import MediaCore

/// Traces that generators leave in metadata: evidence for Article 6(3), no label.
public struct GeneratorTraceLabel: MetadataLabel {
  /// Its id in the table of labels.
  public static let id = LabelID(rawValue: "traces")
  private static let longestExcerpt = 200

  /// The label; it has no state.
  public init() {}

  /// Its row of the table.
  public var descriptor: LabelDescriptor {
    LabelDescriptor(
      id: Self.id, kinds: [.image], isDefault: false, isEmbeddable: false,
      summary: "traces of generators: parameters, workflows, program names, home-made stamps")
  }

  /// Nothing: traces are only detected.
  public func properties(for record: LabelRecord) throws(MediaError) -> [MetadataProperty] { [] }

  /// One detection a trace.
  public func detect(in items: [MetadataItem]) -> [Detection] {
    items.compactMap { item in
      guard item.form != .presence, !item.value.isEmpty, let trace = GeneratorTrace(item) else { return nil }
      return Detection(
        label: Self.id, confidence: trace.confidence, site: item,
        fields: [
          .init("generator", trace.generator), .init("kind", trace.kind),
          .init("excerpt", String(item.value.unicodeScalars.prefix(Self.longestExcerpt))),
        ], evidence: "\(trace.kind) of \(trace.generator)")
    }
  }
}
