import Foundation
import MediaCore

@testable import MediaFormats

/// Audio and video files in a folder of their own, removed when the value goes.
final class AudioWorkshop {
  static let json =
    #"{"Label":"1","ContentProducer":"001191110000MA0000000H10001","ProduceID":"20261123-000001","ReservedCode1":"","ContentPropagator":"","PropagateID":"","ReservedCode2":""}"#
  static let clips = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Fixtures/clips").path

  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "touchmark-audio-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  static func label(_ value: String = json) -> MetadataProperty {
    MetadataProperty(
      namespace: "http://www.tc260.org.cn/ns/AIGC/1.0/", prefix: "TC260", name: "AIGC", value: value)
  }

  static func clip(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: clips + "/" + name)))
  }

  func file(_ name: String) -> String { path + "/" + name }

  func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: file(name))))
  }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
  }

  /// Opens a file as what it is taken for.
  func open(_ name: String, limits: Limits = Limits()) throws -> any MediaFile {
    let input = try InputFile(path: file(name))
    guard let format = BuiltinFormats.table.probe(try input.read(4096)) else {
      throw MediaError(.unsupported, .probe, "no format")
    }
    return try format.open(input, limits: limits, scratch: Scratch())
  }

  /// Rewrites `source` as `result`; the notes are returned.
  @discardableResult func rewrite(
    _ source: String = "in", to result: String = "out", set: [MetadataProperty] = [],
    remove: [MetadataItem] = [],
    limits: Limits = Limits()
  ) throws -> [String] {
    let opened = try open(source, limits: limits)
    let output = try OutputFile(path: file(result))
    let notes = try opened.rewrite(
      to: output, changes: MetadataChanges(set: set, remove: remove))
    try output.commit(.rename)
    return notes.notes
  }

  /// Labels `in` as `out`, taking away what `in` has of labels.
  @discardableResult func label(removing remove: [MetadataItem] = []) throws -> [String] {
    try rewrite(set: [Self.label()], remove: remove)
  }

  /// The items that are labels, by their name or their content.
  func labels(_ name: String = "out") throws -> [MetadataItem] {
    try open(name).metadata.filter {
      $0.name.lowercased() == "aigc" || $0.value.contains("\"ContentProducer\"")
    }
  }

  /// All other items, without their places.
  func others(_ name: String) throws -> [String] {
    try open(name).metadata.filter {
      $0.name.lowercased() != "aigc" && !$0.value.contains("\"ContentProducer\"")
    }
    .map { "\($0.path) \($0.value)" }
  }

  /// Runs a shell command in the folder; its output with the errors, and whether it succeeded.
  @discardableResult func shell(_ command: String) throws -> (text: String, isOK: Bool) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["bash", "-c", "set -o pipefail; cd '\(path)'; { \(command); } 2>&1"]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (String(decoding: data, as: UTF8.self), process.terminationStatus == 0)
  }

  /// Packets of all tracks by ffmpeg; the copies of the comments that it makes for Ogg are cut off.
  func essence(_ name: String) throws -> String {
    try shell("ffmpeg -v error -i \(name) -map 0 -c copy -f framemd5 - | sed 's/, S=1.*//; /^#extradata/d'")
      .text
  }

  /// What ffmpeg has to say against a file.
  func complaints(_ name: String) throws -> String {
    try shell("ffmpeg -v error -err_detect explode -xerror -i \(name) -f null -").text
  }
}

/// The same pseudo-random numbers in every run.
struct AudioSeed {
  var state: UInt64
  mutating func next(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % max(1, bound)
  }
}
