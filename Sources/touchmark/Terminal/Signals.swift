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
  private final class First: Sendable {
    let number = Atomic<Int32>(0)
  }

  /// What a terminal's interrupt key sends.
  static let interrupt = SIGINT

  private static let numbers = [SIGINT, SIGTERM, SIGHUP]
  private let first = First()
  private var sources: [any DispatchSourceSignal] = []

  init(cancelling cancellation: Cancellation) {
    for number in Self.numbers {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { [first] in
        if first.number.exchange(number, ordering: .relaxed) != 0 { _exit(128 + number) }
        Terminal.complain("\ntouchmark: finishing the files in hand; interrupt again to stop at once")
        cancellation.cancel()
      }
      source.resume()
      sources.append(source)
    }
  }

  /// The number of the signal that has come; zero for none.
  var received: Int32 { first.number.load(ordering: .relaxed) }

  func stop() { for source in sources { source.cancel() } }
}
