public import MediaCore

extension BenchResult {
  /// All figures, for programs.
  public var json: JSONValue {
    .object([
      ("schema", 1), ("type", "bench"), ("version", .string(Version.text)),
      ("processor", .string(machine.processor)), ("cores", .int(machine.cores)),
      ("load", .array(machine.load.map { .rounded($0, digits: 2) })),
      ("runs", .int(runs)), ("sink", .string(sink.rawValue)), ("description", .string(description)),
      ("sets", .array(sets.map(Self.json))), ("rows", .array(rows.map(json))),
      (
        "omitted",
        .array(
          omitted.map { .object([("path", .string($0.path.description)), ("reason", .string($0.reason))]) })
      ),
    ])
  }

  private static func json(_ set: BenchSet) -> JSONValue {
    .object([
      ("media", .string(set.kind.rawValue)), ("format", .string(set.format.rawValue)),
      ("files", .int(set.files.count)), ("bytes", .int(set.bytes)), ("pixels", .int(set.pixels)),
      ("seconds", .rounded(set.seconds, digits: 3)),
    ])
  }

  private func json(_ row: BenchRow) -> JSONValue {
    let set = sets[row.set]
    let amount = set.kind == .image ? "megapixelsPerSecond" : "secondsPerSecond"
    var members: [(String, JSONValue)] = [
      ("set", .int(row.set)), ("media", .string(set.kind.rawValue)),
      ("format", .string(set.format.rawValue)), ("task", .string(row.task.title)),
      ("verb", .string(row.task.verb.rawValue)),
      ("layers", .array(row.task.layers.map { .string($0.rawValue) })), ("jobs", .int(row.jobs)),
      ("files", .int(row.files)), ("filesPerSecond", Self.json(row.filesPerSecond)),
      ("megabytesPerSecond", .rounded(megabytesPerSecond(row), digits: 3)),
      (amount, .rounded(amountPerSecond(row), digits: 3)),
      ("cpuMillisecondsPerFile", Self.json(row.cpuMilliseconds)), ("peakBytes", .int(row.peakBytes)),
    ]
    if row.framesPerSecond > 0 {
      members.append(("framesPerSecond", .rounded(row.framesPerSecond, digits: 2)))
    }
    if !row.steps.isEmpty {
      members.append(("cpuShares", .object(row.steps.map { ($0.step, .rounded($0.share, digits: 4)) })))
    }
    return .object(members)
  }

  private static func json(_ spread: Spread) -> JSONValue {
    .object([
      ("median", .rounded(spread.median, digits: 3)), ("lowest", .rounded(spread.lowest, digits: 3)),
      ("highest", .rounded(spread.highest, digits: 3)),
    ])
  }
}
