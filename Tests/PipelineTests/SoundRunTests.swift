import Foundation
import Labels
import MediaCore
import MediaFormats
import Testing

@testable import TouchmarkPipeline

/// Sound through files: the explicit label is put in, reported, and heard.
@Suite struct SoundRunTests {
  static let clips: [(name: String, options: String)] = [
    ("u8.wav", "-c:a pcm_u8"), ("s16.wav", "-c:a pcm_s16le"), ("s24.wav", "-c:a pcm_s24le -ac 2"),
    ("s32.wav", "-c:a pcm_s32le"), ("f32.wav", "-c:a pcm_f32le"), ("f64.wav", "-c:a pcm_f64le"),
    ("mulaw.wav", "-c:a pcm_mulaw"), ("alaw.wav", "-c:a pcm_alaw -ac 2"),
    ("rf64.wav", "-rf64 always -ac 6"), ("flac16.flac", "-c:a flac -ac 2"),
    ("flac24.flac", "-c:a flac -sample_fmt s32 -ac 1"),
  ]

  private func make(_ shop: Workshop, _ name: String, _ options: String, seconds: Double = 2) throws {
    let path = shop.file("in/" + name)
    try FileManager.default.createDirectory(atPath: shop.file("in"), withIntermediateDirectories: true)
    let source = ["-f", "lavfi", "-i", "anoisesrc=r=11025:a=0.05:seed=3:d=\(seconds)"]
    _ = try Tool.run(
      "ffmpeg", ["-v", "error", "-y"] + source + options.split(separator: " ").map(String.init) + [path])
  }

  private func label(_ shop: Workshop, _ change: (inout LabelConfiguration) -> Void = { _ in }) throws
    -> [JSONValue]
  {
    var configuration = LabelConfiguration(record: Workshop.record(), check: .full)
    change(&configuration)
    let report = try ReportSink(shop.filePath("label.jsonl"), appending: false)
    _ = try LabelRun(configuration, plan: .folder(shop.filePath("out")))(
      InputList(paths: [shop.filePath("in")], manifest: nil), options: BatchOptions(report: report))
    return try shop.lines("label.jsonl").filter { $0["type"] == "file" }
  }

  /// Samples as FFmpeg decodes them, widened to 64-bit floats.
  private func samples(_ shop: Workshop, _ name: String) throws -> Data {
    _ = try Tool.run(
      "ffmpeg", ["-v", "error", "-y", "-i", shop.file(name), "-f", "f64le", shop.file("samples")])
    return try Data(contentsOf: URL(fileURLWithPath: shop.file("samples")))
  }

  @Test(arguments: clips) func everySampleOutsideOfTheCueStays(_ name: String, _ options: String) throws {
    let shop = try Workshop()
    try make(shop, name, options)
    let line = try #require(try label(shop).first)
    #expect(line["status"] == "labelled", "\(line)")
    #expect(line["explicit"]?["cue"] == "rhythm")
    #expect(line["explicit"]?["place"] == "end")
    let (before, after) = (try samples(shop, "in/" + name), try samples(shop, "out/" + name))
    #expect(before.count == after.count)
    let frame = before.count / 22050
    // 2 s, less 1.1 s of cue, 0.15 s of margin and 0.06 s of fade.
    let start = Int(0.69 * 11025) * frame
    #expect(before.prefix(start) == after.prefix(start))
    #expect(before.suffix(Int(0.08 * 11025) * frame) == after.suffix(Int(0.08 * 11025) * frame))
    #expect(before != after)
    let evidence = try Verifier(VerifyConfiguration()).evidence(in: shop.filePath("out/" + name))
    #expect(evidence.searched.contains(ExplicitTextLabel.id))
    #expect(evidence[ExplicitTextLabel.id].count == 1)
    let plain = try Verifier(VerifyConfiguration()).evidence(in: shop.filePath("in/" + name))
    #expect(plain[ExplicitTextLabel.id].isEmpty)
  }

  @Test func replacingTheMetadataLabelAddsNoSecondCue() throws {
    let shop = try Workshop()
    try make(shop, "a.wav", "-c:a pcm_s16le")
    _ = try label(shop)
    let once = try samples(shop, "out/a.wav")
    try FileManager.default.removeItem(atPath: shop.file("in/a.wav"))
    try FileManager.default.moveItem(atPath: shop.file("out/a.wav"), toPath: shop.file("in/a.wav"))
    let line = try #require(try label(shop) { $0.existing = .replace }.first)
    #expect(line["status"] == "labelled")
    #expect(line["explicit"]?["cue"] == "rhythm")
    #expect(try samples(shop, "out/a.wav") == once)
  }

  @Test func whatCannotBeLabelledFailsWithTheRemedy() throws {
    let shop = try Workshop()
    try make(shop, "a.wav", "-c:a adpcm_ms")
    try make(shop, "b.wav", "-c:a pcm_s16le", seconds: 0.5)
    let lines = try label(shop)
    let errors = Dictionary(
      uniqueKeysWithValues: lines.compactMap { line -> (String, JSONValue)? in
        guard let name = line["input"]?.string, let error = line["error"] else { return nil }
        return ((name as NSString).lastPathComponent, error)
      })
    #expect(errors["a.wav"]?["code"] == "unsupported")
    #expect(errors["a.wav"]?["message"]?.string?.contains("--layers") == true)
    #expect(errors["b.wav"]?["code"] == "insufficientCapacity")
    #expect(shop.tree("out").isEmpty)
  }

  @Test func flacToolsFindNothingWrong() throws {
    let shop = try Workshop()
    for (name, options) in [
      ("stereo.flac", "-c:a flac -ac 2 -compression_level 8"),
      ("wide.flac", "-c:a flac -sample_fmt s32 -ac 2"),
      ("surround.flac", "-c:a flac -ac 6"),
    ] {
      try make(shop, name, options, seconds: 4)
      _ = try Tool.run("metaflac", ["--add-seekpoint=10x", shop.file("in/" + name)])
    }
    for line in try label(shop, { $0.record.cuePlace = .middle }) {
      let path = try #require(line["output"]?.string)
      #expect(line["status"] == "labelled", "\(line)")
      // Decodes all and compares with the MD5 of STREAMINFO; warnings are errors.
      _ = try Tool.run("flac", ["-t", "-s", "-w", path])
      _ = try Tool.run("ffmpeg", ["-v", "error", "-xerror", "-ss", "3.2", "-i", path, "-f", "null", "-"])
    }
  }

  static let coded: [(name: String, options: String, remedy: String)] = [
    ("a.aac", "-c:a aac -b:a 48k", "--remux"), ("a.mp2", "-c:a mp2 -b:a 64k", "--layers"),
    ("a.aiff", "-c:a pcm_s16be", "--remux"),
  ]

  @Test(arguments: coded) func verifyHearsTheCueInCodedSound(
    _ name: String, _ options: String, _ remedy: String
  ) throws {
    let shop = try Workshop()
    try make(shop, "a.wav", "-c:a pcm_s16le -ar 24000")
    _ = try label(shop)
    let arguments =
      ["-i", shop.file("out/a.wav"), "-ar", "24000"] + options.split(separator: " ").map(String.init)
    _ = try Tool.run("ffmpeg", ["-v", "error", "-y"] + arguments + [shop.file(name)])
    let evidence = try Verifier(VerifyConfiguration()).evidence(in: shop.filePath(name))
    #expect(evidence.failure == nil)
    #expect(evidence.searched.contains(ExplicitTextLabel.id))
    let heard = try #require(evidence[ExplicitTextLabel.id].first)
    let time = try #require(heard.fields.first { $0.name == "at" }?.number)
    #expect(abs(time - 0.75) < 0.1, "\(time)")
    // What is only listened to cannot be labelled, and says so.
    try FileManager.default.removeItem(atPath: shop.file("in/a.wav"))
    try FileManager.default.moveItem(atPath: shop.file(name), toPath: shop.file("in/" + name))
    let line = try #require(try label(shop).first)
    #expect(line["status"] == "failed")
    #expect(line["error"]?["message"]?.string?.contains(remedy) == true, "\(line)")
  }

  static let lossy: [(name: String, options: String)] = [
    ("constant.mp3", "-ar 22050 -b:a 32k"), ("variable.mp3", "-ar 44100 -ac 2 -q:a 6"),
    ("untagged.mp3", "-ar 48000 -b:a 64k -write_xing 0 -write_id3v1 1 -metadata title=T"),
    ("a.opus", "-c:a libopus -b:a 64k -metadata title=T"), ("a.ogg", "-c:a libvorbis -q:a 3 -ac 2"),
  ]

  @Test(arguments: lossy) func lossySoundKeepsLengthLevelAndTags(_ name: String, _ options: String) throws {
    let shop = try Workshop()
    try make(shop, name, options)
    let line = try #require(try label(shop).first)
    #expect(line["status"] == "labelled", "\(line)")
    #expect("\(line["notes"] ?? .null)".contains("coded anew"), "\(line)")
    _ = try Tool.run(
      "ffmpeg",
      ["-v", "error", "-err_detect", "explode", "-xerror", "-i", shop.file("out/" + name), "-f", "null", "-"])
    let (before, after) = (try values(shop, "in/" + name), try values(shop, "out/" + name))
    #expect(before.count == after.count)
    let start = before.count * 60 / 200
    let level = { (values: ArraySlice<Double>) in values.reduce(0) { $0 + $1 * $1 } }
    let (power, other) = (level(before[..<start]), level(after[..<start]))
    #expect(abs(10 * log10(other / power)) < 1)
    let difference = zip(before[..<start], after[..<start]).map { $0 - $1 }
    #expect(10 * log10(power / level(difference[...])) > (name.hasSuffix("mp3") ? 12 : 3))
    let evidence = try Verifier(VerifyConfiguration()).evidence(in: shop.filePath("out/" + name))
    #expect(evidence[ExplicitTextLabel.id].count == 1)
    if name == "untagged.mp3" {
      let tags = try ["in/", "out/"].map {
        try Tool.run("exiftool", ["-s", "-s", "-s", "-Title", shop.file($0 + name)])
      }
      #expect(tags[0] == tags[1])
    }
  }

  @Test(arguments: [("mono.m4a", "-b:a 64k -ar 44100"), ("six.m4a", "-ac 6 -b:a 192k -ar 48000")])
  func packetsOutsideOfTheCueStay(_ name: String, _ options: String) throws {
    let shop = try Workshop()
    try make(shop, name, "-c:a aac " + options, seconds: 4)
    let line = try #require(try label(shop).first)
    #expect(line["status"] == "labelled", "\(line)")
    // Where channels have windows of their own, the halves are not compared.
    #expect(line["plan"]?["method"] == (name == "six.m4a" ? "full" : "smart"))
    _ = try Tool.run(
      "ffmpeg",
      ["-v", "error", "-err_detect", "explode", "-xerror", "-i", shop.file("out/" + name), "-f", "null", "-"])
    let packets = try ["in/", "out/"].map { folder in
      try Tool.run(
        "ffmpeg", ["-v", "error", "-i", shop.file(folder + name), "-c", "copy", "-f", "framemd5", "-"]
      ).split(separator: "\n").filter { !$0.hasPrefix("#") }
    }
    #expect(packets[0].count == packets[1].count)
    let same = packets[0].count / 2
    #expect(name == "six.m4a" || packets[0].prefix(same) == packets[1].prefix(same))
    let evidence = try Verifier(VerifyConfiguration()).evidence(in: shop.filePath("out/" + name))
    #expect(evidence[ExplicitTextLabel.id].count == 1)
    let (before, after) = (try values(shop, "in/" + name), try values(shop, "out/" + name))
    #expect(before.count == after.count)
    let start = before.count / 2
    let power = before[..<start].reduce(0) { $0 + $1 * $1 }
    let other = zip(before[..<start], after[..<start]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    #expect(name == "six.m4a" ? other < power / 10 : other == 0)
  }

  /// What is coded while it is recorded does not know its length beforehand.
  @Test func aFLACOfUnknownLengthIsCounted() throws {
    let shop = try Workshop()
    try make(shop, "b.flac", "-c:a flac", seconds: 3)
    var stream = [UInt8](try Data(contentsOf: URL(fileURLWithPath: shop.file("in/b.flac"))))
    // The 36 bits of the count in STREAMINFO (RFC 9639 8.2).
    stream[21] &= 0xF0
    stream.replaceSubrange(22..<26, with: [0, 0, 0, 0])
    try Data(stream).write(to: URL(fileURLWithPath: shop.file("in/b.flac")))
    let line = try #require(try label(shop).first)
    #expect(line["status"] == "labelled", "\(line)")
    _ = try Tool.run("flac", ["-t", "-s", shop.file("out/b.flac")])
    let evidence = try Verifier(VerifyConfiguration()).evidence(in: shop.filePath("out/b.flac"))
    #expect(evidence[ExplicitTextLabel.id].count == 1)
  }

  /// A movie box that promises sound of which there is none: nothing may be called labelled.
  @Test func aTrackWithoutSamplesIsRefused() throws {
    let shop = try Workshop()
    try make(shop, "a.m4a", "-c:a aac -movflags frag_keyframe+empty_moov", seconds: 3)
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: shop.file("in/a.m4a"))))
    let fragment = try #require(bytes.firstRange(of: Array("moof".utf8))?.lowerBound)
    bytes.removeLast(bytes.count - fragment + 4)
    let extends = try #require(bytes.firstRange(of: Array("mvex".utf8)))
    bytes.replaceSubrange(extends, with: Array("free".utf8))
    try Data(bytes).write(to: URL(fileURLWithPath: shop.file("in/a.m4a")))
    let line = try #require(try label(shop) { $0.check = .none }.first)
    #expect(line["status"] == "failed", "\(line)")
    #expect(!FileManager.default.fileExists(atPath: shop.file("out/a.m4a")))
  }

  /// FFmpeg's AMR decoder does not know frames of silence.
  @Test func soundThatCannotBeDecodedIsNotCalledCorrupt() throws {
    let shop = try Workshop()
    let source =
      URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path + "/Fixtures/clips/silence.amr"
    _ = try Tool.run("ffmpeg", ["-v", "error", "-y", "-i", source, "-c", "copy", shop.file("a.3gp")])
    let evidence = try Verifier(VerifyConfiguration()).evidence(in: shop.filePath("a.3gp"))
    #expect(evidence.failure == nil)
    #expect(!evidence.findings.contains { $0.code == "V-CORRUPT" })
    #expect(!evidence.searched.contains(ExplicitTextLabel.id))
  }

  /// Some encoders put a packet in front that holds their name and no sound.
  @Test func aPacketWithoutSoundIsSilence() throws {
    let shop = try Workshop()
    try make(shop, "a.aac", "-c:a aac -b:a 64k -ar 44100", seconds: 3)
    var stream = [UInt8](try Data(contentsOf: URL(fileURLWithPath: shop.file("in/a.aac"))))
    // An ADTS header of the stream's own kind for ten bytes: a fill element of two, the end, and padding.
    var packet = Array(stream[..<7]) + [0xC4, 0x00, 0x01, 0xC0]
    packet[3] &= 0xFC
    packet[4] = UInt8(packet.count >> 3)
    packet[5] = packet[5] & 0x1F | UInt8(packet.count & 7) << 5
    stream.insert(contentsOf: packet, at: 0)
    try Data(stream).write(to: URL(fileURLWithPath: shop.file("in/a.aac")))
    _ = try Tool.run(
      "ffmpeg", ["-v", "error", "-y", "-i", shop.file("in/a.aac"), "-c", "copy", shop.file("in/a.m4a")])
    try FileManager.default.removeItem(atPath: shop.file("in/a.aac"))
    let line = try #require(try label(shop) { $0.record.cuePlace = .start }.first)
    #expect(line["status"] == "labelled", "\(line)")
    _ = try Tool.run(
      "ffmpeg",
      ["-v", "error", "-err_detect", "explode", "-xerror", "-i", shop.file("out/a.m4a"), "-f", "null", "-"])
    let evidence = try Verifier(VerifyConfiguration()).evidence(in: shop.filePath("out/a.m4a"))
    #expect(evidence[ExplicitTextLabel.id].count == 1)
  }

  private func values(_ shop: Workshop, _ name: String) throws -> [Double] {
    try samples(shop, name).withUnsafeBytes { Array($0.bindMemory(to: Double.self)) }
  }

  @Test func aRecordingIsMixedInAndSaidToBeUnchecked() throws {
    let shop = try Workshop()
    try make(shop, "a.wav", "-c:a pcm_s16le -ac 2")
    let source = ["-f", "lavfi", "-i", "sine=f=300:d=1:r=16000", shop.file("voice.flac")]
    _ = try Tool.run("ffmpeg", ["-v", "error", "-y"] + source)
    let voice = try VoiceRecording.read(shop.filePath("voice.flac"))
    #expect(voice.count == 16000)
    let line = try #require(
      try label(shop) {
        $0.record.cue = .voice
        $0.record.voice = voice
      }.first)
    #expect(line["explicit"]?["cue"] == "voice")
    #expect("\(line)".contains("not checked"))
    #expect(try samples(shop, "in/a.wav") != samples(shop, "out/a.wav"))
    _ = try Tool.run(
      "ffmpeg", ["-v", "error", "-y", "-f", "lavfi", "-i", "sine=d=40", shop.file("long.wav")])
    #expect(throws: MediaError.self) { try VoiceRecording.read(shop.filePath("long.wav")) }
  }
}
