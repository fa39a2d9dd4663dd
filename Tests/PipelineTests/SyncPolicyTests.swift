import Foundation
import MediaCore
import Synchronization
import Testing

@testable import TouchmarkPipeline

@Suite struct SyncPolicyTests {
  @Test func stagedOutputsAppearTogetherAndOneThatCannotFailsAlone() throws {
    let shop = try Workshop()
    for folder in ["a", "b"] {
      try FileManager.default.createDirectory(atPath: shop.file(folder), withIntermediateDirectories: true)
    }
    let names = ["a/1", "b/2", "a/3"]
    let outputs = try names.map { name in
      let output = try OutputFile(shop.filePath(name))
      try output.write(Array(name.utf8))
      try output.stage()
      return output
    }
    #expect(names.allSatisfy { !shop.exists($0) })
    try FileManager.default.removeItem(atPath: shop.file("b"))
    let errors = OutputFile.commit(outputs)
    #expect(errors.map { $0?.code } == [nil, .io, nil])
    #expect(shop.tree("a") == ["1", "3"])
    #expect(try shop.bytes("a/3") == Array("a/3".utf8))
  }

  @Test(arguments: SyncPolicy.allCases) func everyPolicyEndsWithTheSameFiles(_ policy: SyncPolicy) throws {
    let shop = try Workshop()
    for index in 0..<20 { try shop.picture("in/\(index % 3)/\(index).png", "-size 64x64 xc:gray") }
    try shop.write("in/broken.png", [1, 2, 3])
    var configuration = LabelConfiguration(record: Workshop.record(), check: .metadata)
    configuration.sync = policy
    let told = Mutex<[Int]>([])
    let report = try ReportSink(shop.filePath("r.jsonl"))
    let options = BatchOptions(
      jobs: 2, report: report, onFile: { summary, _, _ in told.withLock { $0.append(summary.files) } })
    let summary = try LabelRun(configuration, plan: .folder(shop.filePath("out")))(
      InputList(paths: [shop.filePath("in")]), options: options)
    #expect(summary[.labelled] == 20)
    #expect(summary[.failed] == 1)
    #expect(told.withLock { $0 } == Array(1...21))
    #expect(shop.tree("out").filter { $0.hasSuffix(".png") }.count == 20)
    #expect(shop.tree("out").filter { $0.contains(OutputFile.temporaryMark) }.isEmpty)
    #expect(try shop.lines("r.jsonl").filter { $0["status"] == "labelled" }.count == 20)
    #expect(try shop.lines("r.jsonl").first?["configuration"]?["sync"]?.string == policy.rawValue)
  }

  @Test func aWorkerHoldsNoMoreOutputsThanItIsTold() throws {
    let shop = try Workshop()
    for index in 0..<10 { try shop.picture("in/\(index).png", "-size 64x64 xc:gray") }
    var configuration = LabelConfiguration(record: Workshop.record(), check: .none)
    configuration.sync = .batch
    let worker = LabelWorker(try Labeller(configuration), holding: 4)
    var ended: [Int] = []
    for index in 0..<10 {
      let outcomes = worker.process(
        Job(input: shop.filePath("in/\(index).png"), output: shop.filePath("out/\(index).png")))
      ended.append(outcomes.count)
      #expect(outcomes.allSatisfy { $0.word == .labelled })
    }
    #expect(ended == [0, 0, 0, 4, 0, 0, 0, 4, 0, 0])
    #expect(worker.isHolding)
    #expect(worker.settle().count == 2)
    #expect(!worker.isHolding)
    #expect(shop.tree("out").count == 10)
  }

  @Test func whatIsHeldAndCannotBeCommittedIsAFailureOfThatFile() throws {
    let shop = try Workshop()
    try shop.picture("in/0.png", "-size 64x64 xc:gray")
    var configuration = LabelConfiguration(record: Workshop.record(), check: .none)
    configuration.sync = .batch
    let worker = LabelWorker(try Labeller(configuration), holding: 4)
    let job = Job(input: shop.filePath("in/0.png"), output: shop.filePath("out/0.png"))
    #expect(worker.process(job).isEmpty)
    try FileManager.default.removeItem(atPath: shop.file("out"))
    #expect(worker.settle().map(\.word) == [.failed])
  }
}
