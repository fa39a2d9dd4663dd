internal import Labels
internal import MediaCore

/// The report lines of a verify run: JSON Lines, schema 1.
enum VerifyReport {
  static func configuration(_ configuration: VerifyConfiguration, _ shard: Shard, _ options: BatchOptions)
    -> JSONValue
  {
    var members: [(String, JSONValue)] = [
      ("declared", .bool(configuration.isDeclared)),
      ("require", .array(configuration.required.map { .string($0.rawValue) })),
      ("layers", .array(configuration.layers.map { .string($0.rawValue) })),
      ("texts", .array(configuration.texts.map { .string($0) })), ("jobs", .int(options.workers)),
      ("memory", .int(options.memory)),
    ]
    if shard != .whole { members.append(("shard", .string(shard.description))) }
    return .object(members)
  }

  static func line(
    _ job: Job, _ evidence: Evidence, _ judgement: Judgement, _ configuration: VerifyConfiguration
  ) -> [(String, JSONValue)] {
    var line = PathReport.members("input", job.input)
    if let info = evidence.info { line += LabelReport.info(info) }
    line.append(("verdict", .string(judgement.verdict.rawValue)))
    if let label = judgement.label { line.append(("label", .string(label))) }
    line += [
      ("compliance", .string(judgement.compliance.rawValue)),
      ("technique", .array(judgement.technique.map { .string($0) })),
      ("satisfied", .bool(judgement.isSatisfied)),
      ("layers", .object(configuration.layers.map { ($0.rawValue, layer($0, evidence, configuration)) })),
      ("findings", .array(evidence.allFindings.map(\.json))),
    ]
    if configuration.ledger != nil { line.append(("ledger", ledger(evidence))) }
    if let failure = evidence.failure {
      if judgement.verdict == .undecided { line.append(("status", "failed")) }
      line.append(("error", failure.json))
    }
    return line
  }

  private static func ledger(_ evidence: Evidence) -> JSONValue {
    if let failure = evidence.ledgerFailure {
      return .object([("searched", false), ("error", failure.json)])
    }
    return evidence.ledger?.json ?? .object([("found", false)])
  }

  /// One line for people: the verdict, what it rests on, and what is wrong.
  static func message(_ job: Job, _ evidence: Evidence, _ judgement: Judgement) -> String {
    var parts = ["\(judgement.verdict.rawValue)  \(job.input)"]
    if !judgement.technique.isEmpty { parts.append("(\(judgement.technique.joined(separator: ", ")))") }
    if judgement.compliance == .noncompliant { parts.append("noncompliant label") }
    let problems = evidence.allFindings.filter { $0.severity == .error && $0.code != "V-NONE" }
    parts += problems.map { "\($0.code): \($0.message)" }
    return parts.joined(separator: "  ")
  }

  private static func layer(
    _ id: LabelID, _ evidence: Evidence, _ configuration: VerifyConfiguration
  ) -> JSONValue {
    let found = evidence[id]
    guard let label = configuration.labels.label(id) else { return .null }
    if id == GeneratorTraceLabel.id { return .array(found.map(trace)) }
    var members: [(String, JSONValue)] = [
      ("searched", .bool(evidence.searched.contains(id))), ("found", .bool(isFound(id, found))),
    ]
    if id == WatermarkLabel.id, let agrees = WatermarkAgreement.of(evidence) {
      members.append(("agrees", .string(agrees)))
    }
    if label is any FrameLabel {
      members += found.first.map(frame) ?? []
      if found.count > 1 { members.append(("others", .array(found.dropFirst().map { .object(frame($0)) }))) }
    } else {
      members.append(("sites", .array(found.map(SiteReport.json))))
    }
    return .object(members)
  }

  /// Private notations are evidence but not the label.
  private static func isFound(_ id: LabelID, _ found: [Detection]) -> Bool {
    if id == WatermarkLabel.id { return found.contains { $0["payload"] != nil } }
    return id == AIGCMetadataLabel.id ? found.contains(where: \.isLabelSite) : !found.isEmpty
  }

  private static func frame(_ detection: Detection) -> [(String, JSONValue)] {
    var members = detection.fields.map { ($0.name, $0.json) }
    if let box = detection.box { members.append(("box", .array(box.array.map { .int($0) }))) }
    members.append(("confidence", .rounded(detection.confidence, digits: 3)))
    return members
  }

  private static func trace(_ detection: Detection) -> JSONValue {
    var members = detection.fields.map { ($0.name, JSONValue.string($0.value)) }
    if let site = detection.site {
      members += [
        ("where", .string(site.carrier.rawValue)), ("offset", .int(Int(clamping: site.offset))),
        ("path", .string(site.path)),
      ]
    }
    members += [
      ("confidence", .rounded(detection.confidence, digits: 3)), ("evidence", .string(detection.evidence)),
    ]
    return .object(members)
  }
}

extension Detection.Field {
  /// The value as a report shows it.
  var json: JSONValue {
    if let number { return .double(number) }
    return value == "true" ? true : value == "false" ? false : .string(value)
  }
}
