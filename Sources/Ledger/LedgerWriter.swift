internal import Dispatch
public import MediaCore
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Writes the records of a run: any thread hands them over, one thread writes them, many to a transaction. Other processes
/// may read, and write in turn.
public final class LedgerWriter: Sendable {
  /// What a record that was reported as written survives.
  public enum Durability: Sendable {
    /// The end of the process.
    case process
    /// A power cut too: each transaction is synced.
    case full
  }

  /// Called when a record is written, or with the reason why it is not.
  public typealias Completion = @Sendable (MediaError?) -> Void

  private struct State {
    var pending: [(record: LedgerRecord, completion: Completion)] = []
    var isDraining = false
    /// Whether somebody waits for a record of these.
    var isUrgent = false
  }

  /// Records handed over and not yet written; whoever hands over more waits.
  private static let capacity = 4096
  /// Records that are not worth a transaction of their own as long as more may come.
  private static let few = 64
  /// Microseconds that few records wait for more.
  private static let patience: UInt32 = 4000

  /// The file.
  public let path: FilePath
  private let inserter: Mutex<BatchInserter>
  private let state = Mutex(State())
  private let room = DispatchSemaphore(value: capacity)
  private let queue = DispatchQueue(label: "ledger")

  /// Opens the ledger `path`, which is made, readable by its owner alone, where there is none. Throws `io`, `malformed` for
  /// what is no SQLite database, `invalidArgument` for one that is no ledger.
  public init(_ path: FilePath, durability: Durability = .full) throws(MediaError) {
    self.path = path
    inserter = Mutex(try BatchInserter(path, durability))
  }

  /// Hands over a record; waits only while thousands are. `completion` is called from the writer's thread, in the order in
  /// which records were handed over.
  public func append(_ record: LedgerRecord, completion: @escaping Completion) {
    append(record, isUrgent: false, completion)
  }

  /// Writes a record, with what others hand over meanwhile, and returns when it is written. Throws why it is not.
  public func write(_ record: LedgerRecord) throws(MediaError) {
    let (done, outcome) = (DispatchSemaphore(value: 0), Outcome())
    append(record, isUrgent: true) { failure in
      outcome.failure.withLock { $0 = failure }
      done.signal()
    }
    done.wait()
    if let failure = outcome.failure.withLock({ $0 }) { throw failure }
  }

  /// What became of one record.
  private final class Outcome: Sendable {
    let failure = Mutex<MediaError?>(nil)
  }

  private func append(_ record: LedgerRecord, isUrgent: Bool, _ completion: @escaping Completion) {
    room.wait()
    let isIdle = state.withLock { state in
      state.pending.append((record, completion))
      if isUrgent { state.isUrgent = true }
      defer { state.isDraining = true }
      return !state.isDraining
    }
    if isIdle { queue.async { self.drain() } }
  }

  /// Waits until everything handed over is written, and folds the log into the database. Throws what that throws; every
  /// record's own fate its completion was told.
  public func finish() throws(MediaError) {
    queue.sync {}
    try inserter.withLock { (inserter) throws(MediaError) in try inserter.checkpoint() }
  }

  private func drain() {
    while true {
      if state.withLock({ $0.pending.count < Self.few && !$0.isUrgent }) { usleep(Self.patience) }
      let batch = state.withLock { state in
        defer {
          state.pending = []
          state.isUrgent = false
        }
        if state.pending.isEmpty { state.isDraining = false }
        return state.pending
      }
      if batch.isEmpty { return }
      var failure: MediaError?
      do throws(MediaError) {
        try inserter.withLock { (inserter) throws(MediaError) in try inserter.insert(batch.map(\.record)) }
      } catch { failure = error }
      for entry in batch {
        room.signal()
        entry.completion(failure)
      }
    }
  }
}
