import Foundation
import MediaCore
import MediaFormats
import Testing

@testable import TouchmarkPipeline

/// Containers without a place for a label, labelled in another one; what has become of their tracks is judged by ffmpeg.
@Suite struct RemuxRunTests {
  struct Recipe: Sendable, CustomTestStringConvertible {
    let name: String
    let options: String
    let output: String
    /// Streams whose decoded contents and times must be the same.
    var streams = ["a:0"]
    var layers = ["metadata"]
    var testDescription: String { name }
  }

  private static let clips = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Fixtures/clips").standardizedFileURL.path
  private static let film =
    "-f lavfi -i testsrc2=size=256x144:rate=25:duration=3 -f lavfi -i sine=frequency=440:duration=3"
  private static let sound = "-f lavfi -i sine=frequency=440:duration=3:sample_rate=44100"
  private static let h264 = "-c:v libx264 -preset fast -bf 2 -g 25 -pix_fmt yuv420p"

  static let all: [Recipe] = [
    Recipe(
      name: "film.ts", options: "\(film) \(h264) -c:a aac -metadata service_name=Kanal", output: "film.mp4",
      streams: ["v:0", "a:0"], layers: ["explicit", "metadata"]),
    Recipe(
      name: "late.m2ts", options: "\(film) \(h264) -c:a ac3 -output_ts_offset 95000 -mpegts_m2ts_mode 1",
      output: "late.mp4", streams: ["v:0", "a:0"]),
    Recipe(
      name: "two.ts", options: "\(film) -map 0 -map 1 -map 1 \(h264) -c:a:0 ac3 -c:a:1 aac",
      output: "two.mp4",
      streams: ["v:0", "a:0", "a:1"]),
    Recipe(name: "sound.ts", options: "\(sound) -c:a aac", output: "sound.m4a"),
    Recipe(
      name: "film.wmv", options: "\(film) -c:v wmv2 -c:a wmav2 -metadata title=Card", output: "film.mkv",
      streams: ["v:0", "a:0"]),
    Recipe(name: "sound.wma", options: "\(sound) -c:a wmav2", output: "sound.mka"),
    Recipe(
      name: "sound.aiff", options: "\(sound) -metadata title=Card", output: "sound.wav",
      layers: ["explicit", "metadata"]),
    Recipe(name: "deep.aiff", options: "\(sound) -c:a pcm_s24be -ac 6", output: "deep.wav"),
    Recipe(name: "float.aifc", options: "\(sound) -c:a pcm_f32be -f aiff", output: "float.wav"),
    Recipe(name: "signed.aiff", options: "\(sound) -c:a pcm_s8", output: "signed.wav"),
    Recipe(name: "plain.caf", options: "\(sound) -c:a pcm_s16be", output: "plain.wav"),
    Recipe(name: "coded.caf", options: "\(sound) -c:a alac", output: "coded.m4a"),
    Recipe(name: "opus.caf", options: "\(sound) -ar 48000 -c:a libopus", output: "opus.mka"),
    Recipe(name: "sound.aac", options: "\(sound) -c:a aac", output: "sound.m4a"),
    Recipe(name: "speech.amr", options: "-i \(clips)/silence.amr -c copy", output: "speech.3gp"),
    // Packets of a program stream have times of their own where nothing is reordered.
    Recipe(
      name: "film.mpg", options: "\(film) -c:v mpeg2video -bf 0 -g 25 -c:a ac3 -f vob", output: "film.mp4",
      streams: ["v:0", "a:0"], layers: ["explicit", "metadata"]),
    // Small pictures share packets, in which only the first has a time.
    Recipe(
      name: "order.mpg", options: "\(film) -c:v mpeg2video -bf 2 -g 12 -b:v 200k -f mpeg",
      output: "order.mp4",
      streams: ["v:0"]),
    // FFmpeg decodes layer II by another decoder out of MP4.
    Recipe(
      name: "old.mpg", options: "\(film) -c:v mpeg1video -bf 0 -c:a mp2 -f mpeg", output: "old.mp4",
      streams: ["v:0"]),
  ]

  private func label(
    _ shop: Workshop, _ input: String, to output: String = "out", layers: [String] = ["metadata"],
    _ change: (inout LabelConfiguration) -> Void = { _ in }
  ) throws -> JSONValue {
    var configuration = LabelConfiguration(
      record: Workshop.record(), layers: layers.map(LabelID.init(rawValue:)), check: .full)
    configuration.remuxes = true
    change(&configuration)
    let run = LabelRun(configuration, plan: .folder(shop.filePath(output)))
    let report = try ReportSink(shop.filePath("\(output).jsonl"), appending: false)
    _ = try run(
      InputList(paths: [shop.filePath(input)], manifest: nil), options: BatchOptions(report: report))
    return try #require(try shop.lines("\(output).jsonl").first { $0["type"] == "file" })
  }

  private func make(_ recipe: Recipe, in shop: Workshop) throws -> String {
    let path = try shop.write("in/\(recipe.name)", [])
    try Tool.run(
      "ffmpeg",
      ["-v", "error", "-y"] + recipe.options.split(separator: " ").map(String.init) + ["-bitexact", path])
    return path
  }

  /// When packets are shown, from where the file begins, and what is decoded (AMR, which FFmpeg may not decode: coded).
  private func frames(_ path: String, _ stream: String) throws -> (
    packets: Int, times: [Double], hashes: [String]
  ) {
    let copy = path.contains("speech") ? ["-c", "copy"] : []
    let text = try Tool.run(
      "ffmpeg",
      ["-v", "error", "-i", path, "-vsync", "passthrough", "-map", "0:\(stream)"] + copy
        + ["-f", "framemd5", "-"])
    let hashes = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap {
      $0.split(separator: ",").last?.trimmingCharacters(in: .whitespaces)
    }
    let packets = try Tool.run(
      "ffprobe",
      ["-v", "error", "-select_streams", stream, "-show_entries", "packet=pts_time", "-of", "csv=p=0", path])
    let start = try Tool.run(
      "ffprobe", ["-v", "error", "-show_entries", "format=start_time", "-of", "csv=p=0", path])
    let first = Double(start.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
    let lines = packets.split(separator: "\n")
    let times = lines.compactMap {
      Double($0.trimmingCharacters(in: CharacterSet(charactersIn: ", \r")))
    }
    return (lines.count, times.map { $0 - first }.sorted(), hashes)
  }

  @Test(arguments: all) func tracksArriveAsTheyWere(_ recipe: Recipe) throws {
    let shop = try Workshop()
    let source = try make(recipe, in: shop)
    let line = try label(shop, "in", layers: recipe.layers)
    #expect(line["status"] == "labelled", "\(line)")
    let output = shop.file("out/\(recipe.output)")
    #expect(line["output"]?.string == output)
    #expect(line["remuxed"]?["from"] != nil && line["remuxed"]?["to"] == line["format"])
    #expect(shop.tree("out") == [recipe.output])
    for stream in recipe.streams
    where !(stream == "a:0" && recipe.layers.contains("explicit") && recipe.streams.count == 1) {
      let (before, after) = (try frames(source, stream), try frames(output, stream))
      let isLabelled = recipe.layers.contains("explicit") && stream == "v:0"
      #expect(before.hashes.suffix(isLabelled ? 25 : .max) == after.hashes.suffix(isLabelled ? 25 : .max))
      #expect(before.packets == after.packets)
      // A millisecond is the unit of Matroska. Program streams leave out times that a decoder can count.
      #expect(
        before.times.allSatisfy { time in after.times.contains { abs($0 - time) < 0.0021 } }, "\(stream)")
    }
    let evidence = try Verifier(VerifyConfiguration()).evidence(in: FilePath(output))
    #expect(evidence[LabelID(rawValue: "metadata")].count == 1)
    if recipe.layers.contains("explicit") { #expect(evidence[LabelID(rawValue: "explicit")].count >= 1) }
    if recipe.streams.contains("v:0"), recipe.layers.contains("explicit") {
      #expect(line["plan"]?["method"] == "smart", "\(line)")
    }
  }

  @Test func whatTheNewContainerDoesNotCarryIsSaid() throws {
    let shop = try Workshop()
    _ = try make(Self.all[0], in: shop)
    let notes = try label(shop, "in")["notes"]
    #expect("\(String(describing: notes))".contains("service_name"))
    let title = try Tool.run(
      "ffprobe", ["-v", "error", "-show_entries", "format_tags=title", shop.file("out/film.mp4")])
    #expect(!title.contains("Card"))
  }

  @Test func withoutTheFlagNothingIsWrittenAndTheRemedyIsNamed() throws {
    let shop = try Workshop()
    _ = try make(Self.all[0], in: shop)
    let line = try label(shop, "in") { $0.remuxes = false }
    #expect(line["error"]?["code"] == "unsupported")
    #expect(line["error"]?["message"]?.string?.contains("--remux") == true)
    #expect(shop.tree("out").isEmpty)
  }

  @Test func aTrackWithoutAPlaceFailsTheFile() throws {
    let shop = try Workshop()
    let path = try shop.write("in/old.caf", [])
    try Tool.run(
      "ffmpeg",
      [
        "-v", "error", "-y", "-f", "lavfi", "-i", "sine=duration=1", "-c:a", "adpcm_ima_qt", "-f", "aiff",
        path,
      ])
    let line = try label(shop, "in")
    #expect(line["error"]?["code"] == "unsupported", "\(line)")
    #expect(line["error"]?["message"]?.string?.contains("adpcm_ima_qt") == true)
    #expect(shop.tree("out").isEmpty)
  }

  @Test func oldLabelsAreReplacedOrLeft() throws {
    let shop = try Workshop()
    let path = try shop.write("in/film.wmv", [])
    let json =
      #"{"Label":"1","ContentProducer":"001191110000MA0000000H10001","ProduceID":"x","ReservedCode1":"","ContentPropagator":"","PropagateID":"","ReservedCode2":""}"#
    try Tool.run(
      "ffmpeg",
      ["-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=size=64x48:rate=10:duration=1", "-c:v", "wmv2"]
        + ["-metadata", "AIGC=\(json)", path])
    #expect(try label(shop, "in")["status"] == "skipped")
    #expect(shop.tree("out") == ["film.wmv"])
    let line = try label(shop, "in", to: "again") { $0.existing = .replace }
    #expect(line["status"] == "labelled", "\(line)")
    let found = try Verifier(VerifyConfiguration()).evidence(in: shop.filePath("again/film.mkv"))
    #expect(found[LabelID(rawValue: "metadata")].map { $0["ProduceID"] } == [line["produceID"]?.string])
  }

  @Test func twoInputsNeverShareAnOutput() throws {
    let shop = try Workshop()
    _ = try make(Self.all[0], in: shop)
    let other = try shop.write("in/film.mp4", [])
    try Tool.run("ffmpeg", ["-v", "error", "-y", "-i", shop.file("in/film.ts"), "-c", "copy", other])
    var discovery = try Discovery(
      InputList(paths: [shop.filePath("in")]), plan: .folder(shop.filePath("out")),
      formats: BuiltinFormats.table, remuxes: true)
    var (jobs, failures) = (0, 0)
    while let next = discovery.next() {
      if case .job = next { jobs += 1 }
      if case .failure(_, _, let error) = next {
        failures += 1
        #expect(error.code == .conflict)
      }
    }
    #expect(jobs == 1 && failures == 1)
  }

  @Test func aRerunWithResumeFindsWhatWasRemuxed() throws {
    let shop = try Workshop()
    _ = try make(Self.all[0], in: shop)
    _ = try label(shop, "in")
    #expect(try label(shop, "in") { $0.resumes = true }["status"] == "skipped")
  }

  @Test func inPlaceIsRefused() throws {
    let shop = try Workshop()
    let path = try make(Self.all[13], in: shop)
    let before = try shop.bytes("in/sound.aac")
    var configuration = LabelConfiguration(record: Workshop.record(), layers: [LabelID(rawValue: "metadata")])
    configuration.remuxes = true
    #expect(throws: MediaError.self) { try Labeller(configuration).label(Job(input: FilePath(path))) }
    #expect(try shop.bytes("in/sound.aac") == before)
    #expect(shop.tree("in") == ["sound.aac"])
  }
}
