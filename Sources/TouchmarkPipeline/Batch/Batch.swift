internal import Dispatch
internal import Ledger
internal import MediaCore
internal import Synchronization

/// Works on one file after the other. Owned by one worker, with its own scratch memory.
protocol FileWorker: AnyObject {
  /// Whatever goes wrong with the file is part of the outcome.
  func process(_ job: Job) -> FileOutcome
}

/// How a run shares the machine and tells about itself.
public struct BatchOptions: Sendable {
  /// Workers side by side.
  public var jobs: Int
  /// Bytes that decoded pictures may take together.
  public var memory: Int
  /// Whether the first failure ends the run.
  public var failsFast: Bool
  /// Ends the run early.
  public var cancellation: Cancellation
  /// Takes the report, when one is wanted.
  public var report: ReportSink?
  /// Called after each file, from the worker's thread, one call at a time, with the counts so far, how the file ended, and
  /// a line for people when there is something to say.
  public var onFile: (@Sendable (BatchSummary, FileStatusWord, String?) -> Void)?
  /// Called when the number of files and bytes to come is known better; `isComplete` says that it is final.
  public var onFound: (@Sendable (_ files: Int, _ bytes: Int, _ isComplete: Bool) -> Void)?

  /// Options; one worker a core and half of the machine's memory by default.
  public init(
    jobs: Int = Machine.cores, memory: Int = Machine.memory / 2, failsFast: Bool = false,
    cancellation: Cancellation = Cancellation(), report: ReportSink? = nil,
    onFile: (@Sendable (BatchSummary, FileStatusWord, String?) -> Void)? = nil,
    onFound: (@Sendable (Int, Int, Bool) -> Void)? = nil
  ) {
    self.jobs = max(1, jobs)
    self.memory = memory
    self.failsFast = failsFast
    self.cancellation = cancellation
    self.report = report
    self.onFile = onFile
    self.onFound = onFound
  }
}

/// Runs workers over everything that is discovered. Each worker pulls the next job when it is done with the last:
/// nothing is queued but the window of the job queue.
struct Batch: Sendable {
  let options: BatchOptions
  /// Holds the records of files before they count as finished.
  var ledger: LedgerWriter?

  /// The counts, which several threads add to.
  private final class Tally: Sendable {
    let summary = Mutex(BatchSummary())
  }

  /// Blocks until everything is done or cancelled. `makeWorker` is called once on each worker's thread.
  func run(
    _ discovery: Discovery, begin: [(String, JSONValue)],
    makeWorker: @escaping @Sendable () throws(MediaError) -> any FileWorker
  ) throws(MediaError) -> BatchSummary {
    let start = DispatchTime.now().uptimeNanoseconds
    options.report?.write(.object([("schema", 1), ("type", "begin")] + begin))
    let queue = JobQueue(discovery)
    let tally = Tally()
    let trouble = Mutex<MediaError?>(nil)
    DispatchQueue.concurrentPerform(iterations: options.jobs) { _ in
      do throws(MediaError) {
        let worker = try makeWorker()
        drain(queue, with: worker, into: tally)
      } catch {
        trouble.withLock { $0 = error }
        options.cancellation.cancel()
      }
    }
    // What it throws is about its log alone, from which the next one to open the ledger takes the records.
    try? ledger?.finish()
    if let error = trouble.withLock({ $0 }) { throw error }
    var summary = tally.summary.withLock { $0 }
    summary.ignored = queue.found.ignored
    summary.seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
    // What was asked to stop after its last file has lost nothing.
    summary.isInterrupted = options.cancellation.isCancelled && queue.next() != nil
    summary.reportFailure = options.report?.failure
    return summary
  }

  private func drain(_ queue: JobQueue, with worker: any FileWorker, into tally: Tally) {
    while !options.cancellation.isCancelled, let next = queue.next() {
      let outcome =
        switch next {
        case .job(let job): worker.process(job)
        case .failure(let input, let output, let error):
          FileOutcome.failure(input: input, output: output, error: error)
        case .skipped(let input, let reason): FileOutcome.skipped(input: input, reason: reason)
        }
      guard let record = outcome.record, let ledger else {
        tell(outcome, queue, tally)
        continue
      }
      ledger.append(record) { failure in tell(failure.map(outcome.unrecorded) ?? outcome, queue, tally) }
    }
  }

  private func tell(_ outcome: FileOutcome, _ queue: JobQueue, _ tally: Tally) {
    options.report?.write(.object([("type", "file")] + outcome.line))
    let found = queue.found
    tally.summary.withLock { summary in
      summary.add(outcome)
      options.onFound?(found.files, found.bytes, found.isComplete)
      options.onFile?(summary, outcome.word, outcome.message)
    }
    if options.failsFast, outcome.word == .failed { options.cancellation.cancel() }
    if options.report?.failure != nil { options.cancellation.cancel() }
  }
}

extension BatchSummary {
  fileprivate mutating func add(_ outcome: FileOutcome) {
    files += 1
    counts[outcome.word, default: 0] += 1
    bytes += outcome.bytes
    if let verdict = outcome.verdict { verdicts[verdict, default: 0] += 1 }
    if outcome.isLacking { lacking += 1 }
  }
}

extension FileOutcome {
  static func failure(input: FilePath, output: FilePath?, error: MediaError) -> FileOutcome {
    var line: [(String, JSONValue)] = [("input", .string(input.description))]
    if let output { line.append(("output", .string(output.description))) }
    line += [("status", "failed"), ("error", error.json)]
    return FileOutcome(word: .failed, line: line, message: "\(input): \(error)")
  }

  static func skipped(input: FilePath, reason: String) -> FileOutcome {
    FileOutcome(
      word: .skipped,
      line: [
        ("input", .string(input.description)), ("status", "skipped"), ("reason", .string(reason)),
      ], message: "\(input): skipped, \(reason)")
  }
}
