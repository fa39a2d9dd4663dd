internal import Dispatch
internal import Synchronization
internal import TouchmarkPipeline

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Turns the first interrupt into a cancellation; a second one ends the process at once, as if it were killed.
final class Signals {
  private final class Flag: Sendable {
    let isSet = Atomic<Bool>(false)
  }

  private static let numbers = [SIGINT, SIGTERM, SIGHUP]
  private let received = Flag()
  private var sources: [any DispatchSourceSignal] = []

  init(cancelling cancellation: Cancellation) {
    for number in Self.numbers {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { [received] in
        if received.isSet.exchange(true, ordering: .relaxed) { _exit(128 + number) }
        Terminal.complain("\ntouchmark: finishing the files in hand; interrupt again to stop at once")
        cancellation.cancel()
      }
      source.resume()
      sources.append(source)
    }
  }

  /// Whether a signal has come.
  var wasReceived: Bool { received.isSet.load(ordering: .relaxed) }

  func stop() { for source in sources { source.cancel() } }
}
