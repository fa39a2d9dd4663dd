internal import MediaCore
internal import Synchronization

/// The outputs that a worker's jobs are writing now. A worker runs without end and is handed a job again when an engine
/// does not know how it ended, so that, unlike in a run, an output may be written twice, but not at one time.
final class OutputsInHand: Sendable {
  private let outputs = Mutex<Set<PathDigest>>([])

  /// Runs `body` unless `output` is being written already. Throws `conflict` then.
  func claiming<Success>(_ output: FilePath, _ body: () -> Success) throws(MediaError) -> Success {
    let digest = PathDigest(output)
    guard outputs.withLock({ $0.insert(digest).inserted }) else {
      throw MediaError(.conflict, .discover, "another job is writing '\(output)' now")
    }
    defer { outputs.withLock { _ = $0.remove(digest) } }
    return body()
  }
}
