import Foundation
import MediaCore
import Testing

@testable import MediaFormats

/// Ogg: headers over several pages, chains, several streams, damage.
@Suite struct OggTests {
  /// Sequence numbers by serial, and whether each page's check sum holds, read without the code under test.
  private static func pages(_ bytes: [UInt8]) -> [(serial: [UInt8], number: Int, isIntact: Bool)] {
    var result: [([UInt8], Int, Bool)] = []
    var offset = 0
    while offset + 27 <= bytes.count, bytes[offset..<offset + 4].elementsEqual("OggS".utf8) {
      let count = Int(bytes[offset + 26])
      let end = offset + 27 + count + bytes[(offset + 27)..<(offset + 27 + count)].reduce(0) { $0 + Int($1) }
      guard end <= bytes.count else { break }
      var page = Array(bytes[offset..<end])
      let stored = Array(page[22..<26])
      for index in 22..<26 { page[index] = 0 }
      var crc: UInt32 = 0
      for byte in page {
        crc ^= UInt32(byte) << 24
        for _ in 0..<8 { crc = crc << 1 ^ (crc >> 31 == 1 ? 0x04C1_1DB7 : 0) }
      }
      let number = page[18..<22].reversed().reduce(0) { $0 << 8 | Int($1) }
      result.append((Array(page[14..<18]), number, stored == crc.littleEndianBytes))
      offset = end
    }
    return result
  }

  private static func expectWhole(_ shop: AudioWorkshop, _ name: String = "out") throws {
    var next: [[UInt8]: Int] = [:]
    for page in pages(try shop.bytes(name)) {
      #expect(page.isIntact)
      if page.number == 0 { next[page.serial] = 0 }
      #expect(page.number == next[page.serial] ?? 0)
      next[page.serial] = page.number + 1
    }
  }

  /// Decoders leave the page out, so that the sound would only seem to end early.
  @Test func aDamagedPageIsNamed() throws {
    let shop = try StreamWorkshop()
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: StreamWorkshop.clip("speech.opus"))))
    bytes[5000] ^= 4
    try shop.write("a.opus", bytes)
    let file = try #require(try shop.open("a.opus") as? any AudioMediaFile)
    let end = try #require(file.audio?.count)
    let output = try OutputFile(path: shop.file("out.opus"))
    let error = #expect(throws: MediaError.self) {
      try file.rewrite(
        to: output, changes: MetadataChanges(),
        edit: MediaEdit(sound: AudioEdit(ranges: [end - 40_000..<end - 4_000]) { _ in }))
    }
    #expect(error?.code == .malformed)
    #expect(error?.message.contains("page at offset 4699 is damaged") == true, "\(String(describing: error))")
  }

  private static let long = AudioWorkshop.label(
    "{\"Label\":\"1\",\"x\":\"" + String(repeating: "y", count: 140_000) + "\"}")

  @Test(arguments: ["vorbis.ogg", "speech.opus"]) func aHeaderOverManyPagesNumbersTheOthersAnew(
    _ clip: String
  ) throws {
    let shop = try AudioWorkshop()
    try shop.write("in", try AudioWorkshop.clip(clip))
    try shop.rewrite(set: [Self.long])
    try Self.expectWhole(shop)
    #expect(try Self.pages(shop.bytes("out")).count == Self.pages(shop.bytes("in")).count + 2)
    #expect(try shop.open("out").metadata.contains { $0.value == Self.long.value })
    #expect(try shop.essence("out") == shop.essence("in"))
    let (text, isOK) = try shop.shell(clip.hasSuffix("opus") ? "opusinfo out" : "ogginfo out")
    #expect(isOK && !text.contains("WARNING"), "\(text.suffix(2000))")
    // And back: fewer pages.
    try shop.rewrite("out", to: "back", set: [AudioWorkshop.label()])
    try Self.expectWhole(shop, "back")
    #expect(try shop.essence("back") == shop.essence("in"))
    #expect(try shop.labels("back").map(\.value) == [AudioWorkshop.json])
    #expect(try shop.complaints("back") == "")
  }

  @Test func aChainIsLabelledOnceAndReadThroughout() throws {
    let shop = try AudioWorkshop()
    for (name, frequency) in [("a", 300), ("b", 500), ("c", 700)] {
      try shop.shell(
        "ffmpeg -v error -f lavfi -i sine=f=\(frequency):d=1 -c:a libvorbis -metadata title=\(name) -f ogg \(name)"
      )
    }
    try shop.shell("cat a b c > in")
    #expect(abs((try shop.open("in").info.duration ?? 0) - 3) < 0.05)
    #expect(try shop.label().count == 1)
    #expect(try shop.labels().map(\.isRegularPlace) == [true])
    try Self.expectWhole(shop)
    try shop.rewrite(set: [Self.long])
    try Self.expectWhole(shop)
    let (text, isOK) = try shop.shell("ogginfo out")
    #expect(isOK && !text.contains("WARNING"))
    #expect(try Array(shop.bytes("out").suffix(5000)) == Array(shop.bytes("in").suffix(5000)))
    // A label in every link.
    for name in ["a", "b", "c"] {
      try shop.rewrite(name, to: "l" + name, set: [AudioWorkshop.label()])
    }
    try shop.shell("cat la lb lc > in")
    let found = try shop.labels("in")
    #expect(found.map(\.isRegularPlace) == [true, false, false])
    try shop.label(removing: found)
    #expect(try shop.labels().count == 1)
    try Self.expectWhole(shop)
    #expect(try shop.complaints("out") == "")
  }

  @Test(arguments: [
    (
      "-f lavfi -i testsrc=d=1:s=64x48:r=10 -f lavfi -i sine=d=1 -c:v libtheora -c:a libvorbis",
      "Theora 64×48, Vorbis 44100 Hz 1 ch"
    ),
    ("-f lavfi -i sine=d=1 -c:a flac", "FLAC 44100 Hz 1 ch"),
    ("-f lavfi -i sine=d=1:r=16000 -c:a libspeex", "Speex 16000 Hz 1 ch"),
    (
      "-f lavfi -i sine=d=1 -f lavfi -i sine=d=1:f=9 -map 0 -map 1 -c:a libopus",
      "Opus 48000 Hz 1 ch, Opus 48000 Hz 1 ch"
    ),
  ]) func otherStreamsAreLabelledToo(_ coding: String, _ summary: String) throws {
    let shop = try AudioWorkshop()
    #expect(try shop.shell("ffmpeg -v error \(coding) -metadata:s title=t -f ogg in").isOK)
    let info = try shop.open("in").info
    #expect(info.coding == summary)
    #expect(abs((info.duration ?? 0) - 1) < 0.1, "\(info.duration ?? 0)")
    for label in [AudioWorkshop.label(), Self.long] {
      try shop.rewrite(set: [label])
      #expect(try shop.open("out").metadata.count { $0.name == "AIGC" && $0.isRegularPlace } == 1)
      try Self.expectWhole(shop)
      // What ffmpeg keeps of Theora's headers has sizes of 16 bits.
      if label == Self.long, info.kind == .video { continue }
      #expect(try shop.essence("out") == shop.essence("in"))
      #expect(try shop.complaints("out") == "")
      #expect(try shop.shell("ffprobe -v error -show_entries stream_tags out").text.contains("AIGC"))
    }
  }

  @Test func thePaddingOfOpusIsUsedUp() throws {
    let shop = try AudioWorkshop()
    try shop.write("tmp", try AudioWorkshop.clip("speech.opus"))
    // A value is taken away behind a packet that was padded to twice its length.
    let clip = try AudioWorkshop.clip("speech.opus")
    let tags = Array("OpusTags".utf8) + VorbisComments.new([]) + [UInt8](repeating: 0, count: 700)
    let page = OggPage.serialized(
      flags: 0, granule: 0, serial: Array(clip[14..<18].reversed()).bigEndian32, sequence: 1,
      lacing: [255, 255, UInt8(tags.count - 510)], body: tags[...])
    let end = try #require(Data(clip).range(of: Data("OggS".utf8), in: 100..<clip.count)).lowerBound
    try shop.write("in", Array(clip[..<47]) + page + clip[end...])
    try shop.label()
    #expect(try shop.bytes("out").count == shop.bytes("in").count)
    #expect(try Array(shop.bytes("out")[(47 + page.count)...]) == Array(clip[end...]))
    #expect(try shop.shell("opusinfo out").isOK)
  }

  @Test func damageIsReportedAndNeverHealed() throws {
    let shop = try AudioWorkshop()
    var bytes = try AudioWorkshop.clip("vorbis.ogg")
    let title = try #require(Data(bytes).range(of: Data("Speech".utf8))).lowerBound
    bytes[title] ^= 1
    try shop.write("in", bytes)
    #expect(try shop.open("in").metadata.contains { $0.path.contains("bad CRC") && !$0.isRegularPlace })
    #expect(throws: MediaError.self) { try shop.label() }
    bytes[title] ^= 1
    bytes[bytes.count - 100] ^= 1
    try shop.write("in", bytes)
    try shop.rewrite(set: [Self.long])
    #expect(Self.pages(try shop.bytes("out")).map(\.isIntact).count { !$0 } == 1)
    // Rubbish between pages stays where it is.
    let whole = try AudioWorkshop.clip("vorbis.ogg")
    let last = try #require(Data(whole).range(of: Data("OggS".utf8), options: .backwards)).lowerBound
    try shop.write("in", Array(whole[..<last]) + Array("rubbish".utf8) + whole[last...])
    try shop.rewrite(set: [Self.long])
    #expect(Data(try shop.bytes("out")).range(of: Data("rubbishOggS".utf8)) != nil)
  }
}
