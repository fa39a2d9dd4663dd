internal import Labels
internal import Ledger
internal import MediaCore
internal import Typesetting

/// The report lines of a label run: JSON Lines, schema 1.
enum LabelReport {
  static func configuration(
    _ configuration: LabelConfiguration, _ plan: OutputPlan, _ shard: Shard, _ options: BatchOptions
  ) -> JSONValue {
    let record = configuration.record
    var members: [(String, JSONValue)] = [
      ("producer", .string(record.producer)), ("text", .string(record.text)),
      ("position", .string(record.position.rawValue)), ("height", .double(record.textHeightFraction)),
      ("layers", .array(configuration.layers.map { .string($0.rawValue) })),
      ("existing", .string(configuration.existing.rawValue)),
      ("check", .string(configuration.check.rawValue)), ("resume", .bool(configuration.resumes)),
      ("dryRun", .bool(configuration.isDryRun)), ("remux", .bool(configuration.remuxes)),
      ("font", .string(configuration.font.name)),
      ("watermarkSpan", .string(record.watermarkSpan.rawValue)),
      ("watermarkLevel", .string(record.watermarkLevel.rawValue)),
      ("digitalSourceType", .string(record.digitalSourceType)), ("jobs", .int(options.workers)),
      ("memory", .int(options.memory)), ("sync", .string(configuration.sync.rawValue)),
    ]
    if shard != .whole { members.append(("shard", .string(shard.description))) }
    if record.allowsAnyText { members.append(("anyText", true)) }
    if let ledger = configuration.ledger { members.append(("ledger", .string(ledger.path.description))) }
    if let waiver = configuration.waiver {
      members += [("recipient", .string(waiver.recipient)), ("agreement", .string(waiver.agreement))]
    }
    switch plan {
    case .folder(let folder): members += PathReport.members("output", folder)
    case .inPlace: members.append(("inPlace", true))
    case .none: break
    }
    return .object(members)
  }

  static func line(
    _ job: Job, _ result: LabelResult, _ configuration: LabelConfiguration
  ) -> [(String, JSONValue)] {
    var line = PathReport.members("input", job.input)
    let writes = result.status == .labelled || result.notes.contains("copied unchanged")
    if writes || result.status == .planned {
      line += PathReport.members("output", result.output ?? job.output ?? job.input)
    }
    line.append(("status", .string(result.status.rawValue)))
    if let source = result.remuxedFrom {
      var members: [(String, JSONValue)] = [("from", .string(source.rawValue))]
      if result.output != nil, let info = result.info {
        members.append(("to", .string(info.format.rawValue)))
      }
      line.append(("remuxed", .object(members)))
    }
    if let reason = result.reason { line.append(("reason", .string(reason))) }
    if let info = result.info { line += self.info(info) }
    if !result.produceID.isEmpty { line.append(("produceID", .string(result.produceID))) }
    for drawn in result.drawn { line.append((drawn.label.rawValue, json(drawn.embedding, configuration))) }
    for written in result.written { line.append((written.label.rawValue, json(written))) }
    if let coding = result.coding {
      line.append(
        (
          "plan",
          .object([
            ("method", .string(coding.method.rawValue)), ("frames", .int(coding.frames)),
            ("reason", .string(coding.reason)),
          ])
        ))
    }
    if !result.existing.isEmpty {
      line.append(
        (result.status == .skipped ? "existing" : "replaced", .array(result.existing.map(SiteReport.json))))
    }
    if !result.notes.isEmpty { line.append(("notes", .array(result.notes.map { .string($0) }))) }
    if !result.outputDigest.isEmpty {
      line.append(
        (
          "sha256",
          .object([("input", .string(result.inputDigest)), ("output", .string(result.outputDigest))])
        ))
    }
    if !result.milliseconds.isEmpty {
      line.append(
        ("ms", .object(result.milliseconds.map { ($0.step, JSONValue.rounded($0.value, digits: 2)) })))
    }
    return line
  }

  static func info(_ info: MediaInfo) -> [(String, JSONValue)] {
    var members: [(String, JSONValue)] = [
      ("media", .string(info.kind.rawValue)), ("format", .string(info.format.rawValue)),
    ]
    if info.kind != .audio {
      members += [
        ("size", .array([.int(info.size.width), .int(info.size.height)])),
        ("orientation", .int(Int(info.orientation.rawValue))),
      ]
    }
    members.append(("coding", .string(info.coding)))
    if let duration = info.duration { members.append(("duration", .rounded(duration, digits: 3))) }
    return members
  }

  static func json(_ embedding: Embedding, _ configuration: LabelConfiguration) -> JSONValue {
    var members = embedding.fields.map { ($0.name, $0.json) }
    if embedding.text.isEmpty { return .object(members) }
    members += [
      ("text", .string(embedding.text)), ("height", .int(embedding.textHeight)),
      ("box", .array(embedding.box.array.map { .int($0) })),
      ("position", .string(configuration.record.position.rawValue)),
    ]
    if configuration.record.allowsAnyText { members.append(("anyText", true)) }
    return .object(members)
  }

  /// The fields of the one property that holds JSON, or the properties by name.
  private static func json(_ written: LabelResult.Written) -> JSONValue {
    if written.properties.count == 1, let only = written.properties.first,
      let value = try? JSONValue(parsing: Array(only.value.utf8)), case .object = value
    {
      return value
    }
    return .object(written.properties.map { ($0.name, .string($0.value)) })
  }
}
