import Foundation
import MediaCore
import MediaFormats
import Testing

@testable import TouchmarkPipeline

/// The explicit label in moving pictures (GB 45438-2025 5.4), judged by decoders that are not ours.
@Suite struct VideoRunTests {
  private func label(
    _ shop: Workshop, from folder: String = "in", to output: String = "out", existing: ExistingPolicy = .skip,
    check: CheckLevel = .metadata, _ change: (inout LabelRecord) -> Void = { _ in }
  ) throws -> [JSONValue] {
    var record = Workshop.record()
    change(&record)
    let name = "\(output).jsonl"
    let run = LabelRun(
      LabelConfiguration(record: record, existing: existing, check: check),
      plan: .folder(shop.filePath(output)))
    let report = try ReportSink(shop.filePath(name), appending: false)
    _ = try run(
      InputList(paths: [shop.filePath(folder)], manifest: nil), options: BatchOptions(report: report))
    return try shop.lines(name).filter { $0["type"] == "file" }
  }

  @Test(arguments: VideoClips.all) func onlyTheLabelledFramesChange(_ recipe: VideoClips.Recipe) throws {
    let shop = try Workshop()
    let source = try VideoClips.make(recipe, in: shop, folder: "in")
    let line = try #require(try label(shop).first)
    #expect(line["status"] == "labelled", "\(line)")
    #expect(line["plan"]?["method"]?.string == recipe.method, "\(line)")
    let output = shop.file("out/\(recipe.name)")
    let (before, after) = (try VideoClips.frames(source), try VideoClips.frames(output))
    let stamps = { (frame: String) in frame.split(separator: ",").prefix(5).joined() }
    #expect(before.map(stamps) == after.map(stamps))
    #expect(before.suffix(recipe.kept) == after.suffix(recipe.kept))
    #expect(zip(before, after).prefix(4).allSatisfy { $0 != $1 })
    #expect(
      try VideoClips.frames(source, "a:0", coded: true) == VideoClips.frames(output, "a:0", coded: true))
    #expect(try VideoClips.description(source) == VideoClips.description(output))
    let strict = ["-v", "error", "-err_detect", "explode", "-xerror", "-i", output, "-f", "null", "-"]
    #expect(try Tool.run("ffmpeg", strict) == "")
    let evidence = try Verifier(VerifyConfiguration()).evidence(in: FilePath(output))
    #expect(evidence[LabelID(rawValue: "explicit")].first?["text"] == "AI生成")
    #expect(evidence.failure == nil)
  }

  @Test func theLabelIsThereForTwoSecondsAndNoLonger() throws {
    let shop = try Workshop()
    let source = try VideoClips.make(VideoClips.all[0], in: shop, folder: "in")
    _ = try label(shop)
    let (before, after) = (
      try VideoClips.frames(source), try VideoClips.frames(shop.file("out/b-frames.mp4"))
    )
    // At 25 frames a second frame 49 is the last that is shown before two seconds are over.
    #expect(zip(before, after).map { $0 != $1 } == (0..<75).map { $0 < 50 })
  }

  @Test func aLabelCanStandInTheMiddleAtTheEndAndAllTheTime() throws {
    let shop = try Workshop()
    let path = try shop.write("in/long.mp4", [])
    try Tool.run(
      "ffmpeg",
      [
        "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=size=256x144:rate=10:duration=20", "-c:v",
        "libx264",
      ]
        + ["-preset", "ultrafast", "-g", "10", "-pix_fmt", "yuv420p", path])
    let line = try label(shop) { $0.repeats = [.middle, .end] }.first
    #expect(line?["plan"]?["method"] == "smart")
    let (before, after) = (try VideoClips.frames(path), try VideoClips.frames(shop.file("out/long.mp4")))
    let changed = zip(before, after).map { $0 != $1 }
    // Seconds 0 to 2, 9 to 11 and 18 to 20, each in whole groups of a second.
    #expect(changed == (0..<200).map { $0 < 20 || (90..<110).contains($0) || $0 >= 180 })
    let whole = try label(shop, to: "whole") { $0.span = .whole }.first
    #expect(whole?["plan"]?["method"] == "full")
    #expect(whole?["plan"]?["frames"] == 200)
  }

  @Test func labelledTwiceIsLabelledOnce() throws {
    let shop = try Workshop()
    _ = try VideoClips.make(VideoClips.all[0], in: shop, folder: "in")
    _ = try label(shop)
    let line = try label(shop, from: "out", to: "again", existing: .replace, check: .full).first
    #expect(line?["plan"]?["method"] == "metadata")
    #expect(
      try VideoClips.frames(shop.file("out/b-frames.mp4"))
        == VideoClips.frames(shop.file("again/b-frames.mp4")))
  }

  @Test(arguments: [0, 90, 180, 270]) func turnedClipsAreLabelledUpright(_ degrees: Int) throws {
    let shop = try Workshop()
    let plain = try VideoClips.make(VideoClips.all[0], in: shop, folder: "plain")
    let path = try shop.write("in/turned.mp4", [])
    try Tool.run(
      "ffmpeg", ["-v", "error", "-y", "-i", plain, "-c", "copy", "-metadata:s:v", "rotate=\(degrees)", path])
    let line = try #require(try label(shop).first)
    // ffmpeg turns the picture; what it shows then is a still that is searched upright.
    let still = shop.file("shown/still.png")
    _ = try shop.write("shown/still.png", [])
    try Tool.run("ffmpeg", ["-v", "error", "-y", "-i", shop.file("out/turned.mp4"), "-frames:v", "1", still])
    let found = try Verifier(VerifyConfiguration()).evidence(in: FilePath(still))[
      LabelID(rawValue: "explicit")]
    #expect(found.first?["text"] == "AI生成", "\(line)")
    #expect(found.first?["position"] == "bottom-right")
    // 5 % of 144 rows is 7.2; small pictures get what can be read with ease.
    #expect(line["explicit"]?["height"] == 12)
  }

  @Test(arguments: [("2/1", 288), ("1/4", 36)]) func theHeightRuleCountsInShownPixels(
    _ aspect: String, _ width: Int
  ) throws {
    let shop = try Workshop()
    let path = try shop.write("in/anamorphic.mp4", [])
    // 144 x 512 pixels: at 2:1 the width shown is 288 rows, at 1:4 it is 36.
    try Tool.run(
      "ffmpeg",
      [
        "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=size=144x512:rate=10:duration=1", "-c:v",
        "libx264",
      ]
        + ["-vf", "setsar=\(aspect)", "-pix_fmt", "yuv420p", path])
    let info = try BuiltinFormats.table.probe(try InputFile(path: path).read(4096))?
      .open(try InputFile(path: path), limits: Limits(), scratch: Scratch()).info
    let shown = try #require(info).shownSize
    #expect(shown.width == width && shown.height == 512)
    let line = try #require(try label(shop).first)
    #expect(line["status"] == "labelled", "\(line)")
    let found = try Verifier(VerifyConfiguration()).evidence(in: shop.filePath("out/anamorphic.mp4"))
    #expect(found[LabelID(rawValue: "explicit")].first?["text"] == "AI生成")
  }

  @Test func whatCannotBeEditedFailsAndMetadataAloneDoesNot() throws {
    let shop = try Workshop()
    let path = try shop.write("in/mpeg-1.mp4", [])
    try Tool.run(
      "ffmpeg",
      [
        "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=size=256x144:rate=25:duration=3", "-c:v",
        "mpeg1video", path,
      ])
    let line = try #require(try label(shop).first)
    #expect(line["error"]?["code"] == "unsupported")
    var record = Workshop.record()
    record.produceID = ""
    let configuration = LabelConfiguration(record: record, layers: [LabelID(rawValue: "metadata")])
    let result = try Labeller(configuration).label(
      Job(input: FilePath(path), output: shop.filePath("m/f.mp4")))
    #expect(result.status == .labelled)
  }
}
