internal import CSystem
internal import Dispatch

/// The threads that workers run on.
enum WorkerThreads {
  /// Calls `work` on `count` threads at once, one of which is the caller's, and waits until each of them has come back.
  static func run(_ count: Int, _ work: @Sendable () -> Void) {
    DispatchQueue.concurrentPerform(iterations: count) { _ in
      tm_prefer_huge_pages()
      work()
    }
  }
}
