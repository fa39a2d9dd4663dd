import Foundation

/// The photographs of Debian's mate-backgrounds, cut to 1024 × 1024, kept in the user's cache.
struct Corpus {
  /// One encoding of every photograph.
  enum Kind: String, CaseIterable {
    case jpeg, optimised, png

    var ending: String { self == .png ? "png" : "jpg" }
  }

  let cache: String
  private let photographs: [String]

  init() throws {
    let environment = ProcessInfo.processInfo.environment
    let root = environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "") + "/.cache"
    cache = root + "/touchmark-bench/1024"
    try FileManager.default.createDirectory(atPath: cache, withIntermediateDirectories: true)
    let unpacked = root + "/touchmark-bench/mate-backgrounds"
    if !FileManager.default.fileExists(atPath: unpacked) { try Self.download(to: unpacked) }
    let folder = unpacked + "/usr/share/backgrounds/mate/nature"
    photographs = try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasSuffix(".jpg") }.sorted().map { "\(folder)/\($0)" }
    if photographs.isEmpty { throw Failure("no photographs in \(folder)") }
  }

  /// An empty folder for this process; those that interrupted runs left are removed.
  func runFolder() throws -> String {
    let files = FileManager.default
    for name in try files.contentsOfDirectory(atPath: cache) where name.hasPrefix("run-") {
      let isAlive = files.fileExists(atPath: "/proc/" + name.dropFirst(4))
      if !isAlive { try files.removeItem(atPath: "\(cache)/\(name)") }
    }
    let folder = "\(cache)/run-\(ProcessInfo.processInfo.processIdentifier)"
    try Tool.clear(folder)
    return folder
  }

  /// Fills `folder` with `count` pictures, the photographs in turn, and gives their paths.
  func fill(_ folder: String, with kind: Kind, count: Int) throws -> [String] {
    try Tool.clear(folder)
    return try (0..<count).map { index in
      let picture = "\(folder)/\(index).\(kind.ending)"
      let source = try encoded(index % photographs.count, kind)
      try FileManager.default.copyItem(atPath: source, toPath: picture)
      return picture
    }
  }

  /// One photograph as `kind`; a file has its name only once it is whole.
  private func encoded(_ index: Int, _ kind: Kind) throws -> String {
    let target = "\(cache)/\(kind.rawValue)-\(index).\(kind.ending)"
    if FileManager.default.fileExists(atPath: target) { return target }
    let pixels = cache + "/pixels.ppm"
    let partial = "\(cache)/partial.\(kind.ending)"
    let cut = ["-strip", "-resize", "1024x1024^", "-gravity", "center", "-extent", "1024x1024"]
    let cjpeg = ["cjpeg", "-quality", "90", "-sample", "2x2", "-outfile", partial]
    switch kind {
    case .png:
      try Tool.run(["convert", try encoded(index, .jpeg), "-strip", "PNG24:" + partial])
    case .jpeg, .optimised:
      try Tool.run(["convert", photographs[index]] + cut + ["ppm:" + pixels])
      try Tool.run(cjpeg + (kind == .optimised ? ["-optimize"] : []) + [pixels])
    }
    try FileManager.default.moveItem(atPath: partial, toPath: target)
    return target
  }

  private static func download(to folder: String) throws {
    let parent = (folder as NSString).deletingLastPathComponent
    try Tool.run(["apt-get", "download", "-q", "mate-backgrounds"], in: parent)
    let package = try FileManager.default.contentsOfDirectory(atPath: parent)
      .first { $0.hasPrefix("mate-backgrounds_") }
    guard let package else { throw Failure("apt-get left no package in \(parent)") }
    try Tool.run(["dpkg", "-x", package, folder + ".partial"], in: parent)
    try FileManager.default.moveItem(atPath: folder + ".partial", toPath: folder)
  }
}
