internal import MediaCore

/// One metadata item looked at as a site of a label.
struct AIGCSite {
  let detection: Detection

  /// Nil when the item has nothing to do with labels.
  init?(_ item: MetadataItem) {
    guard item.form != .presence, item.value.utf8.count <= 1 << 20 else { return nil }
    let isNamed = Self.isNamed(item)
    let text = AIGCText.trimmed(item.value)
    guard isNamed || AIGCText.mayHoldLabel(text) else { return nil }
    switch AIGCText.decode(text) {
    case .label(let object): detection = Self.label(item, object, isNamed: isNamed)
    case .legacy(let schema, let members): detection = Self.legacy(item, schema, members)
    case .damaged(let reason, let members):
      // A home-made stamp, or free text that merely begins like JSON, is nobody's label.
      let isMeant = text.hasPrefix("{") && isNamed || item.namespace == AIGCMetadataLabel.namespace
      guard isMeant || members.contains(where: { AIGCFields.names.contains($0.0) }) else { return nil }
      detection = Self.damaged(item, reason, members)
    case .none:
      // A property named AIGC in a foreign namespace, or a home-made stamp, may hold anything.
      guard isNamed, item.carrier == .xmp, item.namespace == AIGCMetadataLabel.namespace else { return nil }
      detection = Self.damaged(item, "the value is not a JSON object", [])
    }
  }

  /// Whether the site's own name says that a label stands there.
  private static func isNamed(_ item: MetadataItem) -> Bool {
    switch item.carrier {
    case .xmp: item.name == AIGCMetadataLabel.name || item.name.uppercased() == AIGCMetadataLabel.name
    case .text: item.name.uppercased() == AIGCMetadataLabel.name
    case .segment: true
    default: false
    }
  }

  private static func label(_ item: MetadataItem, _ object: AIGCText.Object, isNamed: Bool) -> Detection {
    var findings = object.findings
    findings += AIGCFindings.fields(object.members)
    findings += AIGCFindings.place(item, isWrapped: object.isWrapped)
    let isFaulty = findings.contains { $0.severity == .error }
    return Detection(
      label: AIGCMetadataLabel.id, confidence: isFaulty ? 0.7 : 1, site: item,
      fields: object.members.map { .init($0.0, $0.1) }, findings: findings,
      evidence: isFaulty ? "AIGC label that breaks a rule" : "AIGC label")
  }

  private static func legacy(_ item: MetadataItem, _ schema: String, _ members: [(String, String)])
    -> Detection
  {
    Detection(
      label: AIGCMetadataLabel.id, confidence: 0.6, site: item,
      fields: [.init("schema", schema)] + members.map { .init($0.0, $0.1) },
      findings: [
        Finding(
          "V-LEGACY", .info,
          "the notation '\(schema)' discloses generation but is no label by GB 45438-2025 annex E")
      ], evidence: "disclosure in the notation '\(schema)'")
  }

  private static func damaged(_ item: MetadataItem, _ reason: String, _ members: [(String, String)])
    -> Detection
  {
    Detection(
      label: AIGCMetadataLabel.id, confidence: 0.4, site: item, fields: members.map { .init($0.0, $0.1) },
      findings: [Finding("V-JSON", .error, "\(reason); annex E b) asks for a JSON object of strings")]
        + AIGCFindings.place(item, isWrapped: false), evidence: "damaged AIGC label")
  }
}
