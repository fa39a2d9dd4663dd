import Dispatch
import Foundation
import MediaCore
import Synchronization
import Testing

@testable import TouchmarkPipeline

/// What a run does about memory, inputs and folders that change under it, and what it tells in the end.
@Suite struct RunLimitsTests {
  @Test func decodedPicturesOfAllWorkersStayWithinTheBudget() throws {
    let shop = try Workshop()
    for index in 0..<16 {
      let side = 64 + 32 * (index % 4)
      try shop.picture(
        "in/\(index).\(index % 2 == 0 ? "png" : "jpg")", "-size \(side)x\(side) plasma:tan-navy")
    }
    // Room for one of the largest and some of the smallest.
    let budget = MemoryBudget(bytes: 400_000)
    let configuration = LabelConfiguration(record: Workshop.record(), check: .none)
    let next = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      guard let labeller = try? Labeller(configuration, budget: budget, folders: OutputFolders()) else {
        return
      }
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < 16 else { return }
        let name = "\(index).\(index % 2 == 0 ? "png" : "jpg")"
        _ = try? labeller.label(
          Job(input: shop.filePath("in/" + name), output: shop.filePath("out/" + name)))
      }
    }
    #expect(shop.tree("out").count == 16)
    #expect(budget.peak > 0)
    #expect(budget.peak <= 400_000)
  }

  @Test func inputsThatVanishAreErrorsOfTheirOwn() throws {
    let shop = try Workshop()
    for index in 0..<6 { try shop.picture("in/\(index).png", "-size 64x64 xc:gray") }
    let options = BatchOptions(
      jobs: 1, report: try ReportSink(shop.filePath("r.jsonl")),
      onFile: { summary, _, _ in
        // All six are found before the first is begun.
        guard summary.files == 3 else { return }
        for index in 0..<6 { try? FileManager.default.removeItem(atPath: shop.file("in/\(index).png")) }
      })
    let summary = try LabelRun(
      LabelConfiguration(record: Workshop.record()), plan: .folder(shop.filePath("out")))(
        InputList(paths: [shop.filePath("in")]), options: options)
    #expect(summary[.labelled] == 3)
    #expect(summary[.failed] == 3)
    #expect(summary.failures[.io]?.count == 3)
    #expect(shop.tree("out").count == 3)
  }

  @Test func aReadOnlyInputIsLabelledAndItsModeKept() throws {
    let shop = try Workshop()
    try shop.picture("in/a.png", "-size 64x64 xc:gray")
    try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: shop.file("in/a.png"))
    let summary = try LabelRun(
      LabelConfiguration(record: Workshop.record()), plan: .folder(shop.filePath("out")))(
        InputList(paths: [shop.filePath("in")]), options: BatchOptions())
    #expect(summary[.labelled] == 1)
    #expect(try FileStatus(shop.filePath("out/a.png")).mode == 0o444)
  }

  @Test func theSummaryTellsKindsAmountsAndReasons() throws {
    let shop = try Workshop()
    try shop.picture("in/a.png", "-size 200x100 xc:gray")
    try shop.picture("in/b.jpg", "-size 100x100 xc:gray")
    for index in 0..<5 { try shop.write("in/broken\(index).png", Array("no picture".utf8)) }
    let options = BatchOptions(jobs: 1, report: try ReportSink(shop.filePath("r.jsonl")))
    let summary = try LabelRun(
      LabelConfiguration(record: Workshop.record()), plan: .folder(shop.filePath("out")))(
        InputList(paths: [shop.filePath("in")]), options: options)
    #expect(summary.media[.image]?.files == 2)
    #expect(summary.media[.image]?.pixels == 30_000)
    #expect(summary.failures[.unsupported]?.count == 5)
    #expect(summary.failures[.unsupported]?.names.count == BatchSummary.namesKept)
    let line = try #require(try shop.lines("r.jsonl").last)
    #expect(line["media"]?["image"]?["pixels"] == 30_000)
    #expect(line["failures"]?["unsupported"]?["count"] == 5)
    let written = try ["a.png", "b.jpg"].reduce(0) { try $0 + FileStatus(shop.filePath("out/" + $1)).size }
    #expect(line["outputBytes"] == .int(written))
  }

  @Test func aResumedRunNamesTheNumbersOfWhatIsFinished() throws {
    let shop = try Workshop()
    try shop.picture("in/a.png", "-size 64x64 xc:gray")
    var configuration = LabelConfiguration(record: Workshop.record())
    configuration.resumes = true
    var numbers: [JSONValue?] = []
    for name in ["1", "2"] {
      let report = try ReportSink(shop.filePath(name))
      _ = try LabelRun(configuration, plan: .folder(shop.filePath("out")))(
        InputList(paths: [shop.filePath("in")]), options: BatchOptions(report: report))
      numbers.append(try shop.lines(name).first { $0["type"] == "file" }?["produceID"])
    }
    #expect(numbers[0] != nil)
    #expect(numbers[0] == numbers[1])
  }

  @Test func aResumedRunClearsUpWhereNothingIsLeftToDo() throws {
    let shop = try Workshop()
    try shop.write("in/broken.png", Array("no picture".utf8))
    let orphan = "out/.broken.png\(OutputFile.temporaryMark)abcdef"
    try shop.write(orphan, [1])
    var configuration = LabelConfiguration(record: Workshop.record())
    configuration.resumes = true
    _ = try LabelRun(configuration, plan: .folder(shop.filePath("out")))(
      InputList(paths: [shop.filePath("in")]), options: BatchOptions())
    #expect(!shop.exists(orphan))
  }
}
