import Foundation
import MediaCore
import Testing

@testable import MediaFormats

/// Laws that hold for every audio container and AVI.
@Suite struct AudioContainerTests {
  static let writable = [
    ("speech.wav", "wav"), ("speech-rf64.wav", "wav"), ("mpeg4.avi", "avi"), ("speech.mp3", "mp3"),
    ("speech.flac", "flac"), ("vorbis.ogg", "ogg"), ("speech.opus", "opus"),
  ]
  static let readable = writable + [("adts.aac", "adts"), ("speech.aiff", "aiff")]

  @Test(arguments: readable) func theFirstBytesTell(_ clip: String, _ id: String) throws {
    let head = Array(try AudioWorkshop.clip(clip).prefix(4096))
    let scores = BuiltinFormats.table.formats.map { ($0.descriptor.id.rawValue, $0.score(head)) }
    let best = try #require(scores.max { $0.1 < $1.1 })
    #expect(best.0 == id)
    #expect(scores.count { $0.1 == best.1 } == 1)
    let shop = try AudioWorkshop()
    try shop.write("in", try AudioWorkshop.clip(clip))
    #expect(try shop.open("in").info.format.rawValue == id)
  }

  @Test(arguments: writable) func aLabelIsWhereItBelongsAndAllElseStays(_ clip: String, _ id: String) throws {
    let shop = try AudioWorkshop()
    try shop.write("in", try AudioWorkshop.clip(clip))
    #expect(try shop.label() == [])
    let labels = try shop.labels()
    #expect(labels.count == 1)
    #expect(labels.first?.value == AudioWorkshop.json)
    #expect(labels.first?.isRegularPlace == true)
    #expect(try shop.others("out") == shop.others("in"))
    #expect(try shop.open("out").info == shop.open("in").info)
    #expect(try shop.essence("out") == shop.essence("in"))
    #expect(try shop.essence("in").count > 100)
    #expect(try shop.complaints("out") == "")
    // Where an item is said to stand, its bytes stand.
    let item = try #require(labels.first)
    let around = try shop.bytes("out").dropFirst(Int(item.offset)).prefix(64)
    #expect(String(decoding: around, as: UTF8.self).contains("AIGC"), "\(item)")

    try shop.rewrite("out", to: "twice", set: [AudioWorkshop.label()], remove: labels)
    #expect(try shop.bytes("twice") == shop.bytes("out"))
    try shop.rewrite("out", to: "set", set: [AudioWorkshop.label("{}")])
    #expect(try shop.labels("set").map(\.value) == ["{}"])
    try shop.rewrite("out", to: "without", remove: labels)
    #expect(try shop.labels("without").isEmpty)
    #expect(try shop.others("without") == shop.others("in"))
    #expect(try shop.essence("without") == shop.essence("in"))
    #expect(try shop.complaints("without") == "")
    try shop.rewrite("in", to: "same")
    #expect(try shop.bytes("same") == shop.bytes("in"))
  }

  @Test(arguments: writable) func otherProgramsReadTheLabel(_ clip: String, _ id: String) throws {
    let shop = try AudioWorkshop()
    try shop.write("in", try AudioWorkshop.clip(clip))
    try shop.label()
    let needle = "\"ProduceID\":\"20261123-000001\""
    if id != "wav", id != "avi" {
      #expect(
        try shop.shell("ffprobe -v error -show_entries format_tags:stream_tags out").text.contains(needle))
    }
    if id != "wav" { #expect(try shop.shell("mediainfo out").text.contains(needle)) }
    // ExifTool shows a tag that it has no name for to who asks.
    #expect(try shop.shell("exiftool -v4 out").text.contains("AIGC"))
    let complaints = try shop.shell("exiftool -warning -error out").text
    #expect(complaints == "", "\(complaints)")
    switch id {
    case "flac":
      #expect(try shop.shell("flac -t -s out").isOK)
      #expect(try shop.shell("metaflac --show-tag=AIGC out").text.contains(needle))
    case "ogg":
      let (text, isOK) = try shop.shell("ogginfo out")
      #expect(isOK && !text.contains("WARNING") && text.contains(needle), "\(text)")
      #expect(try shop.shell("vorbiscomment -l out").text.contains(needle))
    case "opus":
      let (text, isOK) = try shop.shell("opusinfo out")
      #expect(isOK && !text.contains("WARNING") && text.contains(needle), "\(text)")
    case "wav": #expect(try shop.shell("sox -t wav out -n stat").isOK)
    default: break
    }
  }

  @Test(arguments: ["adts.aac", "speech.aiff"]) func whereNoRuleNamesAPlaceNothingIsWritten(_ clip: String)
    throws
  {
    let shop = try AudioWorkshop()
    try shop.write("in", try AudioWorkshop.clip(clip))
    do {
      try shop.label()
      Issue.record("written")
    } catch let error as MediaError {
      #expect(error.code == .unsupported)
      #expect(error.message.contains("--remux"))
    }
  }

  @Test func whatIsInAFileIsSaid() throws {
    let shop = try AudioWorkshop()
    let expected = [
      "speech.wav": ("PCM 16000 Hz 1 ch", 3.81), "speech-rf64.wav": ("PCM 8000 Hz 1 ch", 3.81),
      "mpeg4.avi": ("FMP4 320×180, MPEG layer 3 44100 Hz 1 ch", 3.04),
      "speech.mp3": ("MPEG-2 layer 3 22050 Hz 1 ch", 3.81), "speech.flac": ("FLAC 16000 Hz 1 ch", 3.81),
      "vorbis.ogg": ("Vorbis 22050 Hz 1 ch", 3.81), "speech.opus": ("Opus 48000 Hz 1 ch", 3.81),
      "adts.aac": ("AAC object type 2 22050 Hz 1 ch", -1), "speech.aiff": ("PCM 8000 Hz 1 ch", 3.81),
    ]
    for (clip, (coding, seconds)) in expected {
      try shop.write("in", try AudioWorkshop.clip(clip))
      let info = try shop.open("in").info
      #expect(info.coding == coding)
      #expect(abs((info.duration ?? -1) - seconds) < 0.02, "\(clip) \(info.duration ?? -1)")
    }
  }
}
