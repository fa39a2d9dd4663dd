import Dispatch
import Foundation
import MediaCore
import MediaFormats
import Testing

@testable import TouchmarkPipeline

/// Manifests that come through a pipe, at their own pace.
@Suite struct ManifestStreamTests {
  /// A named pipe with its writing end, which also keeps it open.
  private func makePipe(_ shop: Workshop) throws -> FileHandle {
    #expect(mkfifo(shop.file("pipe"), 0o600) == 0)
    return try #require(FileHandle(forUpdatingAtPath: shop.file("pipe")))
  }

  private func makeQueue(_ shop: Workshop, _ cancellation: Cancellation = Cancellation()) throws -> JobQueue {
    JobQueue(
      try Discovery(
        InputList(paths: [], manifest: shop.filePath("pipe")), plan: .none, formats: BuiltinFormats.table,
        cancellation: cancellation))
  }

  @Test func whatIsThereIsHandedOutBeforeTheRestHasCome() throws {
    let shop = try Workshop()
    try shop.write("a.png", [1])
    let pipe = try makePipe(shop)
    let queue = try makeQueue(shop)
    for _ in 0..<3 {
      pipe.write(Data("{\"input\":\"\(shop.file("a.png"))\"}\n{\"input\":\"/half".utf8))
      guard case .job(let job)? = queue.next() else { Issue.record("no job"); return }
      #expect(job.input.description == shop.file("a.png"))
      #expect(queue.mayWait)
      #expect(!queue.found.isComplete)
      pipe.write(Data("\"}\n".utf8))
      guard case .failure(let input, _, _)? = queue.next() else { Issue.record("no failure"); return }
      #expect(input.description == "/half")
    }
  }

  @Test func aCancellationEndsTheWait() throws {
    let shop = try Workshop()
    let pipe = try makePipe(shop)
    let cancellation = Cancellation()
    let queue = try makeQueue(shop, cancellation)
    let isDone = DispatchSemaphore(value: 0)
    DispatchQueue.global().async {
      if queue.next() == nil { isDone.signal() }
    }
    cancellation.cancel()
    #expect(isDone.wait(timeout: .now() + 20) == .success)
    #expect(queue.isCutShort)
    try pipe.close()
  }

  @Test func aFileReadToItsEndIsNotCutShort() throws {
    let shop = try Workshop()
    try shop.write("list.jsonl", Array("{\"input\":\"/nowhere\"}\n".utf8))
    let cancellation = Cancellation()
    var lines = try LineReader(shop.filePath("list.jsonl"), as: "manifest", cancellation: cancellation)
    #expect(try lines.next()?.count == 20)
    cancellation.cancel()
    #expect(try lines.next() == nil)
    #expect(!lines.isCutShort)
  }

  @Test(arguments: ["a\nb\n", "a\nb", "\n\n", "", "a"]) func linesAreThoseBetweenLineEnds(_ text: String)
    throws
  {
    let shop = try Workshop()
    try shop.write("lines", Array(text.utf8))
    var reader = try LineReader(shop.filePath("lines"), as: "lines", cancellation: Cancellation())
    var lines: [String] = []
    while let line = try reader.next() { lines.append(String(decoding: line, as: UTF8.self)) }
    var expected = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if expected.last?.isEmpty == true { expected.removeLast() }
    #expect(lines == expected)
    #expect(reader.line == expected.count)
  }

  @Test func aNameOfAnyBytesComesBackFromAReport() throws {
    let shop = try Workshop()
    let name = FilePath(bytes: Array(shop.path.utf8) + [0x2F, 0xFF, 0x0A, 0x22] + Array(".png".utf8))
    try OutputFile(name).commit(.rename)
    let line = FileOutcome.failure(
      input: name, output: name, error: MediaError(.io, .decode, "x")
    ).line
    let entry = try ManifestEntry(
      JSONValue(parsing: JSONValue.object(line.filter { $0.0.hasPrefix("input") }).bytes),
      members: ManifestEntry.members)
    #expect(entry.input == name)
    try shop.write(
      "list.jsonl",
      JSONValue.object(line.filter { $0.0.hasPrefix("input") || $0.0.hasPrefix("output") }).bytes)
    var discovery = try Discovery(
      InputList(paths: [], manifest: shop.filePath("list.jsonl")), plan: .none, formats: BuiltinFormats.table)
    guard case .job(let job)? = discovery.next() else { Issue.record("no job"); return }
    #expect(job.input == name)
  }

  @Test(arguments: ["[]", "[0]", "[256]", "[\"a\"]", "7"]) func bytesThatAreNoneAreRefused(_ bytes: String)
    throws
  {
    #expect(throws: MediaError.self) { try ManifestEntry(Array("{\"inputBytes\":\(bytes)}".utf8)) }
  }
}
