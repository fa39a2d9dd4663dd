import MediaCore
import Testing

@testable import TouchmarkPipeline

@Suite struct ReportSinkTests {
  @Test func appendingCutsTheLineThatAKilledRunLeft() throws {
    let shop = try Workshop()
    try shop.write("r.jsonl", Array("{\"a\":1}\n{\"b\":".utf8))
    try ReportSink(shop.filePath("r.jsonl"), appending: true).write(.object([("c", 3)]))
    #expect(String(decoding: try shop.bytes("r.jsonl"), as: UTF8.self) == "{\"a\":1}\n{\"c\":3}\n")
    try ReportSink(shop.filePath("r.jsonl")).write(.object([("d", 4)]))
    #expect(String(decoding: try shop.bytes("r.jsonl"), as: UTF8.self) == "{\"d\":4}\n")
  }

  @Test func aFullDeviceIsAFailureThatStays() throws {
    let sink = try ReportSink(FilePath("/dev/full"), appending: true)
    sink.write("x")
    sink.write("y")
    #expect(sink.failure?.code == .io)
  }
}
