internal import Ledger
public import MediaCore

/// How a file ended.
public enum FileStatusWord: String, Sendable, CaseIterable {
  case labelled, planned, skipped, failed, verified
}

/// Counts of a run so far.
public struct BatchSummary: Sendable {
  /// Files that ended, whichever way.
  public internal(set) var files = 0
  /// Files by how they ended.
  public internal(set) var counts: [FileStatusWord: Int] = [:]
  /// Verified files by verdict; empty for a label run.
  public internal(set) var verdicts: [Verdict: Int] = [:]
  /// Verified files that lack what is required.
  public internal(set) var lacking = 0
  /// Bytes of the files that ended.
  public internal(set) var bytes = 0
  /// Files found in folders but passed over: hidden ones, and those with no format's extension.
  public internal(set) var ignored = 0
  /// Wall-clock seconds.
  public internal(set) var seconds = 0.0
  /// Whether the run was cancelled before its end.
  public internal(set) var isInterrupted = false
  /// Why the report could not be written.
  public internal(set) var reportFailure: MediaError?

  /// Nothing yet.
  public init() {}

  /// Files that ended as `word`.
  public subscript(word: FileStatusWord) -> Int { counts[word] ?? 0 }
}

/// What a worker made of one file.
struct FileOutcome: Sendable {
  var word: FileStatusWord
  /// Members of the file's report line, behind `type`.
  var line: [(String, JSONValue)]
  /// A line for people, when there is something to say.
  var message: String?
  var verdict: Verdict?
  var isLacking = false
  var bytes = 0
  /// What a ledger has to hold before the file counts as finished.
  var record: LedgerRecord?

  /// The same file, whose record the ledger does not hold because of `error`.
  func unrecorded(_ error: MediaError) -> FileOutcome {
    var outcome = self
    outcome.word = .failed
    outcome.line =
      line.map { $0.0 == "status" ? ($0.0, JSONValue.string(FileStatusWord.failed.rawValue)) : $0 }
      + [("error", error.json)]
    outcome.message = "\(record?.input.description ?? ""): written, but not on record: \(error)"
    return outcome
  }
}
