internal import MediaCore

/// What is irregular about one site of a label.
enum AIGCFindings {
  /// About its members.
  static func fields(_ members: [(String, String)]) -> [Finding] {
    func value(_ name: String) -> String { members.first { $0.0 == name }?.1 ?? "" }
    var findings: [Finding] = []
    let label = value("Label")
    let isPropagators = (label == "2" || label == "3") && !value("ContentPropagator").isEmpty
    for name in ["Label", "ContentProducer", "ProduceID"] where value(name).isEmpty {
      findings.append(
        Finding(
          "V-REQ", isPropagators && name != "Label" ? .warning : .error,
          "member '\(name)' is missing or empty (GB 45438-2025 annex E)"))
    }
    if !label.isEmpty, !["1", "2", "3"].contains(label) {
      findings.append(
        Finding(
          "V-LABEL", label == "AIGC" ? .warning : .error,
          "Label is '\(shortened(label))'; annex E c) knows 1, 2 and 3"))
    }
    for (name, text) in members {
      guard AIGCFields.names.contains(name) else {
        findings.append(
          Finding("V-UNKNOWN", .warning, "member '\(shortened(name))' is none of the seven of annex E"))
        continue
      }
      if let (position, scalar) = AIGCFields.offender(in: text, quotes: AIGCFields.isReserved(name)) {
        findings.append(
          Finding(
            "V-CHARSET", .warning,
            "\(name) holds \(AIGCFields.spelled(scalar)) as character \(position + 1), outside annex E j)"))
      }
      if AIGCFields.isReserved(name), text.contains("SecurityData") {
        findings.append(
          Finding(
            "V-SIG", .info, "\(name) holds SecurityData (TC260-PG-202511A); its signature is not checked"))
      }
    }
    return findings + codes(value)
  }

  /// About where and how it stands.
  static func place(_ item: MetadataItem, isWrapped: Bool) -> [Finding] {
    var findings: [Finding] = []
    if item.carrier == .xmp {
      if item.namespace != AIGCMetadataLabel.namespace {
        findings.append(
          Finding(
            "V-NS", .warning,
            "XMP namespace '\(shortened(item.namespace))'; TC260-PG-20259A has '\(AIGCMetadataLabel.namespace)'"
          ))
      }
      if isWrapped {
        findings.append(
          Finding(
            "V-LOC", .info, "the object is wrapped in {\"AIGC\":…}, which the guide does only outside of XMP")
        )
      }
      if item.form == .attribute {
        findings.append(Finding("V-LOC", .info, "the property is written as an attribute, not as an element"))
      }
      if !item.isRegularPlace {
        findings.append(Finding("V-LOC", .warning, "the packet is out of its regular place: \(item.path)"))
      }
    } else {
      let isAnnexB =
        item.isRegularPlace
        && ((item.carrier == .exif && item.name == "UserComment")
          || (item.carrier == .text && item.name == AIGCMetadataLabel.name && isWrapped))
      findings.append(
        Finding(
          "V-LOC", isAnnexB ? .info : .warning,
          "the label stands in \(item.path)"
            + (isAnnexB ? ", the alternative of TC260-PG-20259A annex B" : ", where no guide puts it")))
    }
    return findings
  }

  private static func codes(_ value: (String) -> String) -> [Finding] {
    var findings: [Finding] = []
    for name in ["ContentProducer", "ContentPropagator"] {
      let text = value(name)
      if text.isEmpty { continue }
      if ProviderCode.looksLikeCode(text) {
        if let defect = ProviderCode.defect(of: text) {
          findings.append(Finding("V-CODE", .warning, "\(name) '\(text)' \(defect) (TC260-PG-20252A)"))
        }
      } else {
        findings.append(Finding("V-CODE", .info, "\(name) is a name, not a code of TC260-PG-20252A"))
      }
    }
    return findings
  }

  private static func shortened(_ text: String) -> String {
    text.unicodeScalars.count > 60 ? String(text.unicodeScalars.prefix(60)) + "…" : text
  }
}
