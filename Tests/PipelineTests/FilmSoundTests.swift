import Foundation
import Labels
import MediaCore
import Testing

@testable import TouchmarkPipeline

/// The labels in the sound of films: two independent chances for the mark, and the audible cue where it is asked for.
@Suite struct FilmSoundTests {
  private static let watermark = LabelID(rawValue: "watermark")

  /// Four seconds of pink noise under pictures of `size`; those of 160 by 96 are too small for a mark.
  private func clip(
    _ shop: Workshop, _ name: String, _ options: String, size: String = "160x96", seed: Int = 3
  ) throws {
    let path = try shop.write(name, [])
    let picture = ["-f", "lavfi", "-i", "testsrc2=size=\(size):rate=1:duration=4"]
    let sound = ["-f", "lavfi", "-i", "anoisesrc=r=16000:a=0.3:c=pink:seed=\(seed):d=4"]
    try Tool.run(
      "ffmpeg",
      ["-v", "error", "-y"] + picture + sound + options.split(separator: " ").map(String.init) + [path])
  }

  private func key(_ shop: Workshop) throws -> WatermarkKey {
    let path = shop.filePath("keys/a.key")
    return KeyFile.exists(path) ? try KeyFile.read(path) : try KeyFile.create(path)
  }

  private func label(
    _ shop: Workshop, _ name: String, to output: String, layers: [String]? = nil,
    check: CheckLevel = .metadata,
    marks: Bool = true, _ change: (inout LabelRecord) -> Void = { _ in }
  ) throws -> LabelResult {
    var record = Workshop.record()
    if marks { record.watermarkKey = try key(shop) }
    change(&record)
    let configuration = LabelConfiguration(
      record: record, layers: layers?.map { LabelID(rawValue: $0) }, check: check)
    return try Labeller(configuration).label(
      Job(input: shop.filePath(name), output: shop.filePath(output)))
  }

  /// Unless `seeks`, no mark is looked for, which takes most of the time.
  private func verify(_ shop: Workshop, _ name: String, seeks: Bool = true) throws -> Evidence {
    let keys = seeks ? [try key(shop)] : []
    return try Verifier(VerifyConfiguration(keys: keys)).evidence(in: shop.filePath(name))
  }

  private func marks(_ evidence: Evidence, in part: String) -> [Detection] {
    evidence[Self.watermark].filter { $0["in"] == part }
  }

  @Test func picturesAndSoundCarryTheMarkAndTheirBoundsMultiply() throws {
    let shop = try Workshop()
    let options = "-c:v libx264 -preset veryfast -pix_fmt yuv420p -c:a aac -b:a 64k"
    try clip(shop, "a.mp4", options, size: "512x288")
    let result = try label(shop, "a.mp4", to: "out/a.mp4", check: .full)
    #expect(result.coding?.method == .full && result.soundCoding != nil, "\(result.notes)")
    let evidence = try verify(shop, "out/a.mp4")
    #expect(evidence.findings.isEmpty, "\(evidence.findings)")
    #expect(evidence.soundSearched.contains(Self.watermark))
    let (seen, heard) = (marks(evidence, in: "frames"), marks(evidence, in: "sound"))
    let bounds = (seen + heard).compactMap { mark in mark.fields.first { $0.name == "log10p" }?.number }
    #expect(bounds.count == 2)
    let sum = try #require(TrackAgreement.log10p(evidence))
    #expect(abs(sum - bounds.reduce(0, +)) < 1e-9)
    #expect(WatermarkAgreement.of(evidence) == "metadata")
    // The sound of another film under these pictures.
    try clip(shop, "b.mp4", options, seed: 4)
    _ = try label(shop, "b.mp4", to: "out/b.mp4")
    try Tool.run(
      "ffmpeg",
      [
        "-v", "error", "-i", shop.file("out/a.mp4"), "-i", shop.file("out/b.mp4"), "-map", "0:v", "-map",
        "1:a",
      ]
        + ["-c", "copy", shop.file("mixed.mkv")])
    let mixed = try verify(shop, "mixed.mkv")
    #expect(mixed.findings.map(\.code).contains("V-WMTRACKS"), "\(mixed.findings)")
    #expect(TrackAgreement.log10p(mixed) == nil)
    #expect(marks(mixed, in: "frames").count == 1 && marks(mixed, in: "sound").count == 1)
  }

  static let containers: [(name: String, options: String)] = [
    ("a.webm", "-c:v libvpx -deadline realtime -cpu-used 8 -c:a libopus -ac 1"),
    ("a.flv", "-c:v libx264 -preset ultrafast -c:a libmp3lame -ar 22050 -b:a 64k"),
  ]

  @Test(arguments: containers) func theSoundAloneCarriesIt(_ name: String, _ options: String) throws {
    let shop = try Workshop()
    try clip(shop, name, options)
    let result = try label(shop, name, to: "out/\(name)")
    #expect(result.status == .labelled)
    #expect(result.notes.contains { $0.hasPrefix("no watermark: ") }, "\(result.notes)")
    let drawn = try #require(result.drawn.first { $0.label == Self.watermark })
    #expect(drawn.part == .sound)
    let strict = ["-v", "error", "-err_detect", "explode", "-xerror", "-i", shop.file("out/\(name)")]
    #expect(try Tool.run("ffmpeg", strict + ["-f", "null", "-"]) == "")
    let evidence = try verify(shop, "out/\(name)")
    #expect(marks(evidence, in: "frames").isEmpty)
    let payload = drawn.embedding.fields.first { $0.name == "payload" }?.value
    #expect(marks(evidence, in: "sound").map { $0["payload"] } == [payload])
    #expect(WatermarkAgreement.of(evidence) == "metadata")
  }

  @Test func soundThatCannotBeCodedAnewIsNotedUnlessItWasAskedFor() throws {
    let shop = try Workshop()
    try clip(shop, "a.mkv", "-c:v libx264 -preset ultrafast -c:a dca -strict -2 -ac 2", size: "512x288")
    let result = try label(shop, "a.mkv", to: "out/a.mkv")
    #expect(result.status == .labelled && result.soundCoding == nil)
    #expect(result.notes.contains { $0.hasPrefix("no watermark in the sound") }, "\(result.notes)")
    let error = #expect(throws: MediaError.self) {
      try label(shop, "a.mkv", to: "out/b.mkv", marks: false) { $0.cuesVideo = true }
    }
    #expect(error?.code == .unsupported)
    #expect(error?.message.contains("--cue-in-video") == true)
    #expect(!shop.exists("out/b.mkv"))
  }

  @Test func damageIsNotSaidToBeACodingThatIsNotWritten() throws {
    let shop = try Workshop()
    try clip(shop, "a.mkv", "-c:v libx264 -preset ultrafast -c:a aac -b:a 64k")
    let whole = try Data(contentsOf: URL(fileURLWithPath: shop.file("a.mkv")))
    _ = try shop.write("a.mkv", Array(whole.prefix(whole.count - 5000)))
    let error = #expect(throws: MediaError.self) {
      try label(shop, "a.mkv", to: "out/a.mkv", marks: false) { $0.cuesVideo = true }
    }
    #expect(error?.code == .malformed)
    #expect(error?.message.contains("byte \(whole.count - 5000)") == true, "\(error.debugDescription)")
  }

  @Test(arguments: ["a.mp4", "a.mkv"]) func theCueIsHeardInAFilmWhereItIsAskedFor(_ name: String) throws {
    let shop = try Workshop()
    try clip(shop, name, "-c:v libx264 -preset ultrafast -c:a aac -b:a 64k")
    let explicit = LabelID(rawValue: "explicit")
    for cues in [false, true] {
      let output = "out-\(cues)/\(name)"
      let result = try label(shop, name, to: output, check: .full, marks: false) { $0.cuesVideo = cues }
      #expect(
        result.drawn.filter { $0.label == explicit }.map(\.part) == (cues ? [.frames, .sound] : [.frames]))
      let found = try verify(shop, output, seeks: false)[explicit]
      #expect(found.map { $0["in"] } == (cues ? ["frames", "sound"] : ["frames"]), "\(found)")
      #expect(found.first?["text"] == "AI生成")
      if cues { #expect(found.last?["place"] == "end") }
    }
  }

  @Test func picturesOfACodingThatIsNotDecodedLeaveTheMarkToTheSound() throws {
    let shop = try Workshop()
    try clip(shop, "a.mkv", "-c:v huffyuv -c:a aac -b:a 64k", size: "512x288")
    let result = try label(shop, "a.mkv", to: "out/a.mkv", layers: ["metadata", "watermark"])
    #expect(result.drawn.map(\.part) == [.sound])
    #expect(result.notes.contains { $0.hasPrefix("no watermark in the pictures") }, "\(result.notes)")
    #expect(try marks(verify(shop, "out/a.mkv"), in: "sound").count == 1)
  }

  /// What an encoder of HE-AAC says, said of AAC-LC, which is decoded at twice the rate then.
  @Test func soundChangesItsCodingForTheCueAndNotForTheMark() throws {
    let shop = try Workshop()
    try clip(shop, "a.mp4", "-c:v libx264 -preset ultrafast -c:a aac -ar 22050 -b:a 32k", size: "512x288")
    var bytes = try shop.bytes("a.mp4")
    let place = try #require(
      bytes.indices.dropLast(2).last { bytes[$0] == 0x56 && bytes[$0 + 1] == 0xE5 && bytes[$0 + 2] == 0 })
    bytes[place + 2] = 0xA0
    try shop.write("a.mp4", bytes)
    let plain = try label(shop, "a.mp4", to: "out/a.mp4")
    #expect(plain.soundCoding == nil)
    #expect(plain.notes.contains { $0.contains("would become AAC-LC") }, "\(plain.notes)")
    let cued = try label(shop, "a.mp4", to: "cued/a.mp4", check: .full, marks: false) { $0.cuesVideo = true }
    #expect(cued.soundCoding?.method == .full)
    #expect(cued.notes.contains { $0.contains("coded anew as AAC-LC") }, "\(cued.notes)")
    let found = try verify(shop, "cued/a.mp4", seeks: false)[LabelID(rawValue: "explicit")]
    #expect(found.map { $0["in"] } == ["frames", "sound"])
  }

  /// GB 45438-2025 5.4 wants the text on the pictures.
  @Test func theCueDoesNotStandForTheTextOnPictures() throws {
    let shop = try Workshop()
    try clip(shop, "a.mkv", "-c:v huffyuv -c:a aac -b:a 64k")
    let error = #expect(throws: MediaError.self) {
      try label(shop, "a.mkv", to: "out/a.mkv", marks: false) { $0.cuesVideo = true }
    }
    #expect(error?.code == .unsupported)
    #expect(error?.message.contains("HuffYUV") == true, "\(error.debugDescription)")
    #expect(!shop.exists("out/a.mkv"))
  }

  @Test func aSilentFilmIsNotSaidToLackAnything() throws {
    let shop = try Workshop()
    try clip(shop, "a.mp4", "-c:v libx264 -preset ultrafast -an", size: "512x288")
    let result = try label(shop, "a.mp4", to: "out/a.mp4")
    #expect(result.notes.allSatisfy { !$0.contains("sound") }, "\(result.notes)")
    #expect(try verify(shop, "out/a.mp4", seeks: false).failure == nil)
  }
}
