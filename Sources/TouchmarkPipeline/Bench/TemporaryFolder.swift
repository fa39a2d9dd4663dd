internal import MediaCore

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// A new folder that is removed, with what is in it, when this object goes.
final class TemporaryFolder {
  let path: FilePath

  /// Makes it below `parent`. Throws `io`.
  init(in parent: FilePath) throws(MediaError) {
    var name = parent.appending(FilePath("touchmark-bench-XXXXXX")).bytes.map { CChar(bitPattern: $0) } + [0]
    guard mkdtemp(&name) != nil else {
      throw .system(.commit, "cannot make a folder in '\(parent)'; name another with --folder")
    }
    path = FilePath(bytes: name.map { UInt8(bitPattern: $0) })
  }

  deinit { Self.remove(path) }

  /// A folder of that name in this one, which is made. Throws `io`.
  func folder(_ name: String) throws(MediaError) -> FilePath {
    let folder = path.appending(FilePath(name))
    guard folder.withCString({ mkdir($0, 0o700) }) == 0 || errno == EEXIST else {
      throw .system(.commit, "cannot make the folder '\(folder)'")
    }
    return folder
  }

  private static func remove(_ path: FilePath) {
    if path.withCString({ unlink($0) }) == 0 { return }
    if let directory = path.withCString({ opendir($0) }) {
      var names: [[UInt8]] = []
      while let entry = readdir(directory) {
        names.append(withUnsafeBytes(of: entry.pointee.d_name) { raw in Array(raw.prefix { $0 != 0 }) })
      }
      closedir(directory)
      for name in names where name != [0x2E] && name != [0x2E, 0x2E] {
        remove(path.appending(FilePath(bytes: name)))
      }
    }
    _ = path.withCString { rmdir($0) }
  }
}
