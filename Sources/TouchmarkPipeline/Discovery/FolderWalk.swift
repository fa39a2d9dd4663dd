internal import MediaCore

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Walks files and folders depth first in the order of names, folder by folder, so that memory does not grow with
/// the tree. Symbolic links are followed, each folder once.
struct FolderWalk: Sendable {
  /// A file and its path relative to the folder it was found in (its name, when it was named itself).
  struct File: Sendable {
    let path: FilePath
    let relative: FilePath
    let status: FileStatus
  }

  enum Step: Sendable {
    case file(File)
    case failure(FilePath, MediaError)
    case skipped(FilePath, String)
  }

  private struct Level: Sendable {
    let path: FilePath
    let relative: FilePath
    let identity: FileStatus.Identity
    /// Names still to visit, the next one last.
    var names: [[UInt8]]
  }

  /// Files passed over: hidden ones, and those whose extension no format has.
  private(set) var ignored = 0
  private var roots: [FilePath]
  private var levels: [Level] = []
  private var visited: Set<FileStatus.Identity> = []
  private let extensions: Set<String>
  private let shard: Shard
  private let excluded: FileStatus.Identity?

  /// `extensions` are those that make a file inside a folder a candidate; files named themselves always are one.
  /// `excluded` is a folder never entered from above: the outputs' own. Files that do not belong to `shard` are passed over
  /// in silence; a folder that cannot be listed may hold some that do, and is always reported.
  init(
    _ roots: [FilePath], extensions: Set<String>, excluded: FileStatus.Identity?, shard: Shard = .whole
  ) {
    self.roots = roots.reversed()
    self.extensions = extensions
    self.excluded = excluded
    self.shard = shard
  }

  /// The next file or trouble; nil at the end.
  mutating func next() -> Step? {
    while true {
      while !levels.isEmpty {
        let top = levels.count - 1
        guard let name = levels[top].names.popLast() else {
          levels.removeLast()
          continue
        }
        if let step = visit(FilePath(bytes: name), in: levels[top]) { return step }
      }
      guard let root = roots.popLast() else { return nil }
      if let step = visit(root: root) { return step }
    }
  }

  private mutating func visit(root: FilePath) -> Step? {
    do throws(MediaError) {
      let status = try FileStatus(root)
      switch status.kind {
      case .folder: return enter(root, relative: FilePath(""), status)
      default:
        let name = FilePath(bytes: root.name)
        return shard.owns(name) ? .file(File(path: root, relative: name, status: status)) : nil
      }
    } catch { return .failure(root, error) }
  }

  private mutating func visit(_ name: FilePath, in level: Level) -> Step? {
    let path = level.path.appending(name)
    let relative = level.relative.appending(name)
    let isOurs = shard.owns(relative)
    if name.bytes.first == UInt8(ascii: ".") {
      if isOurs, !OutputFile.isTemporary(name.bytes) { ignored += 1 }
      return nil
    }
    do throws(MediaError) {
      let status = try FileStatus(path)
      if status.kind == .folder { return enter(path, relative: relative, status) }
      guard isOurs else { return nil }
      if status.kind == .file, extensions.contains(name.fileExtension) {
        return .file(File(path: path, relative: relative, status: status))
      }
      ignored += 1
      return nil
    } catch { return isOurs ? .failure(path, error) : nil }
  }

  private mutating func enter(_ path: FilePath, relative: FilePath, _ status: FileStatus) -> Step? {
    let identity = status.identity
    if levels.contains(where: { $0.identity == identity }) {
      return .failure(
        path,
        MediaError(
          .conflict, .discover,
          "this link leads back to a folder above it; remove the link or name folders below it"))
    }
    if identity == excluded { return note(path, relative, "this is the output folder") }
    guard visited.insert(identity).inserted else {
      return note(path, relative, "this folder was visited already under another name")
    }
    do throws(MediaError) {
      levels.append(
        Level(path: path, relative: relative, identity: identity, names: try Self.names(in: path)))
      return nil
    } catch { return .failure(path, error) }
  }

  private func note(_ path: FilePath, _ relative: FilePath, _ reason: String) -> Step? {
    shard.owns(relative) ? .skipped(path, reason) : nil
  }

  /// The names in a folder, last first.
  private static func names(in folder: FilePath) throws(MediaError) -> [[UInt8]] {
    guard let directory = folder.withCString({ opendir($0) }) else {
      throw .system(.discover, "cannot list folder")
    }
    defer { closedir(directory) }
    var names: [[UInt8]] = []
    while true {
      errno = 0
      guard let entry = readdir(directory) else { break }
      let name = withUnsafeBytes(of: entry.pointee.d_name) { raw in Array(raw.prefix { $0 != 0 }) }
      if name != [0x2E], name != [0x2E, 0x2E] { names.append(name) }
    }
    guard errno == 0 else { throw .system(.discover, "cannot list folder to its end") }
    names.sort { $1.lexicographicallyPrecedes($0) }
    return names
  }
}
