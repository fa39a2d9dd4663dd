internal import CSystem

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// An input opened read-only. Reading by `pread`, never by mapping: a file that shrinks under us gives an error,
/// not a signal. Owned by one worker.
public final class InputFile {
  /// The path as given, as text.
  public let path: String
  /// What the system said of the file at the time of opening.
  public let status: FileStatus
  /// Bytes at the time of opening.
  public var size: Int { status.size }
  private let descriptor: Int32
  // The first bytes, which several readers of headers ask for one after the other.
  private var head: [UInt8] = []
  private static let headBytes = 4096

  /// Opens a regular file. Throws `io` for what the system refuses, `unsupported` for what is not a file.
  public convenience init(path: String) throws(MediaError) { try self.init(FilePath(path)) }

  /// Opens a regular file whose name may be any bytes. Throws as `init(path:)`.
  public convenience init(_ path: FilePath) throws(MediaError) {
    let descriptor = path.withCString { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
    guard descriptor >= 0 else { throw .system(.discover, "cannot open for reading") }
    try self.init(owning: descriptor, path)
  }

  /// Reads through `descriptor`, of a file that is open already, and closes it in the end.
  init(owning descriptor: Int32, _ path: FilePath) throws(MediaError) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let error = MediaError.system(.discover, "cannot stat")
      close(descriptor)
      throw error
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw MediaError(.unsupported, .discover, "not a regular file; name a file, a folder or a manifest")
    }
    self.path = path.description
    self.descriptor = descriptor
    self.status = FileStatus(status)
  }

  deinit { close(descriptor) }

  /// Fills `buffer` from `offset`; returns the bytes read, fewer only at the end of the file.
  public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(MediaError) -> Int {
    var done = 0
    while done < buffer.count {
      let count = pread(
        descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done, off_t(offset + done))
      if count < 0 {
        if errno == EINTR { continue }
        throw .system(.decode, "cannot read \(buffer.count - done) bytes at offset \(offset + done)")
      }
      if count == 0 { break }
      done += count
    }
    return done
  }

  /// Up to `count` bytes from `offset`.
  public func read(_ count: Int, at offset: Int = 0) throws(MediaError) -> [UInt8] {
    if count >= 0, offset >= 0, count <= head.count, offset <= head.count - count {
      return Array(head[offset..<offset + count])
    }
    var failure: MediaError?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      do throws(MediaError) {
        initialized = try read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
      } catch { failure = error }
    }
    if let failure { throw failure }
    if offset == 0, count <= Self.headBytes { head = bytes }
    return bytes
  }

  /// Has the system append some of `range` to a file opened for writing; bytes copied, zero at the end of the
  /// file, negative with `errno` set.
  func copy(_ range: Range<Int>, to other: Int32) -> Int {
    tm_copy_range(descriptor, Int64(range.lowerBound), other, range.count)
  }

  /// The whole file in a scratch buffer; throws `limitExceeded` above `limits.fileBytes` and `io` when the file
  /// is shorter than when it was opened.
  public func contents(limits: Limits, scratch: Scratch) throws(MediaError) -> ScratchBuffer {
    guard size <= limits.fileBytes else {
      throw MediaError(
        .limitExceeded, .decode,
        "file of \(size) bytes exceeds the \(limits.fileBytes) allowed; raise --memory")
    }
    let buffer = scratch.borrow(size)
    let count = try read(into: buffer.bytes, at: 0)
    guard count == size else {
      throw MediaError(.io, .decode, "file shrank from \(size) to \(count) bytes while it was read")
    }
    return buffer
  }
}

extension MediaError {
  /// An `io` error with the system's words for `errno` behind `what`.
  public static func system(_ stage: Stage, _ what: String) -> MediaError {
    let number = errno
    return MediaError(.io, stage, "\(what): \(String(cString: strerror(number)))", nativeStatus: number)
  }
}
