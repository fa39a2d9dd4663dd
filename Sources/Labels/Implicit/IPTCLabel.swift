public import MediaCore

/// IPTC's statement that a picture is generated: DigitalSourceType and the AI properties of Photo Metadata 2025.1, for
/// readers outside of China.
public struct IPTCLabel: MetadataLabel {
  /// Its id in the table of labels.
  public static let id = LabelID(rawValue: "iptc")
  /// The XMP namespace of IPTC Extension.
  public static let namespace = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
  /// What terms of the newscode vocabulary are written behind.
  public static let vocabulary = "http://cv.iptc.org/newscodes/digitalsourcetype/"
  /// The terms that say that an algorithm made or changed the content.
  public static let terms = [
    "trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia", "algorithmicMedia",
    "algorithmicallyEnhanced", "compositeSynthetic",
  ]
  private static let sourceType = "DigitalSourceType"
  private static let longestValue = 10_000

  /// The label; it has no state.
  public init() {}

  /// Its row of the table.
  public var descriptor: LabelDescriptor {
    LabelDescriptor(
      id: Self.id, kinds: [.image], isDefault: true,
      summary: "IPTC DigitalSourceType and AI properties in XMP (IPTC Photo Metadata 2025.1)")
  }

  /// DigitalSourceType, and those AI properties that the record fills. Throws `invalidArgument` for a term that does
  /// not say generated.
  public func properties(for record: LabelRecord) throws(MediaError) -> [MetadataProperty] {
    guard Self.terms.contains(record.digitalSourceType) else {
      throw MediaError(
        .invalidArgument, .label,
        "digital source type '\(record.digitalSourceType)' does not say that the content is generated; use one of"
          + " \(Self.terms.joined(separator: ", "))")
    }
    let values = [
      (Self.sourceType, Self.vocabulary + record.digitalSourceType), ("AISystemUsed", record.aiSystem),
      ("AISystemVersionUsed", record.aiSystemVersion), ("AIPromptInformation", record.aiPrompt),
      ("AIPromptWriterName", record.aiPromptWriter),
    ]
    var properties: [MetadataProperty] = []
    for (name, value) in values where !value.isEmpty {
      guard value.utf8.count <= Self.longestValue else {
        throw MediaError(
          .invalidArgument, .label,
          "\(name) has \(value.utf8.count) bytes; at most \(Self.longestValue) are written")
      }
      properties.append(
        MetadataProperty(namespace: Self.namespace, prefix: "Iptc4xmpExt", name: name, value: value))
    }
    return properties
  }

  /// Source types that say generated, as URI or bare term.
  public func detect(in items: [MetadataItem]) -> [Detection] {
    items.compactMap { item in
      guard item.carrier == .xmp, item.namespace == Self.namespace, item.name == Self.sourceType else {
        return nil
      }
      let value = item.value.split(separator: "/").last.map(String.init) ?? item.value
      guard let term = Self.terms.first(where: { $0 == value }) else { return nil }
      let details = items.filter {
        $0.carrier == .xmp && $0.offset == item.offset && $0.namespace == Self.namespace
          && $0.name.hasPrefix("AI")
      }
      return Detection(
        label: Self.id, confidence: 1, site: item,
        fields: [.init(Self.sourceType, term)] + details.map { .init($0.name, String($0.value.prefix(200))) },
        evidence: "digital source type '\(term)'")
    }
  }
}
