public import MediaCore

/// A C2PA manifest store in the file. It is only seen to be there: who signed what is not read, and a camera signs its
/// photographs too.
public struct ContentCredentialsLabel: MetadataLabel {
  /// Its id in the table of labels.
  public static let id = LabelID(rawValue: "c2pa")

  /// The label; it has no state.
  public init() {}

  /// Its row of the table.
  public var descriptor: LabelDescriptor { Self.row }
  private static let row = LabelDescriptor(
    id: Self.id, kinds: [.image, .audio, .video], isDefault: false, isEmbeddable: false,
    summary: "a C2PA manifest store is present (detected only, not validated)")

  /// Nothing: a manifest needs a signing identity. Throws `unsupported`.
  public func properties(for record: LabelRecord) throws(MediaError) -> [MetadataProperty] {
    throw MediaError(
      .unsupported, .label, "Content Credentials (C2PA) are detected only; leave c2pa out of the layers")
  }

  /// One detection for each store.
  public func detect(in items: [MetadataItem]) -> [Detection] {
    items.filter { $0.carrier == .box && $0.name == "c2pa" }.map { item in
      Detection(
        label: Self.id, confidence: 0.5, site: item,
        evidence: "C2PA manifest store in \(item.path): present, not validated")
    }
  }
}
