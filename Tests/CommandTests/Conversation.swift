import Foundation
import MediaCore

/// A command that is talked to line by line while it runs.
final class Conversation {
  private let process: Process
  private let input = Pipe()
  private let output = Pipe()
  private var pending = Data()

  /// Starts the command; what it says on standard error goes to the file `.errors` of its folder.
  init(_ binary: Binary, _ arguments: [String]) throws {
    process = binary.makeProcess(arguments)
    process.standardInput = input
    process.standardOutput = output
    try binary.write(".errors", "")
    process.standardError = FileHandle(forWritingAtPath: binary.path(".errors"))
    try process.run()
    // The end of the command must be the end of its output.
    try output.fileHandleForWriting.close()
  }

  deinit { if process.isRunning { process.terminate() } }

  func say(_ line: String) { input.fileHandleForWriting.write(Data((line + "\n").utf8)) }

  /// The next line; nil at the end of the output.
  func hear() throws -> JSONValue? {
    while true {
      if let end = pending.firstIndex(of: 0x0A) {
        let line = [UInt8](pending[pending.startIndex..<end])
        pending = Data(pending[(end + 1)...])
        return try JSONValue(parsing: line)
      }
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { return nil }
      pending += more
    }
  }

  /// All lines to the end, by `id`.
  func hearAll() throws -> [Int: JSONValue] {
    var lines: [Int: JSONValue] = [:]
    while let line = try hear() {
      if case .int(let id)? = line["id"] { lines[id] = line } else { lines[-1] = line }
    }
    return lines
  }

  func endInput() throws { try input.fileHandleForWriting.close() }
  func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  func exitCode() -> Int32 {
    process.waitUntilExit()
    return process.terminationStatus
  }
}
