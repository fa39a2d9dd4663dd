internal import TouchmarkPipeline

/// The last line of a run, and its exit code by the contract.
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

  private static func tail(_ summary: BatchSummary) -> String {
    let rate = summary.seconds > 0 ? Double(summary.files) / summary.seconds : 0
    var text =
      "\(summary.files) files, \(Quantity.megabytes(summary.bytes)) MB in \(Quantity.decimal(summary.seconds)) s"
      + " (\(Quantity.decimal(rate)) files/s)"
    if summary.ignored > 0 { text += ", \(summary.ignored) other files passed over" }
    if summary.isInterrupted { text += ", stopped before the end" }
    return text
  }
}
