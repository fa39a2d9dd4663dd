internal import MediaCore

/// Verifies files and turns what was seen into report lines.
final class VerifyWorker: FileWorker {
  private let verifier: Verifier

  init(_ verifier: Verifier) { self.verifier = verifier }

  func process(_ job: Job) -> [FileOutcome] {
    let evidence = verifier.evidence(in: job.input)
    let judgement = verifier.judge(evidence)
    let isUndecided = judgement.verdict == .undecided
    var outcome = FileOutcome(
      word: isUndecided ? .failed : .verified,
      line: VerifyReport.line(job, evidence, judgement, verifier.configuration),
      message: VerifyReport.message(job, evidence, judgement), verdict: judgement.verdict,
      isLacking: !isUndecided && !judgement.isSatisfied, bytes: job.size, info: evidence.info)
    if isUndecided { outcome.failure = evidence.failure.map { (job.input.description, $0) } }
    return [outcome]
  }
}
