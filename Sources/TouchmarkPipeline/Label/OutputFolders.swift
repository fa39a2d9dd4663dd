internal import MediaCore
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Makes the folders of outputs, and clears them once of what a killed run has left.
final class OutputFolders: Sendable {
  private let prepared = Mutex<Set<FilePath>>([])
  private let swept = Mutex<Set<FilePath>>([])
  private let remembers: Bool

  /// `remembers` has a folder that vanishes during a run fail its files, whose outputs are gone; without it, it is made
  /// again, for whoever hands out jobs one by one knows what became of the others.
  init(remembers: Bool = true) { self.remembers = remembers }

  /// Makes the folder that will hold `file`, with its parents. Throws `io`.
  func prepare(for file: FilePath) throws(MediaError) {
    let folder = file.folder
    if prepared.withLock({ $0.contains(folder) }) { return }
    try make(folder)
    sweep(folder)
    if remembers { prepared.withLock { _ = $0.insert(folder) } }
  }

  /// Clears `folder`, if there is one, of what a killed run has left; once.
  func sweep(_ folder: FilePath) {
    if swept.withLock({ $0.insert(folder).inserted }) { _ = OutputFile.removeLeftovers(in: folder) }
  }

  private func make(_ folder: FilePath) throws(MediaError) {
    if folder.withCString({ mkdir($0, 0o755) }) == 0 { return }
    if errno == ENOENT, folder.folder != folder {
      try make(folder.folder)
      if folder.withCString({ mkdir($0, 0o755) }) == 0 { return }
    }
    // Another worker, or anyone, may have made it meanwhile.
    guard errno == EEXIST else { throw .system(.commit, "cannot make folder '\(folder)'") }
    guard (try? FileStatus(folder))?.kind == .folder else {
      throw MediaError(.conflict, .commit, "'\(folder)' is needed as a folder but is a file")
    }
  }
}
