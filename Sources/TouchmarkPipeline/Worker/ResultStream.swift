internal import Dispatch
internal import MediaCore
internal import Synchronization

/// Where a worker's results go, one line each. Nothing waits for company: a thread that finds the stream free writes at once.
/// What others bring while it writes goes out together with the next write.
final class ResultStream: Sendable {
  private struct State {
    /// Lines to be written next.
    var ready: [UInt8] = []
    /// Lines whose turn has not come, by number.
    var early: [Int: [UInt8]] = [:]
    /// The number whose turn it is.
    var turn = 0
    var waiting: [(number: Int, signal: DispatchSemaphore)] = []
    var failure: MediaError?
  }

  /// Results that may wait for an earlier one.
  static let window = 1024

  private let descriptor: Int32
  private let isOrdered: Bool
  private let state = Mutex(State())
  /// Held by the thread that writes.
  private let writing = Mutex(())

  /// Results go to `descriptor`; when `isOrdered`, by their numbers.
  init(_ descriptor: Int32, isOrdered: Bool) {
    self.descriptor = descriptor
    self.isOrdered = isOrdered
  }

  /// Why results could not be written; nothing more is written then.
  var failure: MediaError? { state.withLock { $0.failure } }

  /// Takes the line of job `number`, counted from 0 without gaps. Returns when it is written, or waits for its turn in memory.
  /// Blocks while the reader is slow, and when it is too far ahead of the job whose turn it is.
  func write(_ members: [(String, JSONValue)], number: Int) {
    var line: [UInt8] = []
    JSONValue.object(members).write(to: &line)
    line.append(0x0A)
    let signal = state.withLock { state in
      guard isOrdered else {
        state.ready += line
        return nil as DispatchSemaphore?
      }
      state.early[number] = line
      advance(&state)
      guard number >= state.turn + Self.window else { return nil }
      let signal = DispatchSemaphore(value: 0)
      state.waiting.append((number, signal))
      return signal
    }
    flush()
    signal?.wait()
  }

  private func advance(_ state: inout State) {
    while let line = state.early.removeValue(forKey: state.turn) {
      state.ready += line
      state.turn += 1
    }
    let limit = state.turn + Self.window
    for (number, signal) in state.waiting where number < limit { signal.signal() }
    state.waiting.removeAll { $0.number < limit }
  }

  private func flush() {
    writing.withLock { _ in
      let lines = state.withLock { state in
        defer { state.ready = [] }
        return state.failure == nil ? state.ready : []
      }
      guard !lines.isEmpty, let error = ReportSink.write(lines, to: descriptor, "results") else { return }
      state.withLock { $0.failure = error }
    }
  }
}
