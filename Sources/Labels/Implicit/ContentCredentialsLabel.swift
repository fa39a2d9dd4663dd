public import MediaCore

/// The presence of a C2PA store. It is not validated: what it states about generation stays unread.
public struct ContentCredentialsLabel: MetadataLabel {
  /// Its id in the table of labels.
  public static let id = LabelID(rawValue: "c2pa")

  /// The label; it has no state.
  public init() {}

  /// Its row of the table.
  public var descriptor: LabelDescriptor {
    LabelDescriptor(
      id: Self.id, kinds: [.image], isDefault: false, isEmbeddable: false,
      summary: "presence of C2PA Content Credentials, not validated")
  }

  /// Nothing: it is only detected.
  public func properties(for record: LabelRecord) throws(MediaError) -> [MetadataProperty] { [] }

  /// One detection a store.
  public func detect(in items: [MetadataItem]) -> [Detection] {
    items.filter { $0.carrier == .box && $0.name == Self.id.rawValue }.map { item in
      Detection(
        label: Self.id, confidence: 0.5, site: item,
        evidence: "C2PA store present; it was not validated and may describe a photograph as well")
    }
  }
}
