/// Something a verifier or a labeller has to say about a file.
public struct Finding: Sendable, Hashable {
  /// How much it weighs.
  public enum Severity: String, Sendable, CaseIterable {
    case info, warning, error
  }

  /// The code of the findings table: `V-NONE`, `V-DUP`, `V-CHARSET` …
  public let code: String
  /// How much it weighs.
  public let severity: Severity
  /// What was read, what was expected, the clause.
  public let message: String

  /// A finding; `message` names what was read, what was expected and the clause.
  public init(_ code: String, _ severity: Severity, _ message: String) {
    self.code = code
    self.severity = severity
    self.message = message
  }
}
