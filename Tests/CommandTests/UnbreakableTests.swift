import Foundation
import MediaCore
import Testing

/// Runs that are killed, interrupted or run out of room.
@Suite(.serialized) struct UnbreakableTests {
  private let who = ["--producer", Binary.producer, "--layers", "explicit,metadata,iptc"]

  /// Every file under a final name in `out` is whole: the label is there and an independent decoder reads it.
  private func requireWhole(_ binary: Binary, _ out: String) throws -> Int {
    let names = binary.tree(out).filter { !($0 as NSString).lastPathComponent.hasPrefix(".") }
    guard !names.isEmpty else { return 0 }
    let outcome = try binary.run(["verify", out, "--layers", "metadata"])
    #expect(outcome.code == 0, "\(outcome.output)")
    let decoded = try binary.run(
      ["-regard-warnings"] + names.map { binary.path("\(out)/\($0)") }, program: "/usr/bin/identify")
    #expect(decoded.code == 0, "\(decoded.errors)")
    return names.count
  }

  /// What stands under final names in `out`.
  private func contents(_ binary: Binary, _ out: String) -> [String: Data] {
    let names = binary.tree(out).filter { !($0 as NSString).lastPathComponent.hasPrefix(".") }
    return Dictionary(
      uniqueKeysWithValues: names.map {
        ($0, FileManager.default.contents(atPath: binary.path("\(out)/\($0)")) ?? Data())
      })
  }

  @Test func killedAtFiftyInstantsNothingIsHalfAndResumeFinishes() throws {
    let binary = try Binary()
    let count = 24
    try binary.gallery("in", count: count)
    // How long a whole run takes decides where the instants lie.
    let start = Date()
    #expect(try binary.run(["label", "in", "--output", "whole"] + who).code == 0)
    let span = Date().timeIntervalSince(start)
    var generator = SplitMix(state: 7)
    var partial = 0
    for round in 0..<50 {
      let out = "out\(round)"
      let arguments =
        ["label", "in", "--output", out, "--report", "\(out).jsonl", "--resume", "--quiet"]
        + ["--sync", ["file", "batch", "none"][round % 3]] + who
      let process = binary.makeProcess(arguments)
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      Thread.sleep(forTimeInterval: span * Double(generator.next() % 1000) / 1000)
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      let finished = try requireWhole(binary, out)
      if finished < count { partial += 1 }
      let before = contents(binary, out)
      let again = try binary.run(arguments)
      #expect(again.code == 0, "\(again)")
      let after = contents(binary, out)
      #expect(before.allSatisfy { after[$0.key] == $0.value }, "a finished file was labelled again")
      #expect(binary.tree(out).count == count, "leftovers: \(binary.tree(out))")
      #expect(try requireWhole(binary, out) == count)
      let report = try String(contentsOfFile: binary.path("\(out).jsonl"), encoding: .utf8)
      for line in report.utf8.split(separator: 0x0A) { _ = try JSONValue(parsing: Array(line)) }
      try FileManager.default.removeItem(atPath: binary.path(out))
    }
    #expect(partial > 10, "only \(partial) of 50 runs were killed before their end")
  }

  @Test func anInterruptFinishesTheFilesInHand() throws {
    let binary = try Binary()
    try binary.gallery("in", count: 300, side: 256)
    let process = binary.makeProcess(["label", "in", "--output", "out", "--report", "r.jsonl"] + who)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    while binary.tree("out").count < 10 { Thread.sleep(forTimeInterval: 0.01) }
    kill(process.processIdentifier, SIGINT)
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
    let finished = try requireWhole(binary, "out")
    #expect(finished >= 10 && finished < 300)
    #expect(binary.tree("out").count == finished, "temporaries are left")
    let report = try String(contentsOfFile: binary.path("r.jsonl"), encoding: .utf8).split(separator: "\n")
    #expect(report.count == finished + 2)
    #expect(report.last?.contains("\"interrupted\":true") == true)
    #expect(try binary.run(["label", "in", "--output", "out", "--resume"] + who).code == 0)
    #expect(binary.tree("out").count == 300)
  }

  @Test func aFileThatFindsNoRoomIsAnErrorOfItsOwn() throws {
    let binary = try Binary()
    try binary.picture("in/large.png", "-size 512x512 plasma:red-blue")
    try binary.picture("in/small.png", "-size 64x64 xc:red")
    let command =
      "ulimit -f 64; exec '\(Binary.path)' label in --output out --producer \(Binary.producer) --report -"
    let outcome = try binary.run(["-c", command], program: "/bin/bash")
    #expect(outcome.code == 2)
    #expect(binary.tree("out") == ["small.png"])
    let failed = try outcome.lines().first { $0["status"] == "failed" }
    #expect(failed?["error"]?["code"] == "io")
    #expect(failed?["error"]?["message"]?.string?.contains("File too large") == true)
  }

  @Test func aFolderThatCannotBeWrittenIsAnErrorOfEachFile() throws {
    let binary = try Binary()
    try binary.gallery("in", count: 3)
    try binary.write("out", "a file where a folder should be")
    let outcome = try binary.run(["label", "in", "--output", "out", "--report", "-"] + who)
    #expect(outcome.code == 2)
    let errors = try outcome.lines().filter { $0["status"] == "failed" }
    #expect(errors.count == 3)
    #expect(errors.allSatisfy { $0["error"]?["stage"] == "commit" })
  }
}

/// A small seeded generator.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
