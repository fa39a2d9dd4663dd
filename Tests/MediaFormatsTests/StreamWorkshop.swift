import Foundation
import MediaCore
import Testing

@testable import MediaFormats

/// Files of audio and video containers in a folder of their own, removed when the value goes.
final class StreamWorkshop {
  static let json =
    #"{"Label":"1","ContentProducer":"001191110000MA0000000H10001","ProduceID":"20261123-000001","ReservedCode1":"","#
    + #""ContentPropagator":"","PropagateID":"","ReservedCode2":""}"#

  static func property(_ value: String = json) -> MetadataProperty {
    MetadataProperty(
      namespace: "http://www.tc260.org.cn/ns/AIGC/1.0/", prefix: "TC260", name: "AIGC", value: value)
  }

  static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  static func clip(_ name: String) -> String { repository + "/Fixtures/clips/" + name }

  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "touchmark-stream-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  /// Standard output of a shell command in the folder, errors with it; throws when it fails.
  @discardableResult func shell(_ command: String) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "bash", "-c", "set -o pipefail; cd '\(path)'; clips='\(Self.clip(""))'; { \(command); } 2>&1",
    ]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw MediaError(.internalFault, .decode, "failed: \(command)\n\(text.suffix(600))")
    }
    return text
  }

  func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: file(name))))
  }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
  }

  /// Opens a file as what its first bytes show it to be.
  func open(_ name: String, limits: Limits = Limits()) throws -> any MediaFile {
    let input = try InputFile(path: file(name))
    let format = try #require(BuiltinFormats.table.probe(try input.read(min(4096, input.size))))
    return try format.open(input, limits: limits, scratch: Scratch())
  }

  @discardableResult func rewrite(
    _ source: String, to result: String, _ changes: MetadataChanges, limits: Limits = Limits()
  ) throws -> RewriteNotes {
    let opened = try open(source, limits: limits)
    let output = try OutputFile(path: file(result))
    let notes = try opened.rewrite(to: output, changes: changes)
    try output.commit(.rename)
    return notes
  }

  /// What another program reads: coded frames with their times, and whether the file decodes without complaint.
  func essence(_ name: String, _ streams: String = "-map 0") throws -> String {
    try shell("ffmpeg -v fatal -i \(name) \(streams) -c copy -f framemd5 - | grep -v '^#'")
  }

  func complaints(_ name: String) throws -> String {
    try shell(
      "ffmpeg -v error -err_detect explode -xerror -i \(name) -f null - 2>&1 | sed 's/ @ 0x[0-9a-f]*//'")
  }

  /// Metadata without the label and without places, which may move.
  static func others(_ file: any MediaFile) -> [String] {
    file.metadata.filter { $0.name.lowercased() != "aigc" }.map { "\($0.path)=\($0.value)" }
  }

  /// Damages `source` in many ways; every outcome but a result or a `MediaError` fails.
  func torment(_ source: String, flips: Int = 600, seed: UInt64 = 37) throws {
    let whole = try bytes(source)
    let changes = MetadataChanges(set: [Self.property()])
    let limits = Limits(metadataValueBytes: 1 << 18, indexBytes: 16 << 20)
    func attempt(_ bytes: [UInt8]) throws {
      try write("hurt", bytes)
      do {
        let opened = try open("hurt", limits: limits)
        let output = try OutputFile(path: file("healed"))
        var changes = changes
        changes.remove = Array(opened.metadata.filter { $0.name.lowercased() == "aigc" }.prefix(2))
        _ = try opened.rewrite(to: output, changes: changes)
      } catch is MediaError {} catch is ExpectationFailedError {}
    }
    for length in stride(from: 0, to: whole.count, by: 37) where length < 6000 || length % 11 == 0 {
      let cut = Array(whole.prefix(length))
      try write("hurt", cut)
      if BuiltinFormats.table.probe(Array(cut.prefix(4096))) == nil { continue }
      try attempt(cut)
    }
    var random = StreamGenerator(state: seed)
    let front = min(whole.count, 2048)
    for round in 0..<flips {
      var bytes = whole
      for _ in 0...Int.random(in: 0...3, using: &random) {
        // Most of a file is media; its head is what is parsed.
        let range = round % 3 == 0 ? 0..<bytes.count : 0..<front
        bytes[Int.random(in: range, using: &random)] ^= UInt8(1 << Int.random(in: 0...7, using: &random))
      }
      if BuiltinFormats.table.probe(Array(bytes.prefix(4096))) == nil { continue }
      try attempt(bytes)
    }
  }
}

/// The same numbers on every run.
struct StreamGenerator: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ state >> 29
  }
}
