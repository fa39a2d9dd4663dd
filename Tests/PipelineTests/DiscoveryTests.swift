import Foundation
import MediaCore
import MediaFormats
import Testing

@testable import TouchmarkPipeline

@Suite struct DiscoveryTests {
  private func discover(_ inputs: InputList, _ plan: OutputPlan) throws -> [Discovered] {
    var discovery = try Discovery(inputs, plan: plan, formats: BuiltinFormats.table)
    var all: [Discovered] = []
    while let next = discovery.next() { all.append(next) }
    return all
  }

  private func jobs(_ all: [Discovered]) -> [Job] {
    all.compactMap { if case .job(let job) = $0 { job } else { nil } }
  }

  private func errors(_ all: [Discovered]) -> [(String, MediaError)] {
    all.compactMap {
      if case .failure(let input, _, let error) = $0 { (input.description, error) } else { nil }
    }
  }

  @Test func foldersAreMirroredAndFilesKeepTheirNames() throws {
    let shop = try Workshop()
    for name in ["in/a.png", "in/b/c.PNG", "in/b/d/e.png", "f.png", "in/note.txt", "in/.hidden.png"] {
      try shop.write(name, [1])
    }
    let all = try discover(
      InputList(paths: [shop.filePath("in"), shop.filePath("f.png")]), .folder(shop.filePath("out")))
    let outputs = jobs(all).compactMap(\.output?.description)
    #expect(outputs == ["a.png", "b/c.PNG", "b/d/e.png", "f.png"].map { shop.file("out/" + $0) })
    #expect(errors(all).isEmpty)
  }

  @Test func twoInputsOfOneOutputAreAConflictOfTheSecond() throws {
    let shop = try Workshop()
    try shop.write("x/a.png", [1])
    try shop.write("y/a.png", [2])
    let all = try discover(
      InputList(paths: [shop.filePath("x"), shop.filePath("y"), shop.filePath("x/a.png")]),
      .folder(shop.filePath("out")))
    #expect(jobs(all).map(\.input.description) == [shop.file("x/a.png")])
    #expect(errors(all).map(\.1.code) == [.conflict, .conflict])
  }

  @Test func theOutputFolderInsideAnInputIsNotEntered() throws {
    let shop = try Workshop()
    try shop.write("in/a.png", [1])
    try shop.write("in/out/a.png", [1])
    let all = try discover(InputList(paths: [shop.filePath("in")]), .folder(shop.filePath("in/out")))
    #expect(jobs(all).map(\.input.description) == [shop.file("in/a.png")])
    let skipped = all.compactMap { if case .skipped(let input, _) = $0 { input.description } else { nil } }
    #expect(skipped == [shop.file("in/out")])
    #expect(throws: MediaError.self) {
      try discover(InputList(paths: [shop.filePath("in")]), .folder(shop.filePath("in")))
    }
  }

  @Test func anInputIsNeverAnOutput() throws {
    let shop = try Workshop()
    try shop.write("a/x.png", [1])
    try shop.write("b/x.png", [2])
    let all = try discover(
      InputList(paths: [shop.filePath("a/x.png"), shop.filePath("b/x.png")]), .folder(shop.filePath("b")))
    #expect(jobs(all).isEmpty)
    #expect(errors(all).map(\.1.code) == [.conflict, .conflict])
  }

  @Test func loopsDanglingLinksAndMissingFilesAreErrorsOfTheirOwn() throws {
    let shop = try Workshop()
    try shop.write("in/a.png", [1])
    let manager = FileManager.default
    try manager.createSymbolicLink(atPath: shop.file("in/loop"), withDestinationPath: "../in")
    try manager.createSymbolicLink(atPath: shop.file("in/gone.png"), withDestinationPath: "nowhere")
    let all = try discover(
      InputList(paths: [shop.filePath("in"), shop.filePath("missing.png")]), .folder(shop.filePath("out")))
    #expect(jobs(all).count == 1)
    let found = Dictionary(uniqueKeysWithValues: errors(all))
    #expect(found[shop.file("in/loop")]?.code == .conflict)
    #expect(found[shop.file("in/gone.png")]?.code == .io)
    #expect(found[shop.file("missing.png")]?.code == .io)
  }

  @Test func foldersLinkedTwiceAreVisitedOnce() throws {
    let shop = try Workshop()
    try shop.write("in/real/a.png", [1])
    for name in ["l1", "l2"] {
      try FileManager.default.createSymbolicLink(atPath: shop.file("in/\(name)"), withDestinationPath: "real")
    }
    let all = try discover(InputList(paths: [shop.filePath("in")]), .folder(shop.filePath("out")))
    #expect(jobs(all).count == 1)
    #expect(all.count == 3)
  }

  @Test func aNameThatIsNotUnicodeIsFoundAgain() throws {
    let shop = try Workshop()
    let name = FilePath(bytes: Array(shop.path.utf8) + [0x2F, 0xFF, 0xFE] + Array(".png".utf8))
    try OutputFile(name).commit(.rename)
    let all = try discover(InputList(paths: [FilePath(shop.path)]), .none)
    #expect(jobs(all).map(\.input.bytes) == [name.bytes])
  }

  @Test func manifestLinesNameInputOutputIdentifierAndText() throws {
    let shop = try Workshop()
    for name in ["a.png", "b.png"] { try shop.write(name, [1]) }
    let lines = """
      {"input":"\(shop.file("a.png"))","output":"x/one.png","produceID":"ID-1","text":"AI合成"}

      {"input":"\(shop.file("b.png"))"}
      """
    try shop.write("list.jsonl", Array(lines.utf8))
    let all = try discover(
      InputList(paths: [], manifest: shop.filePath("list.jsonl")), .folder(shop.filePath("out")))
    let found = jobs(all)
    #expect(found.map { $0.output?.description } == [shop.file("out/x/one.png"), shop.file("out/b.png")])
    #expect(found.first?.produceID == "ID-1")
    #expect(found.first?.text == "AI合成")
    #expect(found.last?.produceID == nil)
  }

  @Test(arguments: [
    ("not json", "is not JSON"), ("[]", "not a JSON object"), ("{\"output\":\"x\"}", "lacks 'input'"),
    ("{\"input\":\"A\",\"colour\":\"red\"}", "unknown member 'colour'"),
    ("{\"input\":7}", "not a string"), ("{\"input\":\"A\",\"output\":\"../x.png\"}", "without '..'"),
  ])
  func badManifestLinesAreErrorsAndTheRestGoesOn(_ line: String, _ words: String) throws {
    let shop = try Workshop()
    try shop.write("a.png", [1])
    try shop.write("b.png", [1])
    let text =
      "\(line.replacing("\"A\"", with: "\"\(shop.file("b.png"))\""))\n{\"input\":\"\(shop.file("a.png"))\"}\n"
    try shop.write("list.jsonl", Array(text.utf8))
    let all = try discover(
      InputList(paths: [], manifest: shop.filePath("list.jsonl")), .folder(shop.filePath("out")))
    #expect(jobs(all).count == 1)
    #expect(errors(all).count == 1)
    #expect(errors(all).first?.1.message.contains(words) == true, "\(errors(all))")
  }

  @Test func oneProduceIDForTwoFilesIsAConflict() throws {
    let shop = try Workshop()
    for name in ["a.png", "b.png"] { try shop.write(name, [1]) }
    let text = ["a.png", "b.png"].map { "{\"input\":\"\(shop.file($0))\",\"produceID\":\"7\"}\n" }.joined()
    try shop.write("list.jsonl", Array(text.utf8))
    let all = try discover(
      InputList(paths: [], manifest: shop.filePath("list.jsonl")), .folder(shop.filePath("out")))
    #expect(jobs(all).count == 1)
    #expect(errors(all).map(\.1.code) == [.conflict])
  }

  @Test func endlessManifestLinesTakeBoundedMemory() throws {
    let shop = try Workshop()
    try shop.write("a.png", [1])
    let text = String(repeating: "x", count: 3 << 20) + "\n{\"input\":\"\(shop.file("a.png"))\"}"
    try shop.write("list.jsonl", Array(text.utf8))
    let all = try discover(
      InputList(paths: [], manifest: shop.filePath("list.jsonl")), .folder(shop.filePath("out")))
    #expect(errors(all).first?.1.message.contains("more than 65536 bytes") == true)
    #expect(jobs(all).count == 1)
  }

  @Test func theQueueHandsOutLargestFirst() throws {
    let shop = try Workshop()
    for (name, size) in [("a", 10), ("b", 3000), ("c", 200)] {
      try shop.write("in/\(name).png", [UInt8](repeating: 0, count: size))
    }
    let discovery = try Discovery(
      InputList(paths: [shop.filePath("in")]), plan: .none, formats: BuiltinFormats.table)
    let queue = JobQueue(discovery)
    var sizes: [Int] = []
    while case .job(let job)? = queue.next() { sizes.append(job.size) }
    #expect(sizes == [3000, 200, 10])
    #expect(queue.found.isComplete)
    #expect(queue.found.bytes == 3210)
  }

  /// Nobody waits until all of a long list was looked at, nothing is left out, and what is large comes soon.
  @Test func aLongListIsHandedOutWhileItIsRead() throws {
    let shop = try Workshop()
    let count = JobQueue.window + 300
    let path = try shop.write("a.png", [1])
    let large = try shop.write("large.png", [UInt8](repeating: 0, count: 4000))
    var lines = Array(repeating: "{\"input\":\"\(path)\"}", count: count)
    lines[JobQueue.window / 2] = "{\"input\":\"\(large)\"}"
    lines[count - 1] = "{\"input\":\"/nowhere\"}"
    let manifest = try shop.write("list.jsonl", Array(lines.joined(separator: "\n").utf8))
    let queue = JobQueue(
      try Discovery(
        InputList(paths: [], manifest: FilePath(manifest)), plan: .none, formats: BuiltinFormats.table))
    var (taken, failures, largeCame) = (0, 0, 0)
    while let next = queue.next() {
      taken += 1
      #expect(queue.found.files - taken < JobQueue.window && queue.found.files <= taken * JobQueue.batch)
      #expect(queue.found.isComplete || queue.found.files - taken >= min(taken, 30) * JobQueue.batch / 2)
      switch next {
      case .job(let job): if job.size == 4000 { largeCame = taken }
      case .failure: failures += 1
      case .skipped: Issue.record("skipped")
      }
    }
    #expect(taken == count && failures == 1 && queue.found.isComplete)
    #expect((1...JobQueue.window / 2 / JobQueue.batch + 1).contains(largeCame), "\(largeCame)")
  }
}
