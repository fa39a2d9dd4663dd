internal import MediaCore

/// A detection in metadata as it stands in report lines.
enum SiteReport {
  static func json(_ detection: Detection) -> JSONValue {
    var members: [(String, JSONValue)] = []
    if let site = detection.site {
      members += [
        ("where", .string(site.carrier.rawValue)), ("offset", .int(Int(clamping: site.offset))),
        ("form", .string(site.form.rawValue)), ("path", .string(site.path)),
      ]
    }
    members.append(("value", .object(detection.fields.map { ($0.name, .string($0.value)) })))
    if !detection.findings.isEmpty {
      members.append(("findings", .array(detection.findings.map(\.json))))
    }
    return .object(members)
  }
}
