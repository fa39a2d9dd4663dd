import Foundation
import MediaCore
@testable import MediaFormats
import Testing

@testable import TouchmarkPipeline

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct BenchTests {
  private static let layers = [LabelID(rawValue: "metadata"), LabelID(rawValue: "iptc")]

  private static func configuration(_ shop: Workshop, sink: OutputSink = .null) -> BenchConfiguration {
    var configuration = BenchConfiguration(
      record: Workshop.record(), layers: layers, jobs: [1, 2], runs: 2, leastSeconds: 0, sink: sink,
      folder: shop.filePath("scratch"))
    configuration.check = .metadata
    return configuration
  }

  private static func shop() throws -> Workshop {
    let shop = try Workshop()
    try FileManager.default.createDirectory(atPath: shop.file("scratch"), withIntermediateDirectories: true)
    try shop.picture("in/a.png", "-size 64x48 plasma:")
    try shop.picture("in/b.jpg", "-size 80x64 plasma:")
    return shop
  }

  @Test(arguments: [OutputSink.null, .disk]) func aRowForEachTaskAndNumberOfWorkers(_ sink: OutputSink) throws
  {
    let shop = try Self.shop()
    let before = try [shop.bytes("in/a.png"), shop.bytes("in/b.jpg")]
    let result = try BenchRun(Self.configuration(shop, sink: sink))(InputList(paths: [shop.filePath("in")]))
    #expect(result.sets.map(\.files.count) == [1, 1])
    let titles = ["label metadata", "label iptc", "label all", "verify all"]
    #expect(result.rows.map(\.task.title) == (titles + titles).flatMap { [$0, $0] })
    #expect(result.rows.map(\.jobs) == Array(repeating: [1, 2], count: 8).flatMap(\.self))
    for row in result.rows {
      #expect(row.filesPerSecond.lowest > 0 && row.cpuMilliseconds.median > 0 && row.peakBytes > 0)
      #expect(row.filesPerSecond.lowest <= row.filesPerSecond.median)
      #expect(row.filesPerSecond.median <= row.filesPerSecond.highest)
      #expect(row.steps.first?.step == "probe")
      #expect(row.steps.reduce(0) { $0 + $1.share } <= 1)
    }
    // Nothing but what was there.
    #expect(try [shop.bytes("in/a.png"), shop.bytes("in/b.jpg")] == before)
    #expect(shop.tree("scratch").isEmpty)
    #expect(shop.tree("in") == ["a.png", "b.jpg"])
  }

  @Test func whatCannotBeLabelledIsLeftOutAndNamed() throws {
    let shop = try Self.shop()
    try shop.write("in/c.png", Array("no picture".utf8))
    let result = try BenchRun(Self.configuration(shop))(InputList(paths: [shop.filePath("in")]))
    #expect(result.omitted.map(\.path) == [shop.filePath("in/c.png")])
    #expect(result.text.contains("left out: \(shop.file("in/c.png"))"))
    #expect(throws: MediaError.self) {
      try BenchRun(Self.configuration(shop))(InputList(paths: [shop.filePath("in/c.png")]))
    }
  }

  /// By default a picture goes without the label that it is too small for; that label alone is not measured then.
  @Test func aLabelThatNoFileTakesIsNamed() throws {
    let shop = try Self.shop()
    let configuration = BenchConfiguration(
      record: Workshop.record(), jobs: [1], runs: 1, leastSeconds: 0, folder: shop.filePath("scratch"))
    let result = try BenchRun(configuration)(InputList(paths: [shop.filePath("in/a.png")]))
    #expect(result.omitted.isEmpty)
    #expect(result.failures.map(\.task.title) == ["label watermark"])
    #expect(result.text.contains("not measured: label watermark of image png"))
    #expect(result.rows.contains { $0.task.title == "label all" })
  }

  @Test func theChartIsXMLAndNamesEveryTask() throws {
    let shop = try Self.shop()
    try shop.picture("in/<&>.png", "-size 64x48 plasma:")
    let result = try BenchRun(Self.configuration(shop))(InputList(paths: [shop.filePath("in/<&>.png")]))
    let chart = result.chart
    #expect(XMLParser(data: Data(chart.utf8)).parse())
    for row in result.rows { #expect(chart.contains(">\(row.task.title)<")) }
    #expect(chart.contains("&lt;&amp;&gt;.png"))
    #expect(try JSONValue(parsing: result.json.bytes)["rows"] != nil)
  }

  @Test(arguments: [OutputSink.null, .disk]) func aFilmIsCodedAnewAndItsFramesCounted(_ sink: OutputSink)
    throws
  {
    let shop = try Self.shop()
    let output = try OutputFile(shop.filePath("film.mp4"))
    let size = PixelSize(width: 320, height: 240)
    try ISOFormat.mp4.write(BuiltinMedia.film(size, count: 24), to: output)
    try output.commit(.rename)
    var configuration = BenchConfiguration(
      record: Workshop.record(), layers: [LabelID(rawValue: "explicit")], jobs: [1], runs: 1, leastSeconds: 0,
      sink: sink, folder: shop.filePath("scratch"))
    configuration.check = .full
    let result = try BenchRun(configuration)(InputList(paths: [shop.filePath("film.mp4")]))
    #expect(result.failures.isEmpty)
    let row = try #require(result.rows.first { $0.task.verb == .label })
    #expect(row.framesPerSecond > 0)
    #expect(result.rows.last?.steps.map(\.step) == ["probe", "decode", "search"])
    #expect(shop.tree("scratch").isEmpty)
  }

  @Test func theBuiltInSetIsTheSameEachTime() throws {
    let shop = try Workshop()
    for name in ["one", "two"] {
      try FileManager.default.createDirectory(atPath: shop.file(name), withIntermediateDirectories: true)
      try BuiltinMedia.write(
        to: shop.filePath(name), formats: BuiltinFormats.table, side: 32, seconds: 1,
        filmSize: PixelSize(width: 64, height: 32), filmSeconds: 1)
    }
    #expect(shop.tree("one").count == 2 * BuiltinMedia.count + 2)
    #expect(shop.tree("one") == shop.tree("two"))
    for name in shop.tree("one") {
      let isSame = try shop.bytes("one/\(name)") == shop.bytes("two/\(name)")
      #expect(isSame, "\(name)")
    }
    let report = try Tool.run("ffprobe", ["-v", "error"] + ["-i", shop.file("one/wav-0.wav")])
    #expect(report.isEmpty)
    let film = try Tool.run(
      "ffprobe",
      ["-v", "error", "-count_frames", "-show_entries", "stream=codec_name,nb_read_frames", "-of", "csv=p=0"]
        + [shop.file("one/mp4-0.mp4")])
    #expect(film == "h264,24\n")
    for name in shop.tree("one") where name.hasSuffix("png") || name.hasSuffix("jpg") {
      #expect(try Tool.run("identify", ["-format", "%w %h", shop.file("one/\(name)")]) == "32 32")
    }
  }

  @Test(arguments: [(1.25, 1, "1.3"), (0.04, 1, "0.0"), (-0.04, 1, "0.0"), (-1.5, 1, "-1.5"), (12, 0, "12")])
  func figures(_ value: Double, _ digits: Int, _ text: String) {
    #expect(Figure.text(value, digits) == text)
  }
}
