public import MediaCore

/// The statement of the IPTC Photo Metadata Standard that a picture is generated: DigitalSourceType, and the AI
/// properties of its version 2025.1 (Extension 1.9).
public struct IPTCLabel: MetadataLabel {
  /// Its id in the table of labels.
  public static let id = LabelID(rawValue: "iptc")
  private static let namespace = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
  private static let prefix = "Iptc4xmpExt"
  private static let sourceType = "DigitalSourceType"

  /// The label; it has no state.
  public init() {}

  /// Its row of the table.
  public var descriptor: LabelDescriptor { Self.row }
  private static let row = LabelDescriptor(
    id: Self.id, kinds: [.image], isDefault: true,
    summary: "IPTC DigitalSourceType and AI properties (Photo Metadata Standard 2025.1)")

  /// DigitalSourceType, and each AI property that the record fills; all are single texts. Throws `invalidArgument` for
  /// a digital source type that says nothing of generation and for control characters.
  public func properties(for record: LabelRecord) throws(MediaError) -> [MetadataProperty] {
    guard let term = DigitalSourceType(reading: record.digitalSourceType) else {
      let terms = DigitalSourceType.allCases.map(\.rawValue).joined(separator: ", ")
      throw MediaError(
        .invalidArgument, .label,
        "digital source type '\(record.digitalSourceType.prefix(80))' does not say that content is generated; IPTC's "
          + "terms that do are \(terms)")
    }
    var properties = [Self.property(Self.sourceType, term.uri)]
    for (name, path) in Self.systemProperties where !record[keyPath: path].isEmpty {
      let value = record[keyPath: path]
      if let scalar = value.unicodeScalars.first(where: { !Self.isAllowed($0) }) {
        throw MediaError(
          .invalidArgument, .label,
          "\(name) holds the control character U+\(String(scalar.value, radix: 16, uppercase: true)), which XML cannot "
            + "carry")
      }
      properties.append(Self.property(name, value))
    }
    return properties
  }

  /// One detection for each packet (or other place) that says the content is generated. Its fields are the properties
  /// by their IPTC names, the source type as the bare term.
  public func detect(in items: [MetadataItem]) -> [Detection] {
    let own = items.filter(Self.isOwn)
    var offsets: [UInt64] = []
    for item in own where !offsets.contains(item.offset) { offsets.append(item.offset) }
    return offsets.compactMap { offset in Self.detection(in: own.filter { $0.offset == offset }) }
  }

  private static var systemProperties: [(String, KeyPath<LabelRecord, String>)] {
    [
      ("AISystemUsed", \.aiSystem), ("AISystemVersionUsed", \.aiSystemVersion),
      ("AIPromptInformation", \.aiPrompt), ("AIPromptWriterName", \.aiPromptWriter),
    ]
  }

  private static func property(_ name: String, _ value: String) -> MetadataProperty {
    MetadataProperty(namespace: namespace, prefix: prefix, name: name, value: value)
  }

  /// Whether XML 1.0 (2.2) allows it in a text.
  private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x9, 0xA, 0xD, 0x20...0xFFFD, 0x10000...: true
    default: false
    }
  }

  /// Whether `item` is one of the five properties. The video and news standards give the source type other
  /// namespaces, and some writers none, so that its name alone counts; the others need the prefix.
  private static func isOwn(_ item: MetadataItem) -> Bool {
    guard item.carrier == .xmp, item.form != .raw else { return false }
    if item.name.lowercased() == sourceType.lowercased() { return true }
    guard systemProperties.contains(where: { $0.0 == item.name }) else { return false }
    return item.namespace == namespace || item.prefix == prefix
  }

  private static func detection(in items: [MetadataItem]) -> Detection? {
    var fields: [Detection.Field] = []
    var confidence = 0.0
    var site: MetadataItem?
    // A packet has five of them; one with hundreds is no better evidence.
    for item in items.prefix(16) {
      if let (name, _) = systemProperties.first(where: { $0.0 == item.name }) {
        guard item.value.utf8.contains(where: { $0 > 0x20 }) else { continue }
        fields.append(Detection.Field(name, item.value))
        // A system is named where one was used; a prompt alone is as good.
        confidence = max(confidence, 0.8)
        site = site ?? item
      } else if let term = DigitalSourceType(reading: item.value) {
        fields.append(Detection.Field(sourceType, term.rawValue))
        if term.confidence >= confidence { site = item }
        confidence = max(confidence, term.confidence)
      }
    }
    guard let site else { return nil }
    return Detection(
      label: id, confidence: confidence, site: site, fields: fields,
      evidence: "\(site.path) says \(AnnexEReading.excerpt(fields.first?.value ?? ""))")
  }
}
