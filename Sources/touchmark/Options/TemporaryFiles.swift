internal import MediaCore

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Where temporary files lie.
enum TemporaryFiles {
  /// $TMPDIR, or /tmp.
  static var folder: FilePath {
    guard let value = getenv("TMPDIR"), value.pointee != 0 else { return FilePath("/tmp") }
    return FilePath(String(cString: value))
  }
}
