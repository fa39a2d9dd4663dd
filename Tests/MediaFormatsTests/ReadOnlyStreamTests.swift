import Foundation
import MediaCore
import Testing

@testable import MediaFormats

/// Containers that no guide gives a place for the label: what is there is read, nothing is written.
@Suite struct ReadOnlyStreamTests {
  static let clips = ["windows.wmv", "transport.ts", "program.mpg", "speech.caf", "silence.amr"]

  /// Every clip, and the format that is to know it; nil for those of others.
  static let homes: [String: String] = [
    "h264.mkv": "mkv", "vp9.webm": "webm", "flash.flv": "flv", "windows.wmv": "asf", "transport.ts": "ts",
    "speech.caf": "caf", "silence.amr": "amr", "program.mpg": "mpg",
  ]

  @Test func eachClipIsKnownByItsOwnFormatAlone() throws {
    let ours = Set(Self.homes.values)
    for name in try FileManager.default.contentsOfDirectory(atPath: StreamWorkshop.clip("")) {
      let head = try InputFile(path: StreamWorkshop.clip(name)).read(4096)
      for format in BuiltinFormats.table.formats where ours.contains(format.descriptor.id.rawValue) {
        let isHome = format.descriptor.id.rawValue == Self.homes[name]
        #expect(isHome == (format.score(head) > 0), "\(name) as \(format.descriptor.id)")
      }
      if let home = Self.homes[name] {
        #expect(BuiltinFormats.table.probe(head)?.descriptor.id.rawValue == home)
      }
    }
  }

  @Test(arguments: clips) func nothingIsWritten(_ clip: String) throws {
    let shop = try StreamWorkshop()
    try shop.shell("cp $clips/\(clip) in")
    do {
      try shop.rewrite("in", to: "out", MetadataChanges(set: [StreamWorkshop.property()]))
      Issue.record("\(clip) was labelled")
    } catch let error as MediaError {
      #expect(error.code == .unsupported)
      #expect(error.message.contains("--remux"))
    }
    #expect(!FileManager.default.fileExists(atPath: shop.file("out")))
  }

  @Test(arguments: [
    ("windows.wmv", "WMV2 320×180, 0x0161 44100 Hz 1 ch"), ("transport.ts", "H.264 0×0, AAC ADTS 0 Hz 0 ch"),
    ("program.mpg", "MPEG-2 320×180, MPEG audio 0 Hz 0 ch"),
    ("speech.caf", "lpcm 8000 Hz 1 ch"), ("silence.amr", "AMR 8000 Hz 1 ch"),
  ]) func tracksAndDurationAgreeWithFFprobe(_ clip: String, _ coding: String) throws {
    let shop = try StreamWorkshop()
    try shop.shell("cp $clips/\(clip) in")
    let info = try shop.open("in").info
    #expect(info.coding == coding)
    let text = try shop.shell("ffprobe -v error -show_entries format=duration -of default=nw=1:nk=1 in")
    let expected = try #require(Double(text.trimmingCharacters(in: .newlines)))
    // The clock of a pack says when it arrives, which is before what is in it is shown.
    #expect(
      abs((info.duration ?? 0) - expected) < (clip == "program.mpg" ? 0.3 : 0.15),
      "\(clip): \(info.duration ?? 0), \(expected)")
  }

  @Test func labelsOfOtherWritersAreRead() throws {
    let shop = try StreamWorkshop()
    for (clip, format) in [("windows.wmv", "asf"), ("speech.caf", "caf")] {
      try shop.shell(
        "ffmpeg -v error -y -i $clips/\(clip) -c copy -metadata AIGC='\(StreamWorkshop.json)' -metadata title=Card -f \(format) in"
      )
      let items = try shop.open("in").metadata
      let labels = items.filter { $0.name == "AIGC" }
      #expect(labels.map(\.value) == [StreamWorkshop.json], "\(clip)")
      #expect(labels.allSatisfy { !$0.isRegularPlace }, "\(clip)")
      #expect(items.contains { $0.name.lowercased() == "title" && $0.value == "Card" }, "\(clip)")
      let bytes = try shop.bytes("in")
      let name =
        format == "asf" ? [10, 0] + Array("AIGC".utf16).flatMap(\.littleEndianBytes) : Array("AIGC".utf8)
      for label in labels { #expect(bytes[Int(label.offset)...].starts(with: name), "\(clip)") }
    }
  }

  @Test func packetsOfEveryLengthAreRead() throws {
    let shop = try StreamWorkshop()
    try shop.shell("ffmpeg -v error -y -i $clips/h264.mkv -c copy -mpegts_m2ts_mode 1 -f mpegts in")
    #expect(try shop.open("in").info.tracks.count == 2)
    let plain = [UInt8](try Data(contentsOf: URL(fileURLWithPath: StreamWorkshop.clip("transport.ts"))))
    let long = stride(from: 0, to: plain.count, by: 188).flatMap {
      Array(plain[$0..<$0 + 188]) + Array(repeating: 0, count: 16)
    }
    try shop.write("in", long)
    let file = try shop.open("in")
    #expect(file.info.tracks.count == 2)
    #expect(file.metadata.map(\.value) == ["FFmpeg", "Service01"])
    #expect(abs((file.info.duration ?? 0) - 3) < 0.2)
    try shop.shell("ffmpeg -v error -y -i $clips/h264.mkv -c copy -metadata service_name=Kanal -f mpegts in")
    #expect(try shop.open("in").metadata.contains { $0.name == "service_name" && $0.value == "Kanal" })
  }

  @Test(arguments: [
    ("-c:v mpeg1video -c:a mp2 -f mpeg", "MPEG-1 320×180, MPEG audio 0 Hz 0 ch"),
    ("-c:v mpeg2video -c:a ac3 -f dvd", "MPEG-2 320×180, AC-3 0 Hz 0 ch"),
    ("-c:v libx264 -preset ultrafast -c:a mp2 -f vob", "H.264 0×0, MPEG audio 0 Hz 0 ch"),
    ("-vn -c:a mp2 -f vob", "MPEG audio 0 Hz 0 ch"),
  ]) func programStreamsOfEveryKindAreTold(_ options: String, _ coding: String) throws {
    let shop = try StreamWorkshop()
    try shop.shell("ffmpeg -v error -y -i $clips/h264.mkv -ac 2 \(options) in")
    let info = try shop.open("in").info
    #expect(info.format.rawValue == "mpg" && info.coding == coding)
    #expect(abs((info.duration ?? 0) - 3) < 0.6, "\(info.duration ?? 0)")
  }

  @Test func wideBandAndManyChannelsAreTold() throws {
    let shop = try StreamWorkshop()
    let frames = [UInt8](repeating: 0, count: 100).flatMap { _ in
      [0x4C as UInt8] + Array(repeating: 0, count: 5)
    }
    try shop.write("in", Array("#!AMR-WB\n".utf8) + frames)
    let info = try shop.open("in").info
    #expect(info.coding == "AMR-WB 16000 Hz 1 ch")
    #expect(info.duration == 2)
    try shop.write("in", Array("#!AMR_MC1.0\n".utf8) + [0, 0, 0, 2] + frames.map { $0 == 0x4C ? 0x44 : $0 })
    #expect(try shop.open("in").info.duration == 1)
  }

  @Test func aPacketOfXMPIsRead() throws {
    let shop = try StreamWorkshop()
    let packet = XMPWriting.packet([StreamWorkshop.property()])
    let windows = [UInt8](try Data(contentsOf: URL(fileURLWithPath: StreamWorkshop.clip("windows.wmv"))))
    try shop.write(
      "in", windows + ASFIdentifier.packet.bytes + UInt64(24 + packet.count).littleEndianBytes + packet)
    #expect(try shop.open("in").metadata.contains { $0.carrier == .xmp && $0.value == StreamWorkshop.json })
    let speech = [UInt8](try Data(contentsOf: URL(fileURLWithPath: StreamWorkshop.clip("speech.caf"))))
    let id: [UInt8] = [
      0xBE, 0x7A, 0xCF, 0xCB, 0x97, 0xA9, 0x42, 0xE8, 0x9C, 0x71, 0x99, 0x94, 0x91, 0xE3, 0xAF, 0xAC,
    ]
    try shop.write("in", speech + Array("uuid".utf8) + UInt64(16 + packet.count).bigEndianBytes + id + packet)
    #expect(try shop.open("in").metadata.contains { $0.carrier == .xmp && $0.value == StreamWorkshop.json })
  }

  @Test(arguments: clips) func injuredFilesGiveAnErrorOrAResult(_ clip: String) throws {
    let shop = try StreamWorkshop()
    try shop.shell("cp $clips/\(clip) in")
    try shop.torment("in", flips: 500)
  }
}
