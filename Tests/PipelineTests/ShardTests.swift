import MediaCore
import MediaFormats
import Testing

@testable import TouchmarkPipeline

@Suite struct ShardTests {
  private func discover(_ shop: Workshop, _ shard: Shard, _ plan: OutputPlan) throws -> [Discovered] {
    let inputs = InputList(
      paths: [shop.filePath("in"), shop.filePath("single.png")], manifest: shop.filePath("list.jsonl"),
      shard: shard)
    var discovery = try Discovery(inputs, plan: plan, formats: BuiltinFormats.table)
    var all: [Discovered] = []
    while let next = discovery.next() { all.append(next) }
    return all
  }

  private func text(_ found: Discovered) -> String {
    switch found {
    case .job(let job): "job \(job.input)"
    case .failure(let input, _, let error): "failure \(input) \(error.message)"
    case .skipped(let input, let reason): "skipped \(input) \(reason)"
    }
  }

  /// A folder, a file of its own and a manifest with lines that fail in several ways.
  private func makeShop() throws -> Workshop {
    let shop = try Workshop()
    for index in 0..<40 { try shop.write("in/\(index % 4)/\(index).png", [1]) }
    for name in ["single.png", "in/.hidden.png", "in/note.txt", "m/a.png", "m/b.png"] {
      try shop.write(name, [1])
    }
    let lines = [
      "{\"input\":\"\(shop.file("m/a.png"))\",\"output\":\"same.png\",\"produceID\":\"1\"}",
      "{\"input\":\"\(shop.file("m/b.png"))\",\"output\":\"same.png\"}", "not JSON",
      "{\"input\":\"\(shop.file("m/b.png"))\",\"produceID\":\"1\"}", "{\"input\":\"/nowhere\"}",
    ]
    try shop.write("list.jsonl", Array(lines.joined(separator: "\n").utf8))
    return shop
  }

  @Test(arguments: [1, 2, 3, 7]) func shardsAreDisjointAndTogetherEverything(_ count: Int) throws {
    let shop = try makeShop()
    for plan in [OutputPlan.folder(shop.filePath("out")), .none, .inPlace] {
      let whole = try discover(shop, .whole, plan).map(text)
      let parts = try (1...count).map { index in
        try discover(shop, try #require(Shard(index: index, count: count)), plan).map(text)
      }
      // Equal as lists: nothing is lost, and nothing stands in two.
      #expect(parts.flatMap { $0 }.sorted() == whole.sorted())
      for part in parts { #expect(part == whole.filter(part.contains), "the order is that of the whole") }
    }
  }

  @Test func filesThatComeAndGoMoveNoOther() throws {
    let shop = try makeShop()
    let shard = try #require(Shard("2/3"))
    let before = try discover(shop, shard, .none).map(text)
    for index in 100..<120 { try shop.write("in/0/\(index).png", [1]) }
    let after = try discover(shop, shard, .none).map(text)
    #expect(after.filter(before.contains) == before)
    #expect(after.count > before.count)
  }

  @Test func machinesThatMountedTheInputsElsewhereAgree() throws {
    let (here, there) = (try makeShop(), try makeShop())
    let shard = try #require(Shard("1/2"))
    func names(_ shop: Workshop) throws -> [String] {
      try discover(shop, shard, .folder(shop.filePath("out"))).map { text($0).replacing(shop.path, with: "") }
    }
    #expect(try names(here) == names(there))
  }

  @Test func partsAreOfAboutOneSize() throws {
    let count = 5
    var sizes = [Int](repeating: 0, count: count)
    for number in 0..<5000 {
      let path = FilePath("day/\(number / 100)/\(number).png")
      for index in 1...count where try #require(Shard(index: index, count: count)).owns(path) {
        sizes[index - 1] += 1
      }
    }
    #expect(sizes.reduce(0, +) == 5000)
    // Ten standard deviations of a fair share.
    #expect(sizes.allSatisfy { (717...1283).contains($0) }, "\(sizes)")
  }

  @Test(arguments: ["0/3", "4/3", "3", "1/2/3", "-1/2", "1/", "/2", "a/b", "1/0", "1/1000001", "", "1 /2"])
  func whatIsNoShardIsRefused(_ text: String) { #expect(Shard(text) == nil) }

  @Test func aShardReadsBackAsItIsWritten() throws {
    #expect(try #require(Shard("2/5")).description == "2/5")
    #expect(Shard("1/1") == .whole)
  }
}
