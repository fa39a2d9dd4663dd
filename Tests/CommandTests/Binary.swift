import Foundation
import MediaCore

/// The built command, run in a folder of a test's own that is removed when the value goes.
final class Binary {
  struct Outcome {
    let code: Int32
    let output: String
    let errors: String

    func lines() throws -> [JSONValue] {
      try output.utf8.split(separator: 0x0A).map { try JSONValue(parsing: Array($0)) }
    }
  }

  static let producer = "001191110000MA0000000H10001"
  let folder: String

  /// Beside the test bundle in the build folder.
  static let path: String = {
    let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundlePath
    let products = bundle.map { ($0 as NSString).deletingLastPathComponent }
    return (products ?? (CommandLine.arguments[0] as NSString).deletingLastPathComponent) + "/touchmark"
  }()

  init() throws {
    folder = NSTemporaryDirectory() + "touchmark-command-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func makeProcess(_ arguments: [String], program: String = Binary.path) -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    // No test makes or uses the key of whoever runs it.
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["XDG_CONFIG_HOME": folder + "/.config"]
    ) { $1 }
    return process
  }

  func run(_ arguments: [String], input: String? = nil, program: String = Binary.path) throws -> Outcome {
    let process = makeProcess(arguments, program: program)
    // Files, not pipes: neither end can block the other.
    let names = ["stdout", "stderr"].map { "\(folder)/.\($0)-\(UUID().uuidString)" }
    for name in names { _ = FileManager.default.createFile(atPath: name, contents: nil) }
    process.standardOutput = FileHandle(forWritingAtPath: names[0])
    process.standardError = FileHandle(forWritingAtPath: names[1])
    let source = Pipe()
    process.standardInput = input == nil ? FileHandle.nullDevice : source
    try process.run()
    if let input {
      source.fileHandleForWriting.write(Data(input.utf8))
      try source.fileHandleForWriting.close()
    }
    process.waitUntilExit()
    defer { for name in names { try? FileManager.default.removeItem(atPath: name) } }
    let texts = try names.map {
      String(decoding: try Data(contentsOf: URL(fileURLWithPath: $0)), as: UTF8.self)
    }
    return Outcome(code: process.terminationStatus, output: texts[0], errors: texts[1])
  }

  func path(_ name: String) -> String { folder + "/" + name }

  func tree(_ name: String) -> [String] {
    (FileManager.default.subpaths(atPath: path(name)) ?? []).filter { $0.contains(".") }.sorted()
  }

  func write(_ name: String, _ text: String) throws {
    let url = URL(fileURLWithPath: path(name))
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  /// A picture by ImageMagick.
  func picture(_ name: String, _ recipe: String) throws {
    try write(name, "")
    let process = makeProcess(
      ["convert"] + recipe.split(separator: " ").map(String.init) + [path(name)], program: "/usr/bin/env")
    try process.run()
    process.waitUntilExit()
  }

  /// `count` small pictures, half of them JPEG.
  func gallery(_ name: String, count: Int, side: Int = 96) throws {
    try picture("\(name)/0.png", "-size \(side)x\(side) plasma:red-blue")
    try picture("\(name)/1.jpg", "-size \(side)x\(side) plasma:red-blue")
    for index in 2..<count {
      let source = index % 2 == 0 ? "0.png" : "1.jpg"
      let target = "\(name)/\(index).\(index % 2 == 0 ? "png" : "jpg")"
      try FileManager.default.copyItem(atPath: path("\(name)/\(source)"), toPath: path(target))
    }
  }
}
