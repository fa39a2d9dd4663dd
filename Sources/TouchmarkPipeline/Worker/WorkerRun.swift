internal import Ledger
public import MediaCore
internal import Synchronization

/// Answers jobs that come in line by line, for an engine that distributes them: a line of JSON on standard input, a line of
/// JSON on standard output. Threads take a line each when they are done with their last, so that no more is read ahead
/// than one chunk of the stream, and a sender faster than the work is held back by its pipe.
public struct WorkerRun: Sendable {
  /// How jobs are done.
  public var configuration: WorkerConfiguration

  private struct Intake {
    var lines: LineReader
    var jobs = 0
    var failure: MediaError?
  }

  /// A worker; nothing happens before `callAsFunction`.
  public init(_ configuration: WorkerConfiguration) { self.configuration = configuration }

  /// Answers until the input ends or `options.cancellation` comes; jobs begun are finished then, and lines read but not
  /// begun are answered with `cancelled`. A failure of standard input or output is the summary's `reportFailure`.
  /// Throws `invalidArgument` for a configuration against a rule, before any line is read.
  public func callAsFunction(options: BatchOptions) throws(MediaError) -> BatchSummary {
    try configuration.label?.validate()
    try configuration.verify.validate()
    let start = Machine.ticks
    let cancellation = options.cancellation
    let lines = try LineReader(FilePath("-"), as: "jobs", cancellation: cancellation)
    let intake = Mutex(Intake(lines: lines))
    let results = ResultStream(1, isOrdered: configuration.isOrdered)
    let tally = Mutex(BatchSummary())
    let trouble = Mutex<MediaError?>(nil)
    let budget = MemoryBudget(bytes: options.memory)
    let (folders, outputs) = (OutputFolders(remembers: false), OutputsInHand())
    WorkerThreads.run(options.workers) {
      do throws(MediaError) {
        let desk = try JobDesk(
          configuration, budget: budget, folders: folders, outputs: outputs, cancellation: cancellation)
        while let (line, number, job) = Self.take(intake) {
          let (id, outcome) = desk.answer(line, number: number)
          let head: [(String, JSONValue)] = [("type", "file")] + (id.map { [("id", $0)] } ?? [])
          results.write(head + outcome.line, number: job)
          tally.withLock {
            $0.add(outcome)
            options.onFile?($0, outcome.word, outcome.message)
          }
          if results.failure != nil { cancellation.cancel() }
        }
      } catch {
        trouble.withLock { $0 = error }
        cancellation.cancel()
      }
    }
    // What it throws is about its log alone, from which the next one to open the ledger takes the records.
    try? configuration.label?.ledger?.finish()
    if let error = trouble.withLock({ $0 }) { throw error }
    var summary = tally.withLock { $0 }
    summary.seconds = Double(Machine.ticks - start) / 1e9
    summary.isInterrupted = intake.withLock { $0.lines.isCutShort }
    summary.reportFailure = results.failure ?? intake.withLock { $0.failure }
    return summary
  }

  /// The next line that is not blank, its number in the input from 1, and among the jobs from 0; nil at the end.
  private static func take(_ intake: borrowing Mutex<Intake>) -> (line: [UInt8], number: Int, job: Int)? {
    intake.withLock { intake in
      guard intake.failure == nil else { return nil }
      do throws(MediaError) {
        while let line = try intake.lines.next() {
          if ManifestEntry.isBlank(line) { continue }
          defer { intake.jobs += 1 }
          return (line, intake.lines.line, intake.jobs)
        }
      } catch { intake.failure = error }
      return nil
    }
  }
}
