internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Asks a run to stop: files being worked on are finished, no other is begun.
public final class Cancellation: Sendable {
  private let flag = Atomic<Bool>(false)
  /// The two ends of a pipe that `cancel` writes to and nobody reads: whoever waits for input waits for this too.
  private let ends: (read: Int32, write: Int32)

  /// Not cancelled.
  public init() {
    var pair: [Int32] = [-1, -1]
    if pipe(&pair) == 0 {
      for end in pair { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    } else {
      pair = [-1, -1]
    }
    ends = (pair[0], pair[1])
  }

  deinit {
    if ends.read >= 0 { close(ends.read) }
    if ends.write >= 0 { close(ends.write) }
  }

  /// Whether `cancel` was called.
  public var isCancelled: Bool { flag.load(ordering: .relaxed) }

  /// Asks to stop; safe from any thread.
  public func cancel() {
    guard !flag.exchange(true, ordering: .relaxed), ends.write >= 0 else { return }
    var byte: UInt8 = 0
    _ = write(ends.write, &byte, 1)
  }

  /// Waits until `descriptor` can be read without waiting; false when cancelled first, and after `milliseconds`, if
  /// given.
  func awaitInput(_ descriptor: Int32, milliseconds: Int32? = nil) -> Bool {
    // Without a pipe the flag is looked at now and then.
    let interval: Int32 = milliseconds ?? (ends.read < 0 ? 200 : -1)
    while !isCancelled {
      var waits = [
        pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: ends.read, events: Int16(POLLIN), revents: 0),
      ]
      let count = poll(&waits, nfds_t(waits.count), interval)
      // The end of the input and errors of it are for the read to tell.
      if waits[0].revents != 0 || (count < 0 && errno != EINTR) { return true }
      if milliseconds != nil { return false }
    }
    return false
  }
}
