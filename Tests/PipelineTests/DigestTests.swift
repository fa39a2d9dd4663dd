import Foundation
import Labels
import MediaCore
import Testing

@testable import TouchmarkPipeline

/// Digests in reports, judged by sha256sum.
@Suite struct DigestTests {
  private static let clips = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Fixtures/clips").standardizedFileURL.path

  /// Containers are written in pieces, partly copied by the system, some in an order of their own.
  @Test func digestsAreThoseOfTheFiles() throws {
    let shop = try Workshop()
    let report = try ReportSink(shop.filePath("report.jsonl"))
    var configuration = LabelConfiguration(record: Workshop.record())
    configuration.layers = [AIGCMetadataLabel.id]
    let run = LabelRun(configuration, plan: .folder(shop.filePath("out")))
    _ = try run(
      InputList(paths: [FilePath(Self.clips)], manifest: nil), options: BatchOptions(report: report))
    var formats: Set<String> = []
    for line in try shop.lines("report.jsonl") where line["status"] == "labelled" {
      for key in ["input", "output"] {
        let sum = try Tool.run("sha256sum", [try #require(line[key]?.string)]).prefix(64)
        #expect(line["sha256"]?[key]?.string == String(sum), "\(line["output"]?.string ?? "")")
      }
      formats.insert(line["format"]?.string ?? "")
    }
    #expect(formats.count >= 8, "\(formats)")
  }
}
