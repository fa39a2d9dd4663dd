public import MediaCore

/// How a file ended.
public enum FileStatusWord: String, Sendable, CaseIterable {
  case labelled, planned, skipped, failed, verified
}

/// Counts of a run so far.
public struct BatchSummary: Sendable {
  /// What there was of one kind of media.
  public struct Media: Sendable, Hashable {
    /// Files that could be opened.
    public internal(set) var files = 0
    /// Their bytes.
    public internal(set) var bytes = 0
    /// Pixels of still pictures.
    public internal(set) var pixels = 0
    /// Seconds of video or sound, as far as containers say.
    public internal(set) var seconds = 0.0
  }

  /// Files that failed for one reason.
  public struct Failures: Sendable, Hashable {
    /// Files.
    public internal(set) var count = 0
    /// The first few of them.
    public internal(set) var names: [String] = []
  }

  /// Names kept of the files that failed for one reason.
  static let namesKept = 3

  /// Files that ended, whichever way.
  public internal(set) var files = 0
  /// Files by how they ended.
  public internal(set) var counts: [FileStatusWord: Int] = [:]
  /// Files by what they are; those that could not be opened, or were left alone unopened, are in none.
  public internal(set) var media: [MediaKind: Media] = [:]
  /// Failed files by the error's code.
  public internal(set) var failures: [MediaError.Code: Failures] = [:]
  /// Verified files by verdict; empty for a label run.
  public internal(set) var verdicts: [Verdict: Int] = [:]
  /// Verified files that lack what is required.
  public internal(set) var lacking = 0
  /// Bytes of the files that ended.
  public internal(set) var bytes = 0
  /// Bytes of those that were left alone: they say nothing about how fast the rest will go.
  public internal(set) var skippedBytes = 0
  /// Bytes of what was written.
  public internal(set) var outputBytes = 0
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

  mutating func add(_ outcome: FileOutcome) {
    files += 1
    counts[outcome.word, default: 0] += 1
    bytes += outcome.bytes
    outputBytes += outcome.outputBytes
    if outcome.word == .skipped { skippedBytes += outcome.bytes }
    if let verdict = outcome.verdict { verdicts[verdict, default: 0] += 1 }
    if outcome.isLacking { lacking += 1 }
    if let info = outcome.info { media[info.kind, default: Media()].add(info, bytes: outcome.bytes) }
    if let (name, error) = outcome.failure { failures[error.code, default: Failures()].add(name) }
  }
}

extension BatchSummary.Media {
  fileprivate mutating func add(_ info: MediaInfo, bytes: Int) {
    files += 1
    self.bytes += bytes
    if info.kind == .image { pixels = pixels.addingReportingOverflow(info.size.pixelCount).partialValue }
    if let duration = info.duration, duration.isFinite, duration > 0 { seconds += duration }
  }
}

extension BatchSummary.Failures {
  fileprivate mutating func add(_ name: String) {
    count += 1
    if names.count < BatchSummary.namesKept { names.append(name) }
  }
}
