/// What Article 6 of the Labelling Measures calls a file, judged from evidence under a policy.
public enum Verdict: String, Sendable, CaseIterable {
  /// 6(1): a metadata label states that it is generated.
  case confirmed
  /// 6(2): the uploader declares it, or a platform's label says that it may be.
  case possible
  /// 6(3): an explicit label or another trace of generation was detected.
  case suspected
  /// No evidence. Never means "made by a person".
  case none
  /// It could not be read far enough to say `none`.
  case undecided
}

/// How the metadata label alone stands to GB 45438-2025.
public enum Compliance: String, Sendable, CaseIterable {
  /// One site, and no finding of severity `error`.
  case compliant
  case noncompliant
  case notFound = "not_found"
  /// The container could not be read.
  case inconclusive
}
