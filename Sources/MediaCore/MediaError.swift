/// The one error of every target. `code` says who is to blame, `stage` where it happened, and `message` what
/// was read, what was expected and the clause or remedy. Exit codes and report lines derive from it.
public struct MediaError: Error, Sendable, CustomStringConvertible {
  /// What kind of failure; the raw value stands in reports.
  public enum Code: String, Sendable, CaseIterable {
    /// The operating system refused: missing, unreadable, full, read-only.
    case io
    /// The bytes break their format's specification, or end early.
    case malformed
    /// Valid, but a feature this build does not handle; nothing was degraded instead.
    case unsupported
    /// More pixels, bytes, chunks or nesting than `Limits` allow.
    case limitExceeded
    /// The caller asked for something that contradicts itself or a clause of the rules.
    case invalidArgument
    /// The label does not fit; the message gives the size that would.
    case insufficientCapacity
    /// Two inputs claim one output, or a label is already there and the policy says to fail.
    case conflict
    /// Interrupted before this file was finished; nothing was written under its name.
    case cancelled
    /// A bug in Touchmark.
    case internalFault
  }

  /// The step of the pipeline that failed; the raw value stands in reports.
  public enum Stage: String, Sendable, CaseIterable {
    case discover, probe, decode, label, encode, metadata, commit, verify
  }

  /// What kind of failure.
  public let code: Code
  /// The step that failed.
  public var stage: Stage
  /// What was read, what was expected, and the remedy; one line, no file name (the report line has it).
  public let message: String
  /// The C library's or the system's own number (`errno`, `Z_DATA_ERROR`, `JERR_…`), when there is one.
  public let nativeStatus: Int32?
  /// The error this one was made from.
  public let cause: (any Error)?

  /// Makes an error; `message` names what was read, what was expected and the remedy.
  public init(
    _ code: Code, _ stage: Stage, _ message: String, nativeStatus: Int32? = nil, cause: (any Error)? = nil
  ) {
    self.code = code
    self.stage = stage
    self.message = message
    self.nativeStatus = nativeStatus
    self.cause = cause
  }

  /// `stage: message (code)`, for people.
  public var description: String { "\(stage.rawValue): \(message) (\(code.rawValue))" }

  /// The same error seen from another stage: a reader that serves both decoding and checking keeps one message.
  public func at(_ stage: Stage) -> MediaError {
    var copy = self
    copy.stage = stage
    return copy
  }
}
