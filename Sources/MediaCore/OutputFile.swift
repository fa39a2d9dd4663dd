internal import CSystem

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

  /// The final path, as text.
  public let path: String
  /// The path of the bytes until `commit`, as text.
  public var temporaryPath: String { temporary.description }
  /// The path of the bytes until `commit`; open it to read back what was written.
  public let temporary: FilePath
  /// Bytes written so far.
  public private(set) var size = 0
  /// Takes what is written, in order, as it reaches the system; what `copy` has the system move passes it by.
  public var onWrite: ((UnsafeRawBufferPointer) -> Void)?
  private static let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789".utf8)
  private let target: FilePath
  private let descriptor: Int32
  private var isCommitted = false
  private let hasName: Bool
  private var buffer: [UInt8] = []

  /// Makes a temporary beside `path`, whose folder must exist. `mode` is the permission of the result.
  public convenience init(path: String, mode: UInt32 = 0o644) throws(MediaError) {
    try self.init(FilePath(path), mode: mode)
  }

  /// Makes a temporary beside `path`, whose name may be any bytes and whose folder must exist.
  public init(_ path: FilePath, mode: UInt32 = 0o644) throws(MediaError) {
    (temporary, descriptor) = try Self.makeTemporary(beside: path)
    self.path = path.description
    target = path
    hasName = true
    _ = fchmod(descriptor, mode_t(mode))
  }

  /// A file that never gets a name and touches no disk where the system can do without: its bytes can be read back from
  /// `temporary`, and go when this object does. Errors call it `path`. Throws `io`.
  public init(unnamed path: FilePath) throws(MediaError) {
    descriptor = tm_unnamed_file()
    guard descriptor >= 0 else { throw .system(.commit, "cannot make a file in memory") }
    #if os(Linux)
      temporary = FilePath("/proc/self/fd/\(descriptor)")
    #else
      temporary = FilePath("/dev/fd/\(descriptor)")
    #endif
    self.path = path.description
    target = path
    hasName = false
  }

  /// A file that never gets a name, for what waits for its place in `target`: beside it, or where `target` has no name in memory as
  /// that is. Throws `io`.
  public convenience init(waitingFor target: OutputFile) throws(MediaError) {
    if target.hasName {
      try self.init(target.temporary, mode: 0o600)
    } else {
      try self.init(unnamed: target.target)
    }
  }

  private static func makeTemporary(beside path: FilePath) throws(MediaError) -> (FilePath, Int32) {
    // A cleaner may take a newborn for a leftover before it is locked; then its link count is zero and the next
    // name is tried.
    for _ in 0..<16 {
      // mkostemp is hidden behind _GNU_SOURCE; six random letters and O_EXCL are the same promise.
      let suffix = randomSuffix()
      let name = Array(".".utf8) + path.name.prefix(180) + Array(temporaryMark.utf8) + suffix
      let temporary = path.folder.appending(FilePath(bytes: name))
      let descriptor = temporary.withCString {
        open($0, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
      }
      if descriptor < 0, errno == EEXIST { continue }
      guard descriptor >= 0 else {
        throw .system(.commit, "cannot create a temporary file in '\(path.folder)'")
      }
      var status = stat()
      if flock(descriptor, LOCK_EX) == 0, fstat(descriptor, &status) == 0, status.st_nlink > 0 {
        return (temporary, descriptor)
      }
      close(descriptor)
    }
    throw MediaError(.io, .commit, "cannot keep a temporary file in '\(path.folder)'")
  }

  /// Six letters of one random number: the system is asked for each.
  private static func randomSuffix() -> [UInt8] {
    var rest = UInt64.random(in: 0...UInt64.max)
    return (0..<6).map { _ in
      let (next, letter) = rest.quotientAndRemainder(dividingBy: UInt64(letters.count))
      rest = next
      return letters[Int(letter)]
    }
  }

  /// Gives the file the owner and group of another, as far as the system lets us.
  public func adoptOwner(of status: FileStatus) {
    if fchown(descriptor, status.owner, status.group) != 0 { return }
    // A change of owner clears the set-user-ID bits.
    _ = fchmod(descriptor, mode_t(status.mode))
  }

  deinit {
    if hasName, !isCommitted { _ = temporary.withCString { unlink($0) } }
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

  /// Appends `range` of `input`, copied by the system where it can (on file systems that share extents without
  /// moving a byte). Throws `io` when the input ends before the range does.
  public func copy(_ range: Range<Int>, of input: InputFile) throws(MediaError) {
    guard !range.isEmpty else { return }
    try flush()
    var offset = range.lowerBound
    while offset < range.upperBound {
      let count = input.copy(offset..<range.upperBound, to: descriptor)
      if count < 0 { throw .system(.commit, "cannot write '\(path)'") }
      guard count > 0 else {
        throw MediaError(.io, .encode, "file shrank while it was copied: it ends at byte \(offset)")
      }
      offset += count
    }
    size += range.count
  }

  /// Hands everything written so far to the system, so that `temporaryPath` can be read back.
  public func flush() throws(MediaError) {
    guard !buffer.isEmpty else { return }
    var failure: MediaError?
    buffer.withUnsafeBytes { raw in
      do throws(MediaError) { try writeThrough(raw) } catch { failure = error }
    }
    buffer.removeAll(keepingCapacity: true)
    if let failure { throw failure }
  }

  /// What has been handed to the system, to be read back. Throws `io`.
  public func readBack() throws(MediaError) -> InputFile {
    let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0 else { throw .system(.verify, "cannot read back '\(path)'") }
    return try InputFile(owning: copy, temporary)
  }

  /// Gives the finished file its name, if it is to have one. With `replacing` false an existing file of that name is a `conflict`.
  public func commit(_ durability: Durability = .full, replacing: Bool = true) throws(MediaError) {
    try flush()
    guard hasName else { return }
    if durability == .full, fsync(descriptor) != 0 { throw .system(.commit, "cannot sync '\(path)'") }
    try takeName(replacing: replacing)
    if durability == .full { Self.syncFolder(target.folder) }
  }

  /// Hands everything to the system and has it begin to write, without waiting: `commit(_:)` of many is then quick.
  public func stage() throws(MediaError) {
    try flush()
    buffer = []
    tm_start_writeback(descriptor)
  }

  /// Gives staged files their names once all of them are on the disk: one wait for many, since the first sync carries
  /// the file system's journal to the disk for all and the others find their blocks written already. Returns an
  /// error for each file that could not be synced or renamed, which then leaves nothing, and nil for the others.
  public static func commit(_ outputs: [OutputFile]) -> [MediaError?] {
    var errors: [MediaError?] = outputs.map { output in
      tm_sync_data(output.descriptor) == 0
        ? nil : .system(.commit, "cannot sync '\(output.path)'")
    }
    var folders: Set<FilePath> = []
    for (index, output) in outputs.enumerated() where errors[index] == nil {
      do throws(MediaError) {
        try output.takeName(replacing: true)
        folders.insert(output.target.folder)
      } catch { errors[index] = error }
    }
    for folder in folders { syncFolder(folder) }
    return errors
  }

  private func takeName(replacing: Bool) throws(MediaError) {
    if replacing {
      guard temporary.withCString({ from in target.withCString { rename(from, $0) } }) == 0 else {
        throw .system(.commit, "cannot rename to '\(path)'")
      }
    } else {
      guard temporary.withCString({ from in target.withCString { link(from, $0) } }) == 0 else {
        if errno == EEXIST { throw MediaError(.conflict, .commit, "'\(path)' exists already") }
        throw .system(.commit, "cannot link to '\(path)'")
      }
      _ = temporary.withCString { unlink($0) }
    }
    isCommitted = true
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
    onWrite?(bytes)
  }

  /// Removes temporaries in `folder` that no living process holds; returns how many.
  public static func removeLeftovers(in folder: String) -> Int { removeLeftovers(in: FilePath(folder)) }

  /// Removes temporaries in `folder` that no living process holds; returns how many.
  public static func removeLeftovers(in folder: FilePath) -> Int {
    guard let directory = folder.withCString({ opendir($0) }) else { return 0 }
    defer { closedir(directory) }
    var removed = 0
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { raw in Array(raw.prefix { $0 != 0 }) }
      guard isTemporary(name) else { continue }
      let path = folder.appending(FilePath(bytes: name))
      let descriptor = path.withCString { open($0, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) }
      guard descriptor >= 0 else { continue }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0, path.withCString({ unlink($0) }) == 0 { removed += 1 }
      close(descriptor)
    }
    return removed
  }

  /// Whether a file of this name is one of our temporaries.
  public static func isTemporary(_ name: some BidirectionalCollection<UInt8>) -> Bool {
    name.first == UInt8(ascii: ".")
      && name.dropLast(6).suffix(temporaryMark.utf8.count).elementsEqual(temporaryMark.utf8)
  }

  private static func systemWrite(_ descriptor: Int32, _ base: UnsafeRawPointer?, _ count: Int) -> Int {
    #if canImport(Glibc)
      Glibc.write(descriptor, base, count)
    #else
      Darwin.write(descriptor, base, count)
    #endif
  }

  private static func syncFolder(_ folder: FilePath) {
    let descriptor = folder.withCString { open($0, O_RDONLY | O_CLOEXEC | O_DIRECTORY) }
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}
