import Foundation
import MediaCore
import Testing

@testable import MediaFormats

/// Laws of MP4, MOV and M4A over files of every arrangement.
@Suite struct ISOMediaTests {
  private static let set = MetadataChanges(set: [ISOWorkshop.property])

  @Test(arguments: ISOWorkshop.all) func probeAloneFindsTheFormat(_ name: String) throws {
    let head = Array(try ISOWorkshop.bytes(name).prefix(4096))
    let scores = BuiltinFormats.table.formats.map { $0.score(head) }
    #expect(scores.filter { $0 > 0 }.count == 1)
    let format = try #require(BuiltinFormats.table.probe(head))
    #expect(name.hasSuffix("." + format.descriptor.id.rawValue))
  }

  @Test(arguments: ISOWorkshop.all) func aLabelIsAtOneRegularPlaceAndNothingElseChanges(_ name: String) throws
  {
    let (bench, source) = (try ISOBench(), ISOWorkshop.path(name))
    let before = try ISOBench.open(source)
    let after = try bench.rewrite(source, Self.set, to: name)
    let label = try #require(after.labels.first)
    #expect(after.labels.count == 1)
    #expect(label.value == ISOWorkshop.json && label.isRegularPlace && label.form == .text)
    #expect(after.info == before.info)
    let texts = { (file: any MediaFile) in
      file.metadata.filter { $0.name != "AIGC" }.map { [$0.name, $0.value, $0.path] }
    }
    #expect(texts(after) == texts(before))
    let data = try Data(contentsOf: URL(fileURLWithPath: bench.file(name)))
    #expect(data.dropFirst(Int(label.offset) + 4).prefix(4) == Data("data".utf8))
    try Self.expectBoxesKept(from: ISOWorkshop.bytes(name), in: [UInt8](data))
  }

  /// Every box but the label's own and the tables of offsets is the same, and in the same order.
  private static func expectBoxesKept(from source: [UInt8], in result: [UInt8]) throws {
    let moving = ["stco", "co64", "tfhd", "sidx", "tfra", "mfra"]
    let plain = { (entries: [ISOBoxes.Entry]) in
      entries.filter { entry in !moving.contains { entry.path.hasSuffix($0) } }
    }
    let before = plain(ISOBoxes(source).leaves)
    var rest = plain(ISOBoxes(result).leaves)[...]
    for entry in before {
      // The label's box is one more, or a list of keys that has grown.
      while let first = rest.first, first != entry, first.path.hasSuffix("/meta") { rest = rest.dropFirst() }
      if entry.path.hasSuffix("/meta"), rest.first != entry { continue }
      #expect(rest.first == entry, "\(entry.path)")
      rest = rest.dropFirst()
    }
    #expect(rest.allSatisfy { $0.path.hasSuffix("/meta") })
  }

  @Test(arguments: ISOWorkshop.all) func theMediaIsTheSame(_ name: String) throws {
    let (bench, source) = (try ISOBench(), ISOWorkshop.path(name))
    try bench.rewrite(source, Self.set, to: name)
    let strict = ["-v", "error", "-err_detect", "explode", "-xerror"]
    let frames = { (path: String) in
      ["-i", path, "-map", "0", "-c", "copy", "-f", "framemd5", "-"]
    }
    let decoded = ["-map", "0:V?", "-map", "0:a?", "-f", "null", "/dev/null"]
    #expect(
      try ISOWorkshop.run("ffmpeg", ["-v", "error"] + frames(source))
        == ISOWorkshop.run("ffmpeg", strict + frames(bench.file(name)) + decoded))
  }

  @Test(arguments: ["chapters.mp4", "tracks.mp4", "timecode.mov", "base.mp4", "edits.mp4"])
  func playersSeeTheSameStreams(_ name: String) throws {
    let bench = try ISOBench()
    try bench.rewrite(ISOWorkshop.path(name), Self.set, to: name)
    let shown = ["-v", "error", "-show_chapters", "-show_packets", "-show_streams", "-of", "default"]
    let places = { (path: String) in
      // The position in the file is the one field that may change.
      try ISOWorkshop.lines("ffprobe", shown + [path]).filter { !$0.hasPrefix("pos=") }
    }
    #expect(try places(ISOWorkshop.path(name)) == places(bench.file(name)))
  }

  @Test func otherProgramsReadTheLabelAndTheTags() throws {
    let bench = try ISOBench()
    let results = ISOWorkshop.all.map { bench.file($0) }
    for name in ISOWorkshop.all { try bench.rewrite(ISOWorkshop.path(name), Self.set, to: name) }
    let label = ["-q", "-q", "-m", "-p", "$Keys:AIGC"]
    #expect(try ISOWorkshop.lines("exiftool", label + results) == results.map { _ in ISOWorkshop.json })
    let media = try ISOWorkshop.lines("mediainfo", results).filter { $0.hasPrefix("AIGC") }
    #expect(media.count == results.count && media.allSatisfy { $0.hasSuffix(ISOWorkshop.json) })
    let tags = { (path: String) in
      try ISOWorkshop.lines(
        "ffprobe", ["-v", "error", "-show_entries", "format_tags", "-of", "default=nw=1", path])
    }
    for (name, result) in zip(ISOWorkshop.all, results) {
      let labelled = try tags(result)
      #expect(labelled.contains("TAG:AIGC=\(ISOWorkshop.json)"), "\(name)")
      #expect(try Set(labelled).isSuperset(of: tags(ISOWorkshop.path(name))), "\(name)")
    }
  }

  @Test(arguments: ISOWorkshop.all) func settingTwiceIsSettingOnce(_ name: String) throws {
    let bench = try ISOBench()
    try bench.rewrite(ISOWorkshop.path(name), Self.set, to: "one")
    try bench.rewrite(bench.file("one"), Self.set, to: "two")
    #expect(FileManager.default.contentsEqual(atPath: bench.file("one"), andPath: bench.file("two")))
    let other = MetadataProperty(namespace: "", prefix: "", name: "AIGC", value: "{\"Label\":\"2\"}")
    let changed = try bench.rewrite(bench.file("two"), MetadataChanges(set: [other]), to: "three")
    #expect(changed.labels.map(\.value) == [other.value])
    let back = try bench.rewrite(bench.file("three"), Self.set, to: "four")
    #expect(back.labels.map(\.value) == [ISOWorkshop.json])
    #expect(FileManager.default.contentsEqual(atPath: bench.file("one"), andPath: bench.file("four")))
  }

  @Test(arguments: ISOWorkshop.all) func removingTheLabelGivesTheSourceBack(_ name: String) throws {
    let bench = try ISOBench()
    let labelled = try bench.rewrite(ISOWorkshop.path(name), Self.set, to: "one")
    let without = try bench.rewrite(bench.file("one"), MetadataChanges(remove: labelled.labels), to: "two")
    #expect(without.labels.isEmpty)
    #expect(try Data(contentsOf: URL(fileURLWithPath: bench.file("two"))) == Data(ISOWorkshop.bytes(name)))
  }

  @Test func theCoverSurvives() throws {
    let bench = try ISOBench()
    try bench.rewrite(ISOWorkshop.path("cover.mp4"), Self.set, to: "cover.mp4")
    let tags = try ISOWorkshop.run("AtomicParsley", [bench.file("cover.mp4"), "-t"])
    #expect(tags.contains("covr") && tags.contains("Test card"))
    let picture = try ISOWorkshop.run("exiftool", ["-s3", "-CoverArt", bench.file("cover.mp4")])
    #expect(try picture == ISOWorkshop.run("exiftool", ["-s3", "-CoverArt", ISOWorkshop.path("cover.mp4")]))
    #expect(!picture.isEmpty)
  }

  @Test func aPhonesListOfKeysTakesTheLabel() throws {
    let bench = try ISOBench()
    let file = try bench.rewrite(ISOWorkshop.path("phone.mov"), Self.set, to: "phone.mov")
    #expect(file.labels.map(\.path) == ["moov/meta keys AIGC"])
    let tags = try ISOWorkshop.run(
      "ffprobe", ["-v", "error", "-show_entries", "format_tags", bench.file("phone.mov")])
    #expect(tags.contains("com.apple.quicktime.make=Maker") && tags.contains("AIGC={"))
  }

  @Test(arguments: [
    ("faststart.mp4", MediaKind.video, 3.0, Orientation.up, "avc1 320×180, mp4a 44100 Hz 1 ch"),
    ("turned.mp4", .video, 3.0, .left, "avc1 320×180, mp4a 44100 Hz 1 ch"),
    ("speech.m4a", .audio, 3.81, .up, "mp4a 22050 Hz 1 ch"), ("chapters.mp4", .video, 3.0, .up, ""),
    ("tracks.mp4", .video, 3.0, .up, "avc1 320×180, mp4a 44100 Hz 1 ch, mp4a 44100 Hz 1 ch, tx3g subtitle"),
    ("index.mp4", .video, 3.0, .up, "avc1 320×180, mp4a 44100 Hz 1 ch"),
    ("timecode.mov", .video, 3.0, .up, "avc1 320×180, mp4a 44100 Hz 1 ch, tmcd data"),
  ]) func theHeaderIsRead(
    _ name: String, _ kind: MediaKind, _ duration: Double, _ orientation: Orientation, _ coding: String
  ) throws {
    let info = try ISOBench.open(ISOWorkshop.path(name)).info
    #expect(info.kind == kind && info.orientation == orientation)
    #expect(abs((info.duration ?? 0) - duration) < 0.1, "\(info.duration ?? 0)")
    if !coding.isEmpty { #expect(info.coding == coding) }
    if kind == .video { #expect(info.bitDepth == 8) }
  }
}
