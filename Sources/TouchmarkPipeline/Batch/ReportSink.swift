public import MediaCore
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Where report lines go: each is one `write`, so that lines of several workers, and of a run that is killed, stay
/// whole.
public final class ReportSink: Sendable {
  private struct State {
    var line: [UInt8] = []
    var failure: MediaError?
  }

  private let descriptor: Int32
  private let name: String
  private let state = Mutex(State())

  /// Opens `path` for writing, `-` is standard output. With `appending` the lines follow those of an earlier run,
  /// whose last one is cut off where it is not whole. Throws `io`.
  public init(_ path: FilePath, appending: Bool = false) throws(MediaError) {
    name = path == FilePath("-") ? "the report" : "report '\(path)'"
    guard path != FilePath("-") else {
      descriptor = 1
      return
    }
    let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_APPEND | (appending ? 0 : O_TRUNC)
    descriptor = path.withCString { open($0, flags, 0o644) }
    guard descriptor >= 0 else { throw .system(.commit, "cannot write report '\(path)'") }
    if appending { Self.cutPartialLine(descriptor) }
  }

  deinit { if descriptor > 2 { close(descriptor) } }

  /// Appends one line. After a failure nothing more is written and `failure` says why.
  public func write(_ value: JSONValue) {
    state.withLock { state in
      guard state.failure == nil else { return }
      state.line.removeAll(keepingCapacity: true)
      value.write(to: &state.line)
      state.line.append(0x0A)
      state.failure = Self.write(state.line, to: descriptor, name)
    }
  }

  /// Why the report could not be written; nil as long as it could.
  public var failure: MediaError? { state.withLock { $0.failure } }

  /// Writes all of `bytes`; what went wrong, if anything did.
  static func write(_ bytes: [UInt8], to descriptor: Int32, _ name: String) -> MediaError? {
    bytes.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count {
        let count = systemWrite(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
        if count < 0 {
          if errno == EINTR { continue }
          return MediaError.system(.commit, "cannot write \(name)")
        }
        done += count
      }
      return nil
    }
  }

  private static func systemWrite(_ descriptor: Int32, _ base: UnsafeRawPointer?, _ count: Int) -> Int {
    #if canImport(Glibc)
      Glibc.write(descriptor, base, count)
    #else
      Darwin.write(descriptor, base, count)
    #endif
  }

  private static func cutPartialLine(_ descriptor: Int32) {
    var end = lseek(descriptor, 0, SEEK_END)
    var byte: UInt8 = 0
    while end > 0, pread(descriptor, &byte, 1, end - 1) == 1, byte != 0x0A { end -= 1 }
    _ = ftruncate(descriptor, end)
  }
}
