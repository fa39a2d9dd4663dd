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
    let discovery = try Discovery(inputs, plan: .none, formats: configuration.formats)
    let budget = MemoryBudget(bytes: options.memory)
    let begin: [(String, JSONValue)] = [
      ("command", "verify"), ("version", .string(Version.text)),
      ("configuration", VerifyReport.configuration(configuration, options: options)),
    ]
    var summary = try Batch(options: options).run(discovery, begin: begin) {
      [configuration] () throws(MediaError) in
      VerifyWorker(try Verifier(configuration, budget: budget))
    }
    options.report?.write(.object(VerifyReport.summary(summary)))
    summary.reportFailure = options.report?.failure
    return summary
  }
}

/// Verifies files and turns what was seen into report lines.
private final class VerifyWorker: FileWorker {
  private let verifier: Verifier

  init(_ verifier: Verifier) { self.verifier = verifier }

  func process(_ job: Job) -> FileOutcome {
    let evidence = verifier.evidence(in: job.input)
    let judgement = verifier.judge(evidence)
    let isUndecided = judgement.verdict == .undecided
    return FileOutcome(
      word: isUndecided ? .failed : .verified,
      line: VerifyReport.line(job, evidence, judgement, verifier.configuration),
      message: VerifyReport.message(job, evidence, judgement), verdict: judgement.verdict,
      isLacking: !isUndecided && !judgement.isSatisfied, bytes: job.size)
  }
}
