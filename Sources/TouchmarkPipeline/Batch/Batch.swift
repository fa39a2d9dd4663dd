internal import Dispatch
internal import Ledger
internal import MediaCore
internal import Synchronization

/// Works on one file after the other. Owned by one worker, with its own scratch memory.
protocol FileWorker: AnyObject {
  /// How the files ended that have: this one, unless it waits to be committed with others, and those that waited for it.
  /// Whatever goes wrong with a file is part of its outcome.
  func process(_ job: Job) -> [FileOutcome]
  /// Whether files wait to be committed.
  var isHolding: Bool { get }
  /// Ends the files that wait.
  func settle() -> [FileOutcome]
}

extension FileWorker {
  var isHolding: Bool { false }
  func settle() -> [FileOutcome] { [] }
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

  /// Workers that the limit on open files leaves room for.
  var workers: Int { min(jobs, max(1, (Machine.openFiles - 16) / Machine.openFilesEach)) }
  /// Finished outputs of one worker that may wait, open, to be committed together.
  var outputsHeld: Int { max(1, min(64, (Machine.openFiles - 16) / workers - Machine.openFilesEach)) }

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
    WorkerThreads.run(options.workers) {
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
    summary.isInterrupted = options.cancellation.isCancelled && (queue.next() != nil || queue.isCutShort)
    summary.reportFailure = options.report?.failure
    return summary
  }

  private func drain(_ queue: JobQueue, with worker: any FileWorker, into tally: Tally) {
    while !options.cancellation.isCancelled {
      // What is finished is not held back for inputs that may be long in coming.
      if worker.isHolding, queue.mayWait { record(worker.settle(), queue, tally) }
      guard let next = queue.next() else { break }
      switch next {
      case .job(let job): record(worker.process(job), queue, tally)
      case .failure(let input, let output, let error):
        tell(.failure(input: input, output: output, error: error), queue, tally)
      case .skipped(let input, let reason): tell(.skipped(input: input, reason: reason), queue, tally)
      }
    }
    record(worker.settle(), queue, tally)
  }

  /// Puts what ended on record, where there is a ledger, and tells of it then.
  private func record(_ outcomes: [FileOutcome], _ queue: JobQueue, _ tally: Tally) {
    for outcome in outcomes {
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
