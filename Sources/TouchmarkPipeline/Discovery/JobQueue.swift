internal import MediaCore
internal import Synchronization

/// Hands jobs to workers, the largest of those at hand first, so that a poster does not start when all others are done. The
/// window bounds what is held, however long the input list is; it is filled a batch at a time as jobs are asked for, so
/// that no worker waits until all of a long list was looked at.
final class JobQueue: Sendable {
  /// Jobs held at most.
  static let window = 4096
  /// Jobs found at once.
  static let batch = 64

  private struct State {
    var discovery: Discovery
    /// Batches of jobs, none empty, each ascending by size.
    var batches: [[Job]] = []
    /// Jobs in `batches`.
    var count = 0
    /// What needs no worker, the next one last.
    var others: [Discovered] = []
    var isExhausted = false
    var isEmpty: Bool { count == 0 && others.isEmpty }

    mutating func popLargest() -> Job? {
      guard let index = batches.indices.max(by: { size(of: $0) < size(of: $1) }) else { return nil }
      count -= 1
      let job = batches[index].popLast()
      if batches[index].isEmpty { batches.remove(at: index) }
      return job
    }

    private func size(of batch: Int) -> Int { batches[batch].last?.size ?? 0 }
  }

  /// What has been found so far.
  struct Found: Sendable {
    var files = 0
    var bytes = 0
    var ignored = 0
    /// Whether there is nothing more to find.
    var isComplete = false
  }

  private let state: Mutex<State>
  /// Apart from the rest: a wait for a manifest on standard input must not hold up who only wants to know.
  private let foundSoFar = Mutex(Found())

  init(_ discovery: Discovery) { state = Mutex(State(discovery: discovery)) }

  /// The next piece of work; nil when there is none left.
  func next() -> Discovered? {
    state.withLock { state in
      refill(&state)
      if let other = state.others.popLast() { return other }
      return state.popLargest().map { .job($0) }
    }
  }

  /// Whether `next` may have to wait for a manifest that is still being written.
  var mayWait: Bool {
    state.withLockIfAvailable { state in
      state.isEmpty && !state.isExhausted && !state.discovery.isReady
    } ?? true
  }

  var found: Found { foundSoFar.withLock { $0 } }

  /// Whether a cancellation came while there was, for all that is known, more to find.
  var isCutShort: Bool { state.withLock { $0.discovery.isCutShort } }

  /// Adds a batch where the window has room for it, or as much of it as is there without waiting. Waits for one where
  /// nothing is at hand.
  private func refill(_ state: inout State) {
    guard !state.isExhausted, max(state.count, state.others.count) <= Self.window - Self.batch else { return }
    var found = Found()
    var jobs: [Job] = []
    var others: [Discovered] = []
    while found.files < Self.batch {
      if !state.isEmpty || found.files > 0, !state.discovery.isReady { break }
      guard let next = state.discovery.next() else {
        state.isExhausted = true
        break
      }
      found.files += 1
      if case .job(let job) = next {
        found.bytes += job.size
        jobs.append(job)
      } else {
        others.append(next)
      }
    }
    if !jobs.isEmpty { state.batches.append(jobs.sorted { $0.size < $1.size }) }
    state.count += jobs.count
    state.others.insert(contentsOf: others.reversed(), at: 0)
    found.ignored = state.discovery.ignored
    found.isComplete = state.isExhausted
    foundSoFar.withLock { $0.add(found) }
  }
}

extension JobQueue.Found {
  fileprivate mutating func add(_ more: JobQueue.Found) {
    files += more.files
    bytes += more.bytes
    ignored = more.ignored
    isComplete = more.isComplete
  }
}
