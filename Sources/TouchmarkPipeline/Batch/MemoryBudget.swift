internal import Dispatch
public import MediaCore
internal import Synchronization

/// Admits files to decoding as far as their pictures together fit. One that is larger than the whole budget waits
/// until it is alone.
public final class MemoryBudget: Sendable {
  private struct State {
    var used = 0 { didSet { peak = max(peak, used) } }
    var peak = 0
    var waiting: [(bytes: Int, turn: DispatchSemaphore)] = []
  }

  /// Bytes that decoded pictures may take together.
  public let bytes: Int
  private let state = Mutex(State())

  /// A budget of `bytes`.
  public init(bytes: Int) { self.bytes = bytes }

  /// Most bytes that were admitted at one time.
  var peak: Int { state.withLock { $0.peak } }

  /// Runs `body` once `need` bytes are free. Whoever came first goes first, so that a large file is not starved.
  func admitting<Success>(
    _ need: Int, _ body: () throws(MediaError) -> Success
  ) throws(MediaError) -> Success {
    let need = max(0, need)
    let turn: DispatchSemaphore? = state.withLock { state in
      if state.waiting.isEmpty, fits(need, state) {
        state.used += need
        return nil
      }
      let turn = DispatchSemaphore(value: 0)
      state.waiting.append((need, turn))
      return turn
    }
    turn?.wait()
    defer { release(need) }
    return try body()
  }

  private func fits(_ need: Int, _ state: State) -> Bool { state.used == 0 || need <= bytes - state.used }

  private func release(_ need: Int) {
    state.withLock { state in
      state.used -= need
      while let first = state.waiting.first, fits(first.bytes, state) {
        state.used += first.bytes
        state.waiting.removeFirst()
        first.turn.signal()
      }
    }
  }

  /// What a file may take while it is worked on: its bytes read and written, and its picture as coefficients or
  /// scanlines of up to four channels.
  static func estimate(_ info: MediaInfo, fileBytes: Int) -> Int {
    let (picture, overflow) = info.size.pixelCount.multipliedReportingOverflow(by: info.bitDepth > 8 ? 10 : 7)
    return overflow ? .max / 4 : min(.max / 4, picture + 2 * fileBytes)
  }
}

extension Limits {
  /// Bounds for the files of a run that may take `memory` bytes: one file at most all of it.
  public init(memory: Int) {
    self.init(pixels: memory / 4, decodedBytes: memory / 5 * 4, fileBytes: memory / 2)
  }
}
