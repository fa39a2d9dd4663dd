import Foundation
import Labels
import MediaCore
import Testing

@testable import TouchmarkPipeline

/// Files that end early say so, whatever is asked of them, and how what is there is kept.
@Suite struct CutFilesTests {
  /// Clips whose container says how long it is, and whether their metadata can be edited all the same.
  private static let clips: [(name: String, keepsMetadata: Bool)] = [
    ("faststart.mp4", false), ("fragmented.mp4", false), ("quicktime.mov", false), ("speech.m4a", false),
    ("h264.mkv", false), ("vp9.webm", false), ("mpeg4.avi", false), ("flash.flv", true),
    ("speech.wav", false), ("speech-rf64.wav", false), ("speech.flac", true), ("vorbis.ogg", true),
    ("speech.opus", true),
  ]

  private static let asked: [(layers: [String], cue: Bool)] = [
    (["metadata"], false), (["explicit", "metadata"], false), (["explicit", "metadata"], true),
    (["explicit", "metadata", "watermark"], false),
  ]

  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures/clips").path

  /// Puts the first `percent` of each clip below `in`.
  private func cut(_ shop: Workshop, to percent: Int) throws {
    for (name, _) in Self.clips {
      let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(Self.folder)/\(name)")))
      try shop.write("in/\(name)", Array(whole.prefix(whole.count * percent / 100)))
    }
  }

  @Test(arguments: [30, 70, 95]) func whatIsWrongIsThatTheFileEndsEarly(_ percent: Int) throws {
    let shop = try Workshop()
    try cut(shop, to: percent)
    let key = try KeyFile.create(shop.filePath("keys/a.key"))
    for (layers, cue) in Self.asked {
      var record = Workshop.record()
      record.watermarkKey = key
      record.cuesVideo = cue
      let configuration = LabelConfiguration(
        record: record, layers: layers.map { LabelID(rawValue: $0) }, check: .metadata)
      for (name, keepsMetadata) in Self.clips {
        let size = try shop.bytes("in/\(name)").count
        do {
          _ = try Labeller(configuration).label(
            Job(input: shop.filePath("in/\(name)"), output: shop.filePath("out/\(name)")))
          #expect(keepsMetadata && layers == ["metadata"], "\(name) at \(percent) % was labelled: \(layers)")
        } catch {
          #expect(error.code == .malformed, "\(name) at \(percent) %: \(error)")
          #expect(error.message.contains("the file ends early, at byte \(size): "), "\(name): \(error)")
          #expect(error.message.contains("get the whole file"), "\(name): \(error)")
          #expect(!error.message.contains("cue-in-video"), "\(name): \(error)")
        }
      }
    }
  }

  /// The command of each message makes a file that decodes without fault, and takes a label.
  @Test func theRemedyKeepsWhatIsThere() throws {
    let shop = try Workshop()
    try cut(shop, to: 70)
    var mended = 0
    for (name, _) in Self.clips {
      var configuration = LabelConfiguration(
        record: Workshop.record(), layers: [LabelID(rawValue: "explicit"), LabelID(rawValue: "metadata")])
      let labeller = try Labeller(configuration)
      let job = Job(input: shop.filePath("in/\(name)"), output: shop.filePath("out/\(name)"))
      let error = #expect(throws: MediaError.self) { _ = try labeller.label(job) }
      let parts = error?.message.split(separator: "`") ?? []
      guard parts.count > 1 else { continue }
      let ending = name.drop { $0 != "." }.dropFirst()
      let command = parts[1].split(separator: " ").map(String.init).map {
        $0 == "in.\(ending)"
          ? shop.file("in/\(name)") : $0 == "out.\(ending)" ? shop.file("whole-\(name)") : $0
      }
      try Tool.run(command[0], ["-v", "error", "-y"] + command.dropFirst())
      try Tool.run(
        "ffmpeg",
        [
          "-v", "error", "-xerror", "-err_detect", "explode", "-i", shop.file("whole-\(name)"), "-f", "null",
          "-",
        ])
      configuration.layers = [LabelID(rawValue: "metadata")]
      _ = try Labeller(configuration).label(
        Job(input: shop.filePath("whole-\(name)"), output: shop.filePath("out/\(name)")))
      mended += 1
    }
    // All but those whose index stood at the end.
    #expect(mended == Self.clips.count - 2)
  }
}
