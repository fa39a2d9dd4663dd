import Foundation
import MediaCore
import Testing

/// The ledger as users script it, and when the process is killed.
@Suite(.serialized) struct LedgerCommandTests {
  private let who = ["--producer", Binary.producer, "--layers", "metadata", "--quiet"]

  private func records(_ binary: Binary, _ more: [String] = []) throws -> [JSONValue] {
    let outcome = try binary.run(["ledger", "export", "--ledger", "l.sqlite"] + more)
    #expect(outcome.code == 0, "\(outcome.errors)")
    return try outcome.lines()
  }

  /// The law: after a kill and a resumed run each output has one record with its sum, and each record is of the output at
  /// its path or says that another took its place.
  private func requireAgreement(_ binary: Binary, _ out: String) throws {
    var sums: [String: String] = [:]
    let files = binary.tree(out).map { binary.path("\(out)/\($0)") }
    let listing = try binary.run(files, program: "/usr/bin/sha256sum")
    for line in listing.output.split(separator: "\n") {
      sums[String(line.dropFirst(66))] = String(line.prefix(64))
    }
    var seen: [String: Int] = [:]
    for record in try records(binary) {
      let (sum, path) = (record["sha256"]?["output"]?.string ?? "", record["output"]?.string ?? "")
      #expect(sums[path] == sum || record["state"] == "replaced", "a record of no file: \(record.text)")
      seen[sum, default: 0] += 1
    }
    for (path, sum) in sums { #expect(seen[sum] == 1, "\(path) is on record \(seen[sum] ?? 0) times") }
  }

  @Test func killedAtAnyInstantLedgerAndOutputsAgreeAfterResume() throws {
    let binary = try Binary()
    let count = 12
    try binary.gallery("in", count: count)
    let label = ["label", "in", "--output", "out", "--ledger", "l.sqlite", "--resume"] + who
    let start = Date()
    #expect(try binary.run(label).code == 0)
    let span = Date().timeIntervalSince(start)
    try requireAgreement(binary, "out")
    var generator = SplitMix(state: 21)
    for _ in 0..<8 {
      try FileManager.default.removeItem(atPath: binary.path("out"))
      let process = binary.makeProcess(label)
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      Thread.sleep(forTimeInterval: span * Double(generator.next() % 1000) / 1000)
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      let again = try binary.run(label)
      #expect(again.code == 0, "\(again)")
      #expect(binary.tree("out").count == count)
      try requireAgreement(binary, "out")
    }
  }

  @Test func findExportAndPruneAreWhatTheManualSays() throws {
    let binary = try Binary()
    try binary.gallery("in", count: 2, side: 200)
    #expect(try binary.run(["label", "in", "--output", "out", "--ledger", "l.sqlite"] + who).code == 0)
    let all = try records(binary)
    #expect(all.count == 2)
    let id = try #require(all.first?["produceID"]?.string)
    let sum = try #require(all.first?["sha256"]?["output"]?.string)
    let output = try #require(all.first?["output"]?.string)
    let find = ["ledger", "find", "--ledger", "l.sqlite"]
    for question in [
      ["--produce-id", id], ["--sha256", sum], ["--path", output],
      ["--path", "out/" + (output as NSString).lastPathComponent],
    ] {
      let found = try binary.run(find + question)
      #expect(found.code == 0)
      #expect(try found.lines().compactMap { $0["produceID"]?.string } == [id])
    }
    let file = try binary.run(find + [output]).lines()
    #expect(file.first?["match"] == "produceID")
    #expect(file.contains { $0["match"] == "sha256" })
    #expect(try binary.run(find + ["--produce-id", "unknown"]).code == 1)
    #expect(try binary.run(find + ["--payload", "xyz"]).code == 64)
    #expect(try binary.run(find).code == 64)
    #expect(try binary.run(["ledger", "find", "--ledger", "missing", "--produce-id", id]).code == 64)
    #expect(try records(binary, ["--since", "2001-01-01", "--until", "2002-01-01"]).isEmpty)
    #expect(try binary.run(["ledger", "export", "--ledger", "l.sqlite", "--since", "soon"]).code == 64)
    let prune = ["ledger", "prune", "--ledger", "l.sqlite"]
    #expect(try binary.run(prune).output.hasPrefix("0 records"))
    #expect(try binary.run(prune + ["--months", "0"]).code == 64)
    #expect(try records(binary).count == 2)
    #expect(try binary.run(prune + ["--months", "0", "--force", "--dry-run"]).output.hasPrefix("2 records"))
    #expect(try binary.run(prune + ["--months", "0", "--force"]).code == 0)
    #expect(try records(binary).isEmpty)
  }

  @Test(arguments: [
    ["--without-explicit"], ["--without-explicit", "--ledger", "l"],
    ["--without-explicit", "--ledger", "l", "--recipient", "A"],
    ["--without-explicit", "--recipient", "A", "--agreement", "1"], ["--recipient", "A"],
    ["--ledger", "l", "--agreement", "1"],
    [
      "--without-explicit", "--ledger", "l", "--recipient", "A", "--agreement", "1", "--layers",
      "explicit,metadata",
    ],
    ["--without-explicit", "--ledger", "l", "--recipient", "A", "--agreement", "1", "--layers", "iptc"],
    ["--ledger", "in"],
  ])
  func article9IsRefusedWithoutItsRecord(_ arguments: [String]) throws {
    let binary = try Binary()
    try binary.gallery("in", count: 2)
    let outcome = try binary.run(
      ["label", "in", "--output", "out", "--producer", Binary.producer] + arguments)
    #expect(outcome.code == 64, "\(outcome)")
    #expect(binary.tree("out").isEmpty)
  }

  @Test func article9NamesTheRecipient() throws {
    let binary = try Binary()
    try binary.gallery("in", count: 2)
    let outcome = try binary.run([
      "label", "in", "--output", "out", "--producer", Binary.producer, "--without-explicit", "--recipient",
      "A",
      "--agreement", "2026-1", "--ledger", "l.sqlite",
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    for record in try records(binary) {
      #expect(record["recipient"] == "A" && record["agreement"] == "2026-1")
      #expect(record["explicitLabel"] == nil)
    }
    #expect(try binary.run(["verify", "out", "--layers", "explicit", "--require", "explicit"]).code == 1)
    #expect(try binary.run(["verify", "out", "--layers", "metadata", "--ledger", "l.sqlite"]).code == 0)
    #expect(try binary.run(["verify", "out", "--ledger", "missing"]).code == 64)
  }
}
