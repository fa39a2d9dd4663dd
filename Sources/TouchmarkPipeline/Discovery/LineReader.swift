internal import MediaCore

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Reads a file or stream line by line in bounded memory. It reads no more ahead than one chunk, and a cancellation
/// ends a wait for input.
struct LineReader: Sendable {
  /// A descriptor that is closed when its last reader goes; standard input stays open.
  private final class Source: Sendable {
    let descriptor: Int32
    init(_ descriptor: Int32) { self.descriptor = descriptor }
    deinit { if descriptor > 2 { close(descriptor) } }
  }

  /// Longest line: four paths of the system's longest with room to spare.
  static let longestLine = 64 << 10
  private static let chunk = 64 << 10

  /// Lines read so far.
  private(set) var line = 0
  /// Whether a cancellation came before the end.
  private(set) var isCutShort = false
  private let source: Source
  private let cancellation: Cancellation
  private var buffer: [UInt8] = []
  private var start = 0
  private var isAtEnd = false

  /// Opens `path`; `-` is standard input. Throws `io`, with `what` naming the file's role.
  init(_ path: FilePath, as what: String, cancellation: Cancellation) throws(MediaError) {
    self.cancellation = cancellation
    if path == FilePath("-") {
      source = Source(0)
    } else {
      let descriptor = path.withCString { open($0, O_RDONLY | O_CLOEXEC) }
      guard descriptor >= 0 else { throw .system(.discover, "cannot open \(what) '\(path)'") }
      source = Source(descriptor)
    }
  }

  /// Whether `next` would return at once.
  var isReady: Bool {
    isAtEnd || buffer[start...].contains(0x0A)
      || cancellation.awaitInput(source.descriptor, milliseconds: 0)
  }

  /// The next line without its end, at most `longestLine` bytes of it; nil at the end or when cancelled while
  /// waiting. Throws `io`.
  mutating func next() throws(MediaError) -> [UInt8]? {
    var searched = start
    while true {
      if let end = buffer[searched...].firstIndex(of: 0x0A) {
        line += 1
        defer { start = end + 1 }
        return Array(buffer[start..<end].prefix(Self.longestLine))
      }
      if isAtEnd { return takeRest() }
      // A line longer than allowed is read to its end, but only its beginning kept.
      if buffer.count - start > Self.longestLine { buffer.removeSubrange((start + Self.longestLine)...) }
      buffer.removeSubrange(..<start)
      start = 0
      searched = buffer.count
      guard cancellation.awaitInput(source.descriptor) || isEndReached() else {
        isCutShort = true
        return nil
      }
      try fill()
    }
  }

  /// Whether a regular file has nothing more: then a cancellation has cut nothing short.
  private func isEndReached() -> Bool {
    var status = stat()
    return fstat(source.descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
      && lseek(source.descriptor, 0, SEEK_CUR) >= status.st_size
  }

  /// What follows the last line end.
  private mutating func takeRest() -> [UInt8]? {
    defer {
      buffer = []
      start = 0
    }
    guard start < buffer.count else { return nil }
    line += 1
    return Array(buffer[start...].prefix(Self.longestLine))
  }

  private mutating func fill() throws(MediaError) {
    var status = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: Self.chunk) { target, count in
      repeat {
        status = read(source.descriptor, target.baseAddress, Self.chunk)
      } while status < 0 && errno == EINTR
      count = max(0, status)
    }
    guard status >= 0 else {
      let error = MediaError.system(.discover, "cannot read")
      isAtEnd = true
      throw error
    }
    buffer += bytes
    if status == 0 { isAtEnd = true }
  }
}
