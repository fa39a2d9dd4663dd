internal import MediaCore

/// The last line of a report: JSON Lines, schema 1.
enum SummaryReport {
  static func label(_ summary: BatchSummary) -> [(String, JSONValue)] {
    var line: [(String, JSONValue)] = [("type", "summary"), ("files", .int(summary.files))]
    for word in [FileStatusWord.labelled, .planned, .skipped, .failed] {
      if word == .planned, summary[word] == 0 { continue }
      line.append((word.rawValue, .int(summary[word])))
    }
    return line + tail(summary) + [("outputBytes", .int(summary.outputBytes))]
  }

  static func verify(_ summary: BatchSummary) -> [(String, JSONValue)] {
    var line: [(String, JSONValue)] = [("type", "summary"), ("files", .int(summary.files))]
    line += Verdict.allCases.map { ($0.rawValue, .int(summary.verdicts[$0] ?? 0)) }
    line += [
      ("lacking", .int(summary.lacking)), ("skipped", .int(summary[.skipped])),
      ("failed", .int(summary[.failed])),
    ]
    return line + tail(summary)
  }

  /// What the summaries of all runs end with.
  private static func tail(_ summary: BatchSummary) -> [(String, JSONValue)] {
    var tail: [(String, JSONValue)] = [
      ("ignored", .int(summary.ignored)), ("bytes", .int(summary.bytes)),
      ("seconds", .rounded(summary.seconds, digits: 3)),
    ]
    if summary.isInterrupted { tail.append(("interrupted", true)) }
    if summary.seconds > 0 {
      tail.append(("filesPerSecond", .rounded(Double(summary.files) / summary.seconds, digits: 1)))
    }
    let media = MediaKind.allCases.compactMap { kind in
      summary.media[kind].map { (kind.rawValue, json($0, kind)) }
    }
    if !media.isEmpty { tail.append(("media", .object(media))) }
    let failures = summary.failures.sorted { $0.value.count > $1.value.count }.map { code, failures in
      let names = failures.names.map { JSONValue.string($0) }
      return (
        code.rawValue, JSONValue.object([("count", .int(failures.count)), ("first", .array(names))])
      )
    }
    if !failures.isEmpty { tail.append(("failures", .object(failures))) }
    return tail
  }

  private static func json(_ media: BatchSummary.Media, _ kind: MediaKind) -> JSONValue {
    var members: [(String, JSONValue)] = [("files", .int(media.files)), ("bytes", .int(media.bytes))]
    if kind == .image {
      members.append(("pixels", .int(media.pixels)))
    } else {
      members.append(("duration", .rounded(media.seconds, digits: 1)))
    }
    return .object(members)
  }
}
