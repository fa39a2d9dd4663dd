internal import MediaCore
internal import Synchronization

/// Hands jobs to workers, largest first within a window, so that a poster does not start when all others are done.
/// The window bounds what is held, however long the input list is.
final class JobQueue: Sendable {
  /// Jobs held at most.
  static let window = 4096

  private struct State {
    var discovery: Discovery
    /// Ascending by size.
    var jobs: [Job] = []
    /// What needs no worker, the next one last.
    var others: [Discovered] = []
    var isExhausted = false
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
      if state.jobs.isEmpty, state.others.isEmpty, !state.isExhausted { refill(&state) }
      if let other = state.others.popLast() { return other }
      return state.jobs.popLast().map { .job($0) }
    }
  }

  /// Whether `next` may have to wait for a manifest that is still being written.
  var mayWait: Bool {
    state.withLockIfAvailable { state in
      state.jobs.isEmpty && state.others.isEmpty && !state.isExhausted && !state.discovery.isReady
    } ?? true
  }

  var found: Found { foundSoFar.withLock { $0 } }

  /// Whether a cancellation came while there was, for all that is known, more to find.
  var isCutShort: Bool { state.withLock { $0.discovery.isCutShort } }

  /// Fills the window, or as much of it as is there without waiting.
  private func refill(_ state: inout State) {
    var found = Found()
    while state.jobs.count < Self.window, state.others.count < Self.window {
      if found.files > 0, !state.discovery.isReady { break }
      guard let next = state.discovery.next() else {
        state.isExhausted = true
        break
      }
      found.files += 1
      if case .job(let job) = next {
        found.bytes += job.size
        state.jobs.append(job)
      } else {
        state.others.append(next)
      }
    }
    state.jobs.sort { $0.size < $1.size }
    state.others.reverse()
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
