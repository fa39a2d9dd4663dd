/// What a worker may be asked to do with a file.
public enum WorkerVerb: String, Sendable, CaseIterable {
  case label, verify
}

/// Everything that a worker needs to know but the jobs.
public struct WorkerConfiguration: Sendable {
  /// How files are labelled; nil for a worker that only verifies.
  public var label: LabelConfiguration?
  /// How files are verified.
  public var verify: VerifyConfiguration
  /// What is done for a job that does not say.
  public var verb: WorkerVerb
  /// Where labelled files go; `.none` leaves it to each job to name its output.
  public var plan: OutputPlan
  /// Whether results come in the order of the jobs instead of as they are done.
  public var isOrdered: Bool

  /// A configuration.
  public init(
    label: LabelConfiguration?, verify: VerifyConfiguration, verb: WorkerVerb = .label,
    plan: OutputPlan = .none, isOrdered: Bool = false
  ) {
    self.label = label
    self.verify = verify
    self.verb = verb
    self.plan = plan
    self.isOrdered = isOrdered
  }
}
