#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// What the system says of a file.
public struct FileStatus: Sendable, Hashable {
  /// One file of one device, whatever its names.
  public struct Identity: Sendable, Hashable {
    /// The device's number.
    public let device: UInt64
    /// The file's number on its device.
    public let inode: UInt64
  }

  /// The kinds of file a walk tells apart.
  public enum Kind: Sendable, Hashable {
    case file, folder, other
  }

  /// Which file it is.
  public let identity: Identity
  /// What kind of file it is.
  public let kind: Kind
  /// Bytes.
  public let size: Int
  /// Time of the last change of the contents, in nanoseconds since 1970.
  public let modified: Int64
  /// Permission bits.
  public let mode: UInt32
  /// Numeric owner.
  public let owner: UInt32
  /// Numeric group.
  public let group: UInt32

  /// Of the file that `path` leads to, through symbolic links. Throws `io`.
  public init(_ path: FilePath) throws(MediaError) {
    var status = stat()
    guard path.withCString({ stat($0, &status) }) == 0 else { throw .system(.discover, "cannot stat") }
    self.init(status)
  }

  init(_ status: stat) {
    identity = Identity(
      device: UInt64(truncatingIfNeeded: status.st_dev), inode: UInt64(truncatingIfNeeded: status.st_ino))
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .folder
      default: .other
      }
    size = Int(status.st_size)
    #if canImport(Glibc)
      let time = status.st_mtim
    #else
      let time = status.st_mtimespec
    #endif
    modified = Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    mode = UInt32(status.st_mode & 0o7777)
    owner = status.st_uid
    group = status.st_gid
  }
}
