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
    var found = Found()
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

  init(_ discovery: Discovery) { state = Mutex(State(discovery: discovery)) }

  /// The next piece of work; nil when there is none left.
  func next() -> Discovered? {
    state.withLock { state in
      if state.jobs.isEmpty, state.others.isEmpty, !state.isExhausted { Self.refill(&state) }
      if let other = state.others.popLast() { return other }
      return state.jobs.popLast().map { .job($0) }
    }
  }

  var found: Found { state.withLock { $0.found } }

  private static func refill(_ state: inout State) {
    while state.jobs.count < window, state.others.count < window {
      guard let next = state.discovery.next() else {
        state.isExhausted = true
        break
      }
      state.found.files += 1
      if case .job(let job) = next {
        state.found.bytes += job.size
        state.jobs.append(job)
      } else {
        state.others.append(next)
      }
    }
    state.jobs.sort { $0.size < $1.size }
    state.others.reverse()
    state.found.ignored = state.discovery.ignored
    state.found.isComplete = state.isExhausted
  }
}
