internal import MediaCore

/// What is irregular about where a label stands (TC260-PG-20259A).
enum AnnexEPlace {
  /// V-LOC and V-NS of a site.
  static func findings(at site: AnnexESite, packing: Set<AnnexEText.Packing>) -> [Finding] {
    guard let item = site.items.first else { return [] }
    var findings: [Finding] = []
    if let finding = location(of: item, at: site) { findings.append(finding) }
    if let finding = namespace(of: item, at: site) { findings.append(finding) }
    if site.place == .property, packing.contains(.wrapped) {
      findings.append(
        Finding("V-JSON", .info, "wrapped in {\"AIGC\":…} although the property has that name already"))
    }
    return findings
  }

  private static func location(of item: MetadataItem, at site: AnnexESite) -> Finding? {
    let expected =
      "the guides put the label in the property TC260:AIGC of an XMP packet or in the container's own field"
    if site.items.contains(where: { !$0.isRegularPlace }) {
      return Finding("V-LOC", .warning, "\(item.path) is not where its specification puts it")
    }
    switch site.place {
    case .property: return nil
    case .keys: return Finding("V-LOC", .warning, "the keys stand as properties of their own; \(expected)")
    case .field where item.carrier == .text && item.namespace != "tEXt":
      return Finding("V-LOC", .warning, "\(item.path): only a tEXt chunk is an alternative (20259A Annex B)")
    case .field where item.carrier == .text:
      return Finding("V-LOC", .info, "\(item.path) is the alternative of TC260-PG-20259A Annex B")
    case .field: return nil
    case .content where item.carrier == .exif && item.name == "UserComment":
      return Finding("V-LOC", .info, "\(item.path) is the alternative of TC260-PG-20259A Annex B")
    case .content: return Finding("V-LOC", .warning, "found in \(item.path); \(expected)")
    }
  }

  private static func namespace(of item: MetadataItem, at site: AnnexESite) -> Finding? {
    guard site.place == .property || site.place == .keys else { return nil }
    guard item.namespace == AnnexE.namespace else {
      let found = item.namespace.isEmpty ? "undeclared" : "'\(AnnexEReading.excerpt(item.namespace))'"
      return Finding(
        "V-NS", .warning,
        "the namespace of \(item.prefix):\(item.name) is \(found), expected '\(AnnexE.namespace)'")
    }
    if site.place == .property, item.name != AnnexE.field {
      return Finding("V-NS", .warning, "the property is called \(item.name), expected \(AnnexE.field)")
    }
    guard item.prefix != AnnexE.prefix else { return nil }
    // A prefix is free in XML, and the audio guide itself prints it in lower case.
    return Finding("V-NS", .info, "the prefix is '\(item.prefix)', the guides print \(AnnexE.prefix)")
  }
}
