import Foundation
import MediaCore
import TouchmarkPipeline

/// A folder of a test's own with pictures made for it, removed when the value goes.
final class Workshop: Sendable {
  let path: String
  static let producer = "001191110000MA0000000H10001"

  init() throws {
    path = NSTemporaryDirectory() + "touchmark-pipeline-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }
  func filePath(_ name: String) -> FilePath { FilePath(file(name)) }

  /// Writes text or bytes under `name`, making folders on the way.
  @discardableResult func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    let url = URL(fileURLWithPath: file(name))
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
    return url.path
  }

  func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: file(name))))
  }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: file(name)) }

  /// Names below `folder`, hidden ones included.
  func tree(_ folder: String) -> [String] {
    (FileManager.default.subpaths(atPath: file(folder)) ?? []).sorted()
  }

  /// A picture by ImageMagick: `picture("a.png", "-size 64x64 plasma:")`.
  func picture(_ name: String, _ recipe: String) throws {
    try write(name, [])
    try Tool.run("convert", recipe.split(separator: " ").map(String.init) + [file(name)])
  }

  static func record() -> LabelRecord { LabelRecord(producer: producer, produceID: "") }

  /// The lines of a JSON Lines file.
  func lines(_ name: String) throws -> [JSONValue] {
    try bytes(name).split(separator: 0x0A).map { try JSONValue(parsing: Array($0)) }
  }
}

/// Programs that are not ours.
enum Tool {
  struct Failure: Error { let message: String }

  /// Runs a program and returns what it printed; throws when it fails.
  @discardableResult static func run(_ name: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [name] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let text = String(decoding: data, as: UTF8.self)
    guard process.terminationStatus == 0 else { throw Failure(message: "\(name): \(text)") }
    return text
  }
}
