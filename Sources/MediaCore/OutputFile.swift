#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// An output that exists under its name only once `commit` has renamed it there: bytes go to a temporary in the
/// same folder, locked while its owner lives, and removed unless committed. Owned by one worker.
public final class OutputFile {
  /// Marks our temporaries; with the lock it tells a leftover from one in use.
  public static let temporaryMark = ".touchmark-partial-"

  /// How hard `commit` tries to reach the disk before the name appears.
  public enum Durability: Sendable {
    /// `fsync` the file before the rename and the folder after it.
    case full
    /// Rename only: survives a killed process, not a power cut.
    case rename
  }

  /// The final path.
  public let path: String
  /// The path of the bytes until `commit`; open it to read back what was written.
  public let temporaryPath: String
  /// Bytes written so far.
  public private(set) var size = 0
  private static let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789")
  private let descriptor: Int32
  private var isCommitted = false
  private var buffer: [UInt8] = []

  /// Makes a temporary beside `path`, whose folder must exist. `mode` is the permission of the result.
  public init(path: String, mode: UInt32 = 0o644) throws(MediaError) {
    let (folder, name) = Self.split(path)
    // mkostemp is hidden behind _GNU_SOURCE; six random letters and O_EXCL are the same promise.
    let suffix = String((0..<6).map { _ in Self.letters.randomElement() ?? "x" })
    temporaryPath =
      folder + "." + String(decoding: name.utf8.prefix(180), as: UTF8.self) + Self.temporaryMark + suffix
    descriptor = open(temporaryPath, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw .system(.commit, "cannot create a temporary file in '\(folder)'") }
    self.path = path
    _ = flock(descriptor, LOCK_EX | LOCK_NB)
    _ = fchmod(descriptor, mode_t(mode))
  }

  deinit {
    if !isCommitted { unlink(temporaryPath) }
    close(descriptor)
  }

  /// Appends bytes; small pieces are gathered before they reach the system.
  public func write(_ bytes: UnsafeRawBufferPointer) throws(MediaError) {
    size += bytes.count
    if bytes.count >= 1 << 16 {
      try flush()
      try writeThrough(bytes)
    } else {
      buffer.append(contentsOf: bytes)
      if buffer.count >= 1 << 18 { try flush() }
    }
  }

  /// Appends bytes.
  public func write(_ bytes: [UInt8]) throws(MediaError) {
    var failure: MediaError?
    bytes.withUnsafeBytes { raw in
      do throws(MediaError) { try write(raw) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  /// Hands everything written so far to the system, so that `temporaryPath` can be read back.
  public func flush() throws(MediaError) {
    guard !buffer.isEmpty else { return }
    let pending = buffer
    buffer.removeAll(keepingCapacity: true)
    var failure: MediaError?
    pending.withUnsafeBytes { raw in
      do throws(MediaError) { try writeThrough(raw) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  /// Gives the finished file its name. With `replacing` false an existing file of that name is a `conflict`.
  public func commit(_ durability: Durability = .full, replacing: Bool = true) throws(MediaError) {
    try flush()
    if durability == .full, fsync(descriptor) != 0 { throw .system(.commit, "cannot sync '\(path)'") }
    if replacing {
      guard rename(temporaryPath, path) == 0 else { throw .system(.commit, "cannot rename to '\(path)'") }
    } else {
      guard link(temporaryPath, path) == 0 else {
        if errno == EEXIST { throw MediaError(.conflict, .commit, "'\(path)' exists already") }
        throw .system(.commit, "cannot link to '\(path)'")
      }
      unlink(temporaryPath)
    }
    isCommitted = true
    if durability == .full { Self.syncFolder(of: path) }
  }

  private func writeThrough(_ bytes: UnsafeRawBufferPointer) throws(MediaError) {
    var done = 0
    while done < bytes.count {
      let count = Self.systemWrite(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
      if count < 0 {
        if errno == EINTR { continue }
        throw .system(.commit, "cannot write '\(path)'")
      }
      done += count
    }
  }

  /// Removes temporaries in `folder` that no living process holds; returns how many.
  public static func removeLeftovers(in folder: String) -> Int {
    guard let directory = opendir(folder) else { return 0 }
    defer { closedir(directory) }
    var removed = 0
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { raw in
        String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard name.hasPrefix("."), name.dropLast(6).hasSuffix(temporaryMark) else { continue }
      let path = folder + "/" + name
      let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
      guard descriptor >= 0 else { continue }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0, unlink(path) == 0 { removed += 1 }
      close(descriptor)
    }
    return removed
  }

  private static func systemWrite(_ descriptor: Int32, _ base: UnsafeRawPointer?, _ count: Int) -> Int {
    #if canImport(Glibc)
      Glibc.write(descriptor, base, count)
    #else
      Darwin.write(descriptor, base, count)
    #endif
  }

  private static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return ("./", path) }
    return (String(path[...slash]), String(path[path.index(after: slash)...]))
  }

  private static func syncFolder(of path: String) {
    let descriptor = open(split(path).folder, O_RDONLY | O_CLOEXEC | O_DIRECTORY)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}
