import Foundation

/// The source tree that these tests were built from.
enum Repository {
  static let root: URL = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Files below `folder` whose name ends in one of `endings`, with their paths relative to the root.
  static func files(_ folder: String, _ endings: [String]) -> [String] {
    let paths = FileManager.default.subpaths(atPath: root.appendingPathComponent(folder).path) ?? []
    return paths.filter { path in endings.contains { path.hasSuffix($0) } }.map { "\(folder)/\($0)" }.sorted()
  }

  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  static func run(_ name: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [name] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }
}
