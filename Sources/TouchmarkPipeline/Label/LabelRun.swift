public import MediaCore

/// A label run over many files.
public struct LabelRun: Sendable {
  /// What the labels say and how they are written.
  public var configuration: LabelConfiguration
  /// Where outputs go.
  public var plan: OutputPlan

  /// A run; nothing happens before `callAsFunction`.
  public init(_ configuration: LabelConfiguration, plan: OutputPlan) {
    self.configuration = configuration
    self.plan = plan
  }

  /// Labels everything `inputs` lead to; blocks until it is done or cancelled. A bad file is an entry in the report
  /// and never ends the run. Throws `invalidArgument` for a configuration against a rule, before any file is opened,
  /// and `io` for a manifest that cannot be read.
  public func callAsFunction(_ inputs: InputList, options: BatchOptions) throws(MediaError) -> BatchSummary {
    try configuration.validate()
    let discovery = try Discovery(
      inputs, plan: plan, formats: configuration.formats, remuxes: configuration.remuxes,
      cancellation: options.cancellation)
    let budget = MemoryBudget(bytes: options.memory)
    let folders = OutputFolders()
    var summary = try Batch(options: options, ledger: configuration.ledger).run(
      discovery, begin: begin(inputs, options)
    ) {
      [configuration] () throws(MediaError) in
      LabelWorker(
        try Labeller(configuration, budget: budget, folders: folders), reports: options.report != nil,
        holding: options.outputsHeld)
    }
    if options.report != nil { options.report?.write(.object(SummaryReport.label(summary))) }
    summary.reportFailure = options.report?.failure
    return summary
  }

  private func begin(_ inputs: InputList, _ options: BatchOptions) -> [(String, JSONValue)] {
    [
      ("command", "label"), ("version", .string(Version.text)),
      ("configuration", LabelReport.configuration(configuration, plan, inputs.shard, options)),
    ]
  }
}
