import Foundation

/// Programs that prepare and describe a run; nothing here is measured.
enum Tool {
  /// The package's own folder, which holds `pillow.py` and `results`.
  static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  /// A program that was built together with this one.
  static func sibling(_ name: String) -> String {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return (own as NSString).deletingLastPathComponent + "/" + name
  }

  /// Runs a command and gives its standard output, without the last line break.
  @discardableResult
  static func run(
    _ command: [String], in folder: String? = nil, environment: [String: String] = [:]
  ) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure("\(command.prefix(4).joined(separator: " ")) … failed (\(process.terminationStatus))")
    }
    return String(decoding: output, as: UTF8.self).trimmingCharacters(in: .newlines)
  }

  /// Empties `folder`, or makes it.
  static func clear(_ folder: String) throws {
    if FileManager.default.fileExists(atPath: folder) { try FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  static func say(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }
}
