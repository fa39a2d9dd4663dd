internal import MediaCore
internal import TouchmarkPipeline

/// The last lines of a run, and its exit code by the contract.
enum Summary {
  static func label(_ summary: BatchSummary) -> (text: String, code: Int32) {
    let words: [FileStatusWord] =
      summary[.planned] > 0 ? [.planned, .skipped, .failed] : [.labelled, .skipped, .failed]
    let counts = words.map { "\($0.rawValue) \(summary[$0])" }.joined(separator: ", ")
    return ("\(counts); \(tail(summary))", summary[.failed] > 0 ? 2 : 0)
  }

  static func verify(_ summary: BatchSummary) -> (text: String, code: Int32) {
    let counts = Verdict.allCases.map { "\($0.rawValue) \(summary.verdicts[$0] ?? 0)" }.joined(
      separator: ", ")
    let lacking = summary.lacking > 0 ? ", \(summary.lacking) without a required label" : ""
    let code: Int32 = summary[.failed] > 0 ? 2 : summary.lacking > 0 ? 1 : 0
    return ("\(counts)\(lacking); \(tail(summary))", code)
  }

  /// A worker's last words; how its jobs ended stands in their results.
  static func worker(_ summary: BatchSummary) -> String {
    let words = FileStatusWord.allCases.filter { summary[$0] > 0 }
    let counts = words.map { "\($0.rawValue) \(summary[$0])" }.joined(separator: ", ")
    return "\(counts.isEmpty ? "no jobs" : counts); \(tail(summary))"
  }

  private static func tail(_ summary: BatchSummary) -> String {
    let rate = summary.seconds > 0 ? Double(summary.files) / summary.seconds : 0
    var text =
      "\(summary.files) files, \(Quantity.megabytes(summary.bytes)) MB in \(Quantity.decimal(summary.seconds)) s"
      + " (\(Quantity.decimal(rate)) files/s)"
    if summary.ignored > 0 { text += ", \(summary.ignored) other files passed over" }
    if summary.isInterrupted { text += ", stopped before the end" }
    return text + media(summary) + failures(summary)
  }

  /// A line about what the files were.
  private static func media(_ summary: BatchSummary) -> String {
    let parts = MediaKind.allCases.compactMap { kind -> String? in
      guard let media = summary.media[kind] else { return nil }
      let amount =
        kind == .image
        ? "\(Quantity.decimal(Double(media.pixels) / 1e6)) MP" : "\(Quantity.decimal(media.seconds)) s"
      return "\(media.files) \(kind.rawValue) (\(Quantity.megabytes(media.bytes)) MB, \(amount))"
    }
    return parts.isEmpty ? "" : "\n  " + parts.joined(separator: ", ")
  }

  /// A line for each reason of failures, the most frequent first.
  private static func failures(_ summary: BatchSummary) -> String {
    summary.failures.sorted { $0.value.count > $1.value.count }.map { code, failures in
      let more = failures.count > failures.names.count ? ", …" : ""
      let names = failures.names.map { Terminal.harmless($0) }.joined(separator: ", ")
      return "\n  failed \(failures.count) \(code.rawValue): \(names)\(more)"
    }.joined()
  }
}
