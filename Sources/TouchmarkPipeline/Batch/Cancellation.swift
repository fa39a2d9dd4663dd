internal import Synchronization

/// Asks a run to stop: files being worked on are finished, no other is begun.
public final class Cancellation: Sendable {
  private let flag = Atomic<Bool>(false)

  /// Not cancelled.
  public init() {}

  /// Whether `cancel` was called.
  public var isCancelled: Bool { flag.load(ordering: .relaxed) }

  /// Asks to stop; safe from any thread.
  public func cancel() { flag.store(true, ordering: .relaxed) }
}
