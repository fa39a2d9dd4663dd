import Foundation
import Labels
import MediaCore
import Testing

@testable import TouchmarkPipeline

/// Whole runs over small folders.
@Suite struct LabelRunTests {
  private func makeShop() throws -> Workshop {
    let shop = try Workshop()
    try shop.picture("in/a.png", "-size 320x240 plasma:tan-navy")
    try shop.picture("in/sub/b.png", "-size 200x300 xc:white")
    try shop.picture("in/c.jpg", "-size 256x256 plasma:green-red -quality 90")
    return shop
  }

  private func run(
    _ shop: Workshop, _ inputs: [String] = ["in"], to plan: OutputPlan? = nil,
    report: String = "report.jsonl",
    appending: Bool = false, jobs: Int = 2, failsFast: Bool = false,
    _ adjust: (inout LabelConfiguration) -> Void = { _ in }
  ) throws -> BatchSummary {
    var configuration = LabelConfiguration(record: Workshop.record(), check: .full)
    adjust(&configuration)
    let options = BatchOptions(
      jobs: jobs, failsFast: failsFast, report: try ReportSink(shop.filePath(report), appending: appending))
    return try LabelRun(configuration, plan: plan ?? .folder(shop.filePath("out")))(
      InputList(paths: inputs.map(shop.filePath)), options: options)
  }

  private func verify(_ shop: Workshop, _ inputs: [String]) throws -> BatchSummary {
    try VerifyRun(VerifyConfiguration())(
      InputList(paths: inputs.map(shop.filePath)), options: BatchOptions(jobs: 2))
  }

  @Test func everyFileIsLabelledAndConfirmedAndNoInputChanges() throws {
    let shop = try makeShop()
    let before = try shop.tree("in").filter { $0.contains(".") }.map { try shop.bytes("in/" + $0) }
    let summary = try run(shop)
    #expect(summary[.labelled] == 3)
    #expect(summary[.failed] == 0)
    #expect(shop.tree("out") == ["a.png", "c.jpg", "sub", "sub/b.png"])
    #expect(try shop.tree("in").filter { $0.contains(".") }.map { try shop.bytes("in/" + $0) } == before)
    let verified = try verify(shop, ["out"])
    #expect(verified.verdicts == [.confirmed: 3])
    #expect(verified.lacking == 0)
    let untouched = try verify(shop, ["in"])
    #expect(untouched.verdicts == [.none: 3])
    #expect(untouched.lacking == 3)
  }

  @Test func theReportIsTheContract() throws {
    let shop = try makeShop()
    _ = try run(shop)
    let lines = try shop.lines("report.jsonl")
    #expect(lines.map { $0["type"]?.string } == ["begin", "file", "file", "file", "summary"])
    #expect(lines.first?["schema"] == 1)
    #expect(lines.first?["command"] == "label")
    #expect(lines.last?["labelled"] == 3)
    var numbers: Set<String> = []
    for line in lines where line["type"] == "file" {
      #expect(line["status"] == "labelled")
      #expect(line["explicit"]?["text"] == "AI生成")
      #expect(line["metadata"]?["Label"] == "1")
      #expect(line["metadata"]?["ProduceID"] == line["produceID"])
      numbers.insert(line["produceID"]?.string ?? "")
      for (key, member) in [("input", "input"), ("output", "output")] {
        let path = try #require(line[member]?.string)
        let sum = try Tool.run("sha256sum", [path]).prefix(64)
        #expect(line["sha256"]?[key]?.string == String(sum))
      }
    }
    #expect(numbers.count == 3)
  }

  @Test func exiftoolReadsTheLabel() throws {
    let shop = try makeShop()
    _ = try run(shop)
    for name in ["out/a.png", "out/c.jpg"] {
      let text = try Tool.run("exiftool", ["-s3", "-XMP-TC260:AIGC", shop.file(name)])
      let value = try JSONValue(parsing: Array(text.utf8).filter { $0 != 0x0A })
      guard case .object(let members) = value else { Issue.record("\(text)"); continue }
      #expect(members.map(\.0) == AIGCMetadataLabel.keys)
      #expect(value["ContentProducer"]?.string == Workshop.producer)
    }
  }

  @Test func labelledFilesAreSkippedReplacedOrRefused() throws {
    let shop = try makeShop()
    _ = try run(shop)
    let once = try shop.bytes("out/a.png")
    let skipped = try run(shop, ["out"], to: .folder(shop.filePath("again")))
    #expect(skipped[.skipped] == 3)
    #expect(try shop.bytes("again/a.png") == once, "a skipped file is copied unchanged")
    let failed = try run(shop, ["out"], to: .folder(shop.filePath("fail"))) { $0.existing = .fail }
    #expect(failed[.failed] == 3)
    #expect(shop.tree("fail").filter { $0.contains(".") }.isEmpty)
    let replaced = try run(shop, ["out"], to: .folder(shop.filePath("new")), report: "new.jsonl") {
      $0.existing = .replace
    }
    #expect(replaced[.labelled] == 3)
    #expect(try verify(shop, ["new"]).verdicts == [.confirmed: 3])
    for line in try shop.lines("new.jsonl") where line["type"] == "file" {
      guard case .array(let old)? = line["replaced"] else { Issue.record("no 'replaced'"); continue }
      #expect(old.count == 1)
      #expect(old.first?["value"]?["ProduceID"] != line["produceID"])
    }
  }

  @Test func labellingTwiceDrawsTheTextOnce() throws {
    let shop = try makeShop()
    _ = try run(shop)
    _ = try run(shop, ["out"], to: .folder(shop.filePath("new"))) { $0.existing = .replace }
    for name in ["a.png", "sub/b.png"] {
      let once = try Tool.run("identify", ["-format", "%#", shop.file("out/" + name)])
      let twice = try Tool.run("identify", ["-format", "%#", shop.file("new/" + name)])
      #expect(once == twice, "\(name): pixels changed when the label was replaced")
    }
  }

  @Test func inPlaceReplacesTheFileAndKeepsItsMode() throws {
    let shop = try makeShop()
    chmod(shop.file("in/a.png"), 0o600)
    try FileManager.default.createSymbolicLink(atPath: shop.file("link.png"), withDestinationPath: "in/a.png")
    let summary = try run(shop, ["link.png", "in/c.jpg"], to: .inPlace)
    #expect(summary[.labelled] == 2)
    #expect(try verify(shop, ["in/a.png", "in/c.jpg"]).verdicts == [.confirmed: 2])
    let attributes = try FileManager.default.attributesOfItem(atPath: shop.file("in/a.png"))
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: shop.file("link.png")) == "in/a.png")
    #expect(try run(shop, ["in/a.png", "link.png"], to: .inPlace)[.failed] == 1, "one file twice")
  }

  /// Also where the first is done before the second is found.
  @Test func oneFileTwiceInPlaceIsRefusedHoweverFarApart() throws {
    let shop = try Workshop()
    try shop.picture("a.png", "-size 96x96 plasma:")
    try shop.picture("b.png", "-size 8x8 xc:gray")
    try FileManager.default.createSymbolicLink(atPath: shop.file("link.png"), withDestinationPath: "a.png")
    let others = try (0..<JobQueue.batch).map { try shop.write("\($0).png", shop.bytes("b.png")) }
    let paths = [shop.file("a.png")] + others + [shop.file("link.png"), shop.file("./a.png")]
    let run = LabelRun(
      LabelConfiguration(record: Workshop.record(), layers: [AIGCMetadataLabel.id], existing: .replace),
      plan: .inPlace)
    let summary = try run(
      InputList(paths: paths.map { FilePath($0) }, manifest: nil), options: BatchOptions(jobs: 1))
    #expect(summary[.labelled] == 1 + others.count && summary[.failed] == 2, "\(summary)")
  }

  @Test func dryRunsWriteNothing() throws {
    let shop = try makeShop()
    let summary = try run(shop) { $0.isDryRun = true }
    #expect(summary[.planned] == 3)
    #expect(!shop.exists("out"))
  }

  @Test func oneBadFileNeverStopsTheBatch() throws {
    let shop = try makeShop()
    try shop.write("in/empty.png", [])
    try shop.write("in/noise.jpg", (0..<999).map { UInt8(truncatingIfNeeded: $0 * 7) })
    try shop.write("in/cut.png", Array(try shop.bytes("in/a.png").prefix(2000)))
    try shop.write("in/cut.jpg", Array(try shop.bytes("in/c.jpg").dropLast(2000)))
    try shop.picture("in/small.png", "-size 9x9 xc:red")
    let summary = try run(shop)
    #expect(summary[.labelled] == 3)
    #expect(summary[.failed] == 5)
    #expect(shop.tree("out") == ["a.png", "c.jpg", "sub", "sub/b.png"])
    let errors = try shop.lines("report.jsonl").filter { $0["status"] == "failed" }
    let codes = Dictionary(
      uniqueKeysWithValues: errors.map {
        (
          URL(fileURLWithPath: $0["input"]?.string ?? "").lastPathComponent,
          $0["error"]?["code"]?.string ?? ""
        )
      })
    #expect(
      codes == [
        "empty.png": "malformed", "noise.jpg": "unsupported", "cut.png": "malformed", "cut.jpg": "malformed",
        "small.png": "insufficientCapacity",
      ])
  }

  @Test func failFastLeavesTheRestAlone() throws {
    let shop = try Workshop()
    try shop.write("in/0.png", [UInt8](repeating: 0, count: 500_000))
    for name in 1...6 { try shop.picture("in/\(name).png", "-size 64x64 xc:blue") }
    let summary = try run(shop, jobs: 1, failsFast: true)
    #expect(summary[.failed] == 1)
    #expect(summary[.labelled] == 0)
    #expect(summary.isInterrupted)
  }

  @Test func resumeLeavesFinishedFilesAlone() throws {
    let shop = try makeShop()
    _ = try run(shop)
    let first = try shop.bytes("out/a.png")
    try FileManager.default.removeItem(atPath: shop.file("out/c.jpg"))
    let summary = try run(shop, appending: true) { $0.resumes = true }
    #expect(summary[.labelled] == 1)
    #expect(summary[.skipped] == 2)
    #expect(try shop.bytes("out/a.png") == first)
    #expect(try shop.lines("report.jsonl").filter { $0["type"] == "begin" }.count == 2)
    // A changed input, and another producer's label, are work to do.
    try shop.picture("in/a.png", "-size 320x240 plasma:tan-red")
    #expect(try run(shop) { $0.resumes = true }[.labelled] == 1)
    #expect(
      try run(shop) {
        $0.resumes = true; $0.record.producer = "Other"
      }[.labelled] == 3)
  }

  @Test func metadataAloneLeavesThePictureBitForBit() throws {
    let shop = try makeShop()
    _ = try run(shop) { $0.layers = [AIGCMetadataLabel.id] }
    for name in ["a.png", "sub/b.png", "c.jpg"] {
      let before = try Tool.run("identify", ["-format", "%#", shop.file("in/" + name)])
      #expect(try Tool.run("identify", ["-format", "%#", shop.file("out/" + name)]) == before)
    }
    #expect(try verify(shop, ["out"]).verdicts == [.confirmed: 3])
  }

  @Test func configurationsAgainstARuleAreRefusedBeforeAnyFile() throws {
    let shop = try makeShop()
    let wrong: [(inout LabelConfiguration) -> Void] = [
      { $0.record.text = "AI generated" }, { $0.record.text = "AI生成\u{1F9FF}" },
      { $0.record.textHeightFraction = 0.02 }, { $0.layers = [LabelID(rawValue: "sticker")] },
      { $0.record.producer = "" }, { $0.record.producer = "某公司" },
      { $0.record.producer = "001191110000MA0000000H20001".replacing("H2", with: "J2") },
    ]
    for adjust in wrong {
      #expect(throws: MediaError.self) { try run(shop, ["in"], adjust) }
      var code: MediaError.Code?
      do { _ = try run(shop, ["in"], adjust) } catch let error as MediaError { code = error.code }
      #expect(code == .invalidArgument)
    }
    #expect(!shop.exists("out"))
  }

  @Test func leftoversOfAKilledRunAreCleared() throws {
    let shop = try makeShop()
    try shop.write("out/.a.png\(OutputFile.temporaryMark)abc123", [1, 2, 3])
    _ = try run(shop)
    #expect(shop.tree("out") == ["a.png", "c.jpg", "sub", "sub/b.png"])
  }
}
