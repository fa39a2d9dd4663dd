import Foundation
import Labels
import MediaCore
import Testing

@testable import TouchmarkPipeline

/// The watermark in moving pictures, through files and codecs that are not ours.
@Suite struct VideoWatermarkTests {
  /// A picture with texture that moves, `rate` frames a second, coded as `options` say.
  private func clip(
    _ shop: Workshop, _ name: String, seconds: Double, rate: Int = 10, seed: Int = 3, _ options: String
  ) throws {
    try shop.picture(
      "still\(seed).png", "-seed \(seed) -size 640x400 plasma:tan-navy -attenuate 0.3 +noise Gaussian")
    let path = try shop.write(name, [])
    try Tool.run(
      "ffmpeg",
      [
        "-v", "error", "-y", "-loop", "1", "-r", "\(rate)", "-t", "\(seconds)", "-i",
        shop.file("still\(seed).png"),
      ]
        + ["-vf", "crop=512:288:mod(n*3\\,120):mod(n\\,100)"]
        + options.split(separator: " ").map(String.init) + [path])
  }

  private func key(_ shop: Workshop, _ name: String = "a") throws -> WatermarkKey {
    let path = shop.filePath("keys/\(name).key")
    return KeyFile.exists(path) ? try KeyFile.read(path) : try KeyFile.create(path)
  }

  private func label(
    _ shop: Workshop, _ name: String, to output: String, check: CheckLevel = .metadata,
    _ change: (inout LabelRecord) -> Void = { _ in }
  ) throws -> LabelResult {
    var record = Workshop.record()
    record.watermarkKey = try key(shop)
    change(&record)
    let labeller = try Labeller(LabelConfiguration(record: record, check: check))
    return try labeller.label(Job(input: shop.filePath(name), output: shop.filePath(output)))
  }

  private func marks(_ shop: Workshop, _ name: String, key: WatermarkKey) throws -> [Detection] {
    try verify(shop, name, key: key)[LabelID(rawValue: "watermark")]
  }

  private func verify(_ shop: Workshop, _ name: String, key: WatermarkKey) throws -> Evidence {
    let layers = ["watermark", "metadata"].map { LabelID(rawValue: $0) }
    return try Verifier(VerifyConfiguration(layers: layers, keys: [key])).evidence(in: shop.filePath(name))
  }

  private func payload(_ result: LabelResult) throws -> String {
    let drawn = result.drawn.first { $0.label == LabelID(rawValue: "watermark") }
    return try #require(drawn?.embedding.fields.first { $0.name == "payload" }?.value)
  }

  static let codings: [(name: String, options: String)] = [
    ("a.mp4", "-c:v libx264 -preset veryfast -pix_fmt yuv420p"),
    ("a.mkv", "-c:v libx264 -preset veryfast -pix_fmt yuv420p10le"),
    ("a.webm", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 2M -pix_fmt yuv420p"),
  ]

  @Test(arguments: codings) func whatLabelReportsVerifyFinds(_ name: String, _ options: String) throws {
    let shop = try Workshop()
    try clip(shop, name, seconds: 0.6, options)
    let result = try label(shop, name, to: "out/\(name)", check: .full)
    #expect(result.coding?.method == .full)
    let key = try key(shop)
    let evidence = try verify(shop, "out/\(name)", key: key)
    let mark = try #require(evidence[LabelID(rawValue: "watermark")].first)
    #expect(try mark["payload"] == payload(result))
    #expect(WatermarkAgreement.of(evidence) == "metadata")
    #expect(evidence.findings.isEmpty, "\(evidence.findings)")
    #expect(mark.fields.first { $0.name == "log10p" }?.number ?? 0 < -9)
    let fields = result.drawn.last?.embedding.fields ?? []
    #expect(fields.first { $0.name == "psnr" }?.number ?? 0 >= 46)
  }

  @Test func theMarkOutlivesAnotherEncoderAndAStillIsReadAsAPicture() throws {
    let shop = try Workshop()
    try clip(shop, "a.mp4", seconds: 0.6, Self.codings[0].options)
    let payload = try payload(label(shop, "a.mp4", to: "out/a.mp4"))
    let key = try key(shop)
    let attacks = [
      ("again.mkv", "-c:v libx264 -preset veryfast -crf 28"),
      ("mirrored.mp4", "-vf hflip -c:v libx264 -preset veryfast -crf 23"),
      ("still.png", "-frames:v 1"),
    ]
    for (name, options) in attacks {
      _ = try shop.write("attacked/\(name)", [])
      try Tool.run(
        "ffmpeg",
        ["-v", "error", "-y", "-i", shop.file("out/a.mp4")] + options.split(separator: " ").map(String.init)
          + [shop.file("attacked/\(name)")])
      #expect(try marks(shop, "attacked/\(name)", key: key).first?["payload"] == payload, "\(name)")
    }
  }

  @Test func anotherKeyFindsNothing() throws {
    let shop = try Workshop()
    try clip(shop, "a.mp4", seconds: 0.5, Self.codings[0].options)
    _ = try label(shop, "a.mp4", to: "out/a.mp4")
    #expect(try marks(shop, "out/a.mp4", key: key(shop, "b")).isEmpty)
  }

  @Test func markedTwiceWithOnePayloadIsMarkedOnce() throws {
    let shop = try Workshop()
    try clip(shop, "a.mp4", seconds: 0.5, Self.codings[0].options)
    _ = try label(shop, "a.mp4", to: "out/a.mp4") { $0.payload = 7 }
    var record = Workshop.record()
    record.watermarkKey = try key(shop)
    record.payload = 7
    let again = try Labeller(LabelConfiguration(record: record, existing: .replace)).label(
      Job(input: shop.filePath("out/a.mp4"), output: shop.filePath("again/a.mp4")))
    #expect(again.coding?.method == .metadata)
    #expect(try VideoClips.frames(shop.file("out/a.mp4")) == VideoClips.frames(shop.file("again/a.mp4")))
  }

  static let copies = ["hflip", "crop=402:226:37:21", "hflip,crop=362:256:60:0", "scale=768:432"]

  @Test(arguments: copies) func aCopyThatCarriesTheMarkIsNotMarkedAgain(_ filter: String) throws {
    let shop = try Workshop()
    try clip(shop, "a.mp4", seconds: 0.5, Self.codings[0].options)
    _ = try label(shop, "a.mp4", to: "out/a.mp4") { $0.payload = 7 }
    try Tool.run(
      "ffmpeg",
      ["-v", "error", "-y", "-i", shop.file("out/a.mp4"), "-vf", filter, "-c:v", "libx264", "-crf", "20"]
        + [shop.file("copy.mp4")])
    for (payload, isThere) in [(UInt64(7), "true"), (8, nil)] {
      let again = try label(shop, "copy.mp4", to: "again-\(payload)/a.mp4") { $0.payload = payload }
      let drawn = again.drawn.first { $0.label == LabelID(rawValue: "watermark") }
      #expect(drawn?.embedding.fields.first { $0.name == "present" }?.value == isThere)
    }
  }

  @Test func contentsPutTogetherAreToldApart() throws {
    let shop = try Workshop()
    let options = "-c:v libx264 -preset veryfast -pix_fmt yuv420p -g 4"
    var payloads: [String] = []
    for (name, seed) in [("a.mp4", 3), ("b.mp4", 4)] {
      try clip(shop, name, seconds: 5, rate: 2, seed: seed, options)
      payloads.append(try payload(label(shop, name, to: "out/\(name)") { $0.watermarkSpan = .whole }))
    }
    _ = try shop.write("list", Array("file out/a.mp4\nfile out/b.mp4\n".utf8))
    try Tool.run(
      "ffmpeg",
      ["-v", "error", "-y", "-f", "concat", "-safe", "0", "-i", shop.file("list"), "-c", "copy"]
        + [shop.file("both.mp4")])
    let found = try marks(shop, "both.mp4", key: key(shop))
    #expect(found.map { $0["payload"] } == payloads)
    #expect(found.last?.findings.first?.code == "V-WMSPLICE")
    let starts = found.compactMap { mark in mark.fields.first { $0.name == "from" }?.number }
    #expect(starts.count == 2 && starts[0] < 5 && starts[1] >= 5, "\(starts)")
  }

  @Test func spansSayWhichGroupsAreMarked() throws {
    let shop = try Workshop()
    try clip(shop, "a.mp4", seconds: 24, rate: 2, "-c:v libx264 -preset veryfast -pix_fmt yuv420p -g 8")
    let before = try VideoClips.frames(shop.file("a.mp4"))
    // Groups of four seconds: that of the opening, and those around seconds 10 and 20.
    let expected: [(WatermarkSpan, CodingPlan.Method, (Int) -> Bool)] = [
      (.opening, .smart, { $0 < 8 }),
      (.spread, .smart, { $0 < 8 || (16..<24).contains($0) || (40..<48).contains($0) }),
    ]
    for (span, method, isMarked) in expected {
      let name = "\(span.rawValue)/a.mp4"
      let result = try label(shop, "a.mp4", to: name) { $0.watermarkSpan = span }
      #expect(result.coding?.method == method)
      let after = try VideoClips.frames(shop.file(name))
      #expect(zip(before, after).map { $0 != $1 } == (0..<48).map(isMarked), "\(span)")
    }
  }

  @Test func aClipTooSmallForTheMarkIsLabelledWithoutIt() throws {
    let shop = try Workshop()
    _ = try shop.write("in/s.mp4", [])
    try Tool.run(
      "ffmpeg",
      [
        "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=size=160x96:rate=10:duration=0.5",
        shop.file("in/s.mp4"),
      ])
    let result = try label(shop, "in/s.mp4", to: "out/s.mp4")
    #expect(result.status == .labelled)
    #expect(result.notes.filter { $0.contains("no watermark") }.count == 1, "\(result.notes)")
  }
}
