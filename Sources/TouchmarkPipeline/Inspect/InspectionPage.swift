internal import Labels
internal import MediaCore

/// Lines of an inspection.
struct InspectionPage {
  private(set) var lines: [String] = []

  /// Longest value shown on one line.
  private static let longestValue = 160

  mutating func head(_ path: FilePath, _ evidence: Evidence) {
    lines.append(path.description)
    if let info = evidence.info {
      let turn = info.orientation == .up ? "" : ", orientation \(info.orientation.rawValue)"
      lines.append(
        "  \(info.format) \(info.kind.rawValue), \(info.size), \(info.bitDepth) bit, \(info.coding)\(turn)")
    }
    if let failure = evidence.failure { lines.append("  not read to its end: \(failure)") }
  }

  mutating func section(_ label: LabelDescriptor, _ evidence: Evidence) {
    let found = evidence[label.id]
    let state =
      !evidence.searched.contains(label.id)
      ? "not searched" : found.isEmpty ? "not found" : "\(found.count) found"
    lines.append("")
    lines.append("\(label.id): \(state)")
    for detection in found { add(detection) }
  }

  private mutating func add(_ detection: Detection) {
    if let site = detection.site {
      lines.append("  at byte \(site.offset): \(site.path) (\(site.form.rawValue))")
    } else if let box = detection.box {
      lines.append("  at \(box.x), \(box.y), \(box.width) × \(box.height) pixels as stored")
    }
    lines.append("    \(Self.shown(detection.evidence)), confidence \(Self.percent(detection.confidence))")
    let width = detection.fields.map(\.name.count).max() ?? 0
    for field in detection.fields {
      let name = field.name + String(repeating: " ", count: width - field.name.count)
      lines.append("    \(name)  \(Self.shown(field.value))\(Self.remark(field))")
    }
    for finding in detection.findings { add(finding, indent: "    ") }
  }

  mutating func findings(_ evidence: Evidence) {
    guard !evidence.findings.isEmpty else { return }
    lines.append("")
    lines.append("findings about the file")
    for finding in evidence.findings { add(finding, indent: "  ") }
  }

  private mutating func add(_ finding: Finding, indent: String) {
    lines.append("\(indent)\(finding.code) \(finding.severity.rawValue): \(finding.message)")
  }

  mutating func metadata(_ items: [MetadataItem], listsAll: Bool) {
    lines.append("")
    guard listsAll else {
      lines.append("metadata: \(items.count) values in all\(items.isEmpty ? "" : " (--all lists them)")")
      return
    }
    lines.append("metadata: \(items.count) values in all")
    for item in items {
      let place = item.isRegularPlace ? "" : ", out of its regular place"
      lines.append("  at byte \(item.offset): \(item.path) (\(item.form.rawValue)\(place))")
      if !item.value.isEmpty { lines.append("    \(Self.shown(item.value))") }
    }
  }

  /// What a field means, for those that people do not know by heart.
  private static func remark(_ field: Detection.Field) -> String {
    switch (field.name, field.value) {
    case ("Label", "1"): "   (is generated)"
    case ("Label", "2"): "   (may be generated)"
    case ("Label", "3"): "   (suspected to be generated)"
    default: ""
    }
  }

  private static func percent(_ value: Double) -> String { "\(Int((value * 100).rounded())) %" }

  /// One line.
  private static func shown(_ value: String) -> String {
    let start = String(value.unicodeScalars.prefix(longestValue)).split(separator: "\n").joined(
      separator: " ")
    return start + (value.unicodeScalars.count > longestValue ? "…" : "")
  }
}
