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
      inputs, plan: plan, formats: configuration.formats, remuxes: configuration.remuxes)
    let budget = MemoryBudget(bytes: options.memory)
    let folders = OutputFolders()
    var summary = try Batch(options: options, ledger: configuration.ledger).run(
      discovery, begin: begin(options)
    ) {
      [configuration] () throws(MediaError) in
      LabelWorker(try Labeller(configuration, budget: budget, folders: folders))
    }
    if options.report != nil { options.report?.write(.object(LabelReport.summary(summary))) }
    summary.reportFailure = options.report?.failure
    return summary
  }

  private func begin(_ options: BatchOptions) -> [(String, JSONValue)] {
    [
      ("command", "label"), ("version", .string(Version.text)),
      ("configuration", LabelReport.configuration(configuration, plan: plan, options: options)),
    ]
  }
}

/// Labels files and turns what happened into report lines.
private final class LabelWorker: FileWorker {
  private let labeller: Labeller

  init(_ labeller: Labeller) { self.labeller = labeller }

  func process(_ job: Job) -> FileOutcome {
    do throws(MediaError) {
      let result = try labeller.label(job)
      return FileOutcome(
        word: result.status, line: LabelReport.line(job, result, labeller.configuration),
        message: message(job, result), bytes: job.size, record: try labeller.ledgerRecord(job, result))
    } catch {
      var outcome = FileOutcome.failure(input: job.input, output: job.output, error: error)
      outcome.bytes = job.size
      return outcome
    }
  }

  private func message(_ job: Job, _ result: LabelResult) -> String? {
    guard result.status == .skipped, let reason = result.reason else { return nil }
    return "\(job.input): skipped, \(reason)"
  }
}
