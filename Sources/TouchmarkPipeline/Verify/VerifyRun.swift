public import MediaCore

/// A verify run over many files.
public struct VerifyRun: Sendable {
  /// What is looked for and what is required.
  public var configuration: VerifyConfiguration

  /// A run; nothing happens before `callAsFunction`.
  public init(_ configuration: VerifyConfiguration) { self.configuration = configuration }

  /// Judges everything `inputs` lead to; blocks until it is done or cancelled. Throws `invalidArgument` for a
  /// configuration that contradicts itself and `io` for a manifest that cannot be read.
  public func callAsFunction(_ inputs: InputList, options: BatchOptions) throws(MediaError) -> BatchSummary {
    try configuration.validate()
    let discovery = try Discovery(
      inputs, plan: .none, formats: configuration.formats, cancellation: options.cancellation)
    let budget = MemoryBudget(bytes: options.memory)
    let begin: [(String, JSONValue)] = [
      ("command", "verify"), ("version", .string(Version.text)),
      ("configuration", VerifyReport.configuration(configuration, inputs.shard, options)),
    ]
    var summary = try Batch(options: options).run(discovery, begin: begin) {
      [configuration] () throws(MediaError) in
      VerifyWorker(try Verifier(configuration, budget: budget))
    }
    options.report?.write(.object(SummaryReport.verify(summary)))
    summary.reportFailure = options.report?.failure
    return summary
  }
}
