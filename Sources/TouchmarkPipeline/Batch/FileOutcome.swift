internal import Ledger
internal import MediaCore

/// What a worker made of one file.
struct FileOutcome: Sendable {
  var word: FileStatusWord
  /// Members of the file's report line, behind `type`.
  var line: [(String, JSONValue)]
  /// A line for people, when there is something to say.
  var message: String?
  var verdict: Verdict?
  var isLacking = false
  /// Bytes of the input.
  var bytes = 0
  /// Bytes of the output; zero when nothing was written.
  var outputBytes = 0
  /// What the file is, when it could be opened.
  var info: MediaInfo?
  /// Why it failed, and under which name.
  var failure: (name: String, error: MediaError)?
  /// What a ledger has to hold before the file counts as finished.
  var record: LedgerRecord?

  /// The same file, whose record the ledger does not hold because of `error`.
  func unrecorded(_ error: MediaError) -> FileOutcome {
    var outcome = self
    outcome.word = .failed
    outcome.line =
      line.map { $0.0 == "status" ? ($0.0, JSONValue.string(FileStatusWord.failed.rawValue)) : $0 }
      + [("error", error.json)]
    let name = record?.input.description ?? ""
    outcome.message = "\(name): written, but not on record: \(error)"
    outcome.failure = (name, error)
    return outcome
  }

  static func failure(
    input: FilePath, output: FilePath?, error: MediaError, bytes: Int = 0
  ) -> FileOutcome {
    var line = PathReport.members("input", input)
    if let output { line += PathReport.members("output", output) }
    line += [("status", "failed"), ("error", error.json)]
    return FileOutcome(
      word: .failed, line: line, message: "\(input): \(error)", bytes: bytes,
      failure: (input.description, error))
  }

  static func skipped(input: FilePath, reason: String) -> FileOutcome {
    FileOutcome(
      word: .skipped,
      line: PathReport.members("input", input) + [("status", "skipped"), ("reason", .string(reason))],
      message: "\(input): skipped, \(reason)")
  }
}
