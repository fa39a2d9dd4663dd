import Foundation
import Labels
import MediaCore
import MediaFormats
import Testing

@testable import TouchmarkPipeline

/// The watermark through files: keys, reports, and what contradicts it.
@Suite struct WatermarkRunTests {
  private func shop(_ key: inout WatermarkKey?) throws -> Workshop {
    let shop = try Workshop()
    key = try KeyFile.create(shop.filePath("keys/a.key"))
    for (name, recipe) in [
      ("in/a.jpg", "-seed 5 -size 300x260 plasma:tan-navy -attenuate 0.4 +noise Gaussian -quality 90"),
      ("in/b.png", "-seed 6 -size 300x260 plasma:red-green -attenuate 0.4 +noise Gaussian"),
      ("in/c.png", "-size 90x90 xc:gray"),
    ] { try shop.picture(name, recipe) }
    return shop
  }

  private func label(_ shop: Workshop, _ key: WatermarkKey?, _ layers: [LabelID]? = nil) throws
    -> BatchSummary
  {
    var record = Workshop.record()
    record.watermarkKey = key
    let run = LabelRun(
      LabelConfiguration(record: record, layers: layers), plan: .folder(shop.filePath("out")))
    let report = try ReportSink(shop.filePath("label.jsonl"), appending: false)
    return try run(
      InputList(paths: [shop.filePath("in")], manifest: nil), options: BatchOptions(report: report))
  }

  private func verify(_ shop: Workshop, _ keys: [WatermarkKey]) throws -> [JSONValue] {
    let report = try ReportSink(shop.filePath("verify.jsonl"), appending: false)
    let run = VerifyRun(VerifyConfiguration(keys: keys))
    _ = try run(
      InputList(paths: [shop.filePath("out")], manifest: nil), options: BatchOptions(report: report))
    return try shop.lines("verify.jsonl").filter { $0["type"] == "file" }
  }

  /// Matched to few colours the mark would show, or be lost.
  @Test func aPaletteIsWidenedForIt() throws {
    let shop = try Workshop()
    let key = try KeyFile.create(shop.filePath("keys/a.key"))
    try shop.picture(
      "in/a.png", "-seed 8 -size 400x360 plasma:tan-navy -colors 64 -define png:color-type=3")
    #expect(try label(shop, key)[.labelled] == 1)
    let line = try #require(try shop.lines("label.jsonl").first { $0["type"] == "file" })
    #expect("\(line["notes"] ?? .null)".contains("palette widened to RGB"))
    let payload = try #require(line["watermark"]?["payload"]?.string)
    let found = try #require(try verify(shop, [key]).first)
    #expect(found["layers"]?["watermark"]?["payload"]?.string == payload)
  }

  /// How the pixels of a picture are laid out in its file is nothing to what is drawn on them.
  @Test(arguments: [
    "-size 401x362 xc:#f4f1e8 ( -size 160x120 xc:#3a6ea5 ) -geometry +40+50 -composite -define png:color-type=2",
    "-seed 6 -size 300x260 plasma:red-green -attenuate 0.4 +noise Gaussian",
    "-seed 7 -size 300x260 plasma:tan-navy -colorspace Gray",
  ]) func interlacingChangesNothingOfTheMark(_ recipe: String) throws {
    let shop = try Workshop()
    var record = Workshop.record()
    record.watermarkKey = WatermarkKey(bytes: Array(1...32))
    record.payload = 0x0123_4567_89AB_CDEF
    let configuration = LabelConfiguration(record: record, layers: [WatermarkLabel.id])
    var shown: [String] = []
    for (name, options) in [("plain", ""), ("laced", " -interlace PNG")] {
      try shop.picture("\(name).png", recipe + options)
      let output = shop.filePath("out/\(name).png")
      let result = try Labeller(configuration).label(
        Job(input: shop.filePath("\(name).png"), output: output))
      #expect(result.drawn.map(\.label) == [WatermarkLabel.id])
      #expect(result.info?.coding.contains("interlaced") == (name == "laced"))
      shown.append(
        try Tool.run("identify", ["-format", "%# %[interlace]", output.description])
          .split(separator: " ")[0].description)
    }
    #expect(shown[0] == shown[1])
  }

  @Test func soundCarriesItToo() throws {
    let shop = try Workshop()
    let key = try KeyFile.create(shop.filePath("keys/a.key"))
    try FileManager.default.createDirectory(atPath: shop.file("in"), withIntermediateDirectories: true)
    let clips = [
      ("a.wav", "4"), ("b.flac", "4"), ("c.mp3", "4"), ("d.wav", "2"), ("e.m4a", "4"), ("f.ogg", "4"),
      ("g.opus", "4"),
    ]
    for (name, seconds) in clips {
      let source = "anoisesrc=r=16000:a=0.1:c=pink:seed=3:d=\(seconds),tremolo=f=4:d=0.8"
      let coding = ["-c:a", "libvorbis"].filter { _ in name.hasSuffix("ogg") }
      _ = try Tool.run(
        "ffmpeg", ["-v", "error", "-f", "lavfi", "-i", source] + coding + [shop.file("in/" + name)])
    }
    #expect(try label(shop, key)[.labelled] == clips.count)
    let labelled = try shop.lines("label.jsonl").filter { $0["type"] == "file" }
    let short = try #require(labelled.first { $0["input"]?.string?.hasSuffix("d.wav") == true })
    #expect(short["watermark"] == nil)
    #expect("\(short["notes"] ?? .null)".contains("too short for the watermark"))
    try FileManager.default.removeItem(atPath: shop.file("out/d.wav"))
    let read = try verify(shop, [key])
    #expect(read.count == clips.count - 1)
    for line in read {
      let name = try #require(line["input"]?.string)
      let report = try #require(labelled.first { $0["output"]?.string == name })
      let mark = line["layers"]?["watermark"]
      #expect(mark?["found"] == true, "\(line)")
      #expect(mark?["payload"]?.string?.count == 8)
      #expect(mark?["payload"] == report["watermark"]?["payload"])
      #expect(mark?["agrees"] == "metadata")
    }
    for name in ["a.wav", "b.flac", "c.mp3", "f.ogg"] {
      try FileManager.default.removeItem(atPath: shop.file("out/" + name))
    }
    let other = try KeyFile.create(shop.filePath("keys/b.key"))
    for line in try verify(shop, [other]) {
      #expect(line["layers"]?["watermark"]?["searched"] == true)
      #expect(line["layers"]?["watermark"]?["found"] == false, "\(line)")
    }
  }

  @Test func whatLabelReportsVerifyFindsAndItAgreesWithTheMetadata() throws {
    var key: WatermarkKey?
    let shop = try shop(&key)
    #expect(try label(shop, key)[.labelled] == 3)
    var payloads: [String: String] = [:]
    for line in try shop.lines("label.jsonl") where line["type"] == "file" {
      let name = (try #require(line["output"]?.string) as NSString).lastPathComponent
      if name == "c.png" {
        #expect(line["watermark"] == nil)
        #expect("\(line)".contains("no watermark"))
      } else {
        payloads[name] = line["watermark"]?["payload"]?.string
      }
    }
    #expect(payloads.count == 2)
    for line in try verify(shop, [try #require(key)]) {
      let name = (try #require(line["input"]?.string) as NSString).lastPathComponent
      let watermark = try #require(line["layers"]?["watermark"])
      #expect(line["verdict"] == "confirmed")
      #expect(watermark["searched"] == true)
      guard let payload = payloads[name] else { continue }
      #expect(watermark["found"] == true, "\(name)")
      #expect(watermark["payload"]?.string == payload)
      #expect(watermark["agrees"] == "metadata")
    }
    #expect(try verify(shop, []).allSatisfy { $0["layers"]?["watermark"]?["searched"] == false })
  }

  @Test func aTransplantedLabelIsAConflict() throws {
    var key: WatermarkKey?
    let shop = try shop(&key)
    _ = try label(shop, key)
    // The metadata label of another content on the marked picture.
    var configuration = LabelConfiguration(record: Workshop.record(), layers: [AIGCMetadataLabel.id])
    configuration.existing = .replace
    let transplant = LabelRun(configuration, plan: .inPlace)
    _ = try transplant(
      InputList(paths: [shop.filePath("out/a.jpg")], manifest: nil), options: BatchOptions())
    let lines = try verify(shop, [try #require(key)])
    let line = try #require(lines.first { $0["input"]?.string?.hasSuffix("a.jpg") == true })
    #expect(line["layers"]?["watermark"]?["found"] == true)
    #expect(line["layers"]?["watermark"]?["agrees"] == nil)
    #expect("\(line)".contains(WatermarkAgreement.code))
  }

  @Test func aFileThatCannotCarryALayerAskedForByNameFails() throws {
    var key: WatermarkKey?
    let shop = try shop(&key)
    let summary = try label(shop, key, [WatermarkLabel.id])
    #expect(summary[.failed] == 1)
    #expect(summary[.labelled] == 2)
    #expect(!shop.exists("out/c.png"))
  }

  @Test func keysAreTheirOwnersAloneAndNeverOverwritten() throws {
    let shop = try Workshop()
    let path = shop.filePath("deep/er/w.key")
    let key = try KeyFile.create(path)
    #expect(try KeyFile.read(path) == key)
    let attributes = try FileManager.default.attributesOfItem(atPath: path.description)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    #expect(throws: MediaError.self) { try KeyFile.create(path) }
    #expect(key.id.count == 16)
    #expect("\(key)" == "watermark key")
    for text in [
      "", "touchmark watermark key 1\nid x\n00\n",
      "touchmark watermark key 1\nid x\n\(String(repeating: "zz", count: 32))\n",
    ] {
      try shop.write("bad.key", Array(text.utf8))
      #expect(throws: MediaError.self) { try KeyFile.read(shop.filePath("bad.key")) }
    }
  }
}
