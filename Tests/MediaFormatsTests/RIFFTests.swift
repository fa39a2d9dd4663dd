import Foundation
import MediaCore
import Testing

@testable import MediaFormats

/// WAVE and its 64-bit forms: every place a label is found in, and sizes that are open or at their end.
@Suite struct WAVETests {
  static let packet =
    "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
    + "<rdf:Description rdf:about='' xmlns:T='http://www.tc260.org.cn/ns/AIGC/1.0/' xmlns:d='urn:d'>"
    + "<T:AIGC>\(AudioWorkshop.json)</T:AIGC><d:kept>yes</d:kept></rdf:Description></rdf:RDF></x:xmpmeta>"

  static func info(_ entries: [UInt8]) -> [UInt8] { IFFChunk.riff("LIST", Array("INFO".utf8) + entries) }

  /// What stands in front of the sound and behind it, and whether the label in it stands where it should.
  static func places() throws -> [(name: String, front: [UInt8], back: [UInt8], isRegular: Bool)] {
    let json = Array(AudioWorkshop.json.utf8)
    let software = IFFChunk.riff("ISFT", Array("a program".utf8) + [0])
    let tag = try ID3Edit.newTag([AudioWorkshop.label()])
    return [
      ("behind data", [], IFFChunk.riff("AIGC", json + [0]), true),
      ("with a space", IFFChunk.riff("AIGC", json + [0x20, 0, 0]), [], true),
      ("small letters", IFFChunk.riff("aigc", json), [], false),
      ("INFO", [], info(software + IFFChunk.riff("AIGC", json + [0])), false),
      ("INFO alone", info(IFFChunk.riff("AIGC", json)), [], false),
      ("id3", [], IFFChunk.riff("id3 ", tag), false),
      ("ID3", IFFChunk.riff("ID3 ", tag + [0, 0]), [], false),
      ("XMP", [], IFFChunk.riff("_PMX", Array(packet.utf8)), false),
      ("bext", IFFChunk.riff("bext", json + [UInt8](repeating: 0, count: 602 - json.count)), [], false),
    ]
  }

  /// The clip with chunks in front of its sound and behind it.
  static func wave(front: [UInt8], back: [UInt8]) throws -> [UInt8] {
    let plain = try AudioWorkshop.clip("speech.wav")
    let bytes = Array(plain[..<36]) + front + plain[36...] + back
    return Array(bytes[..<4]) + UInt32(bytes.count - 8).littleEndianBytes + bytes[8...]
  }

  @Test func everyPlaceIsReadAndMovedFrom() throws {
    let shop = try AudioWorkshop()
    for place in try Self.places() {
      try shop.write("in", try Self.wave(front: place.front, back: place.back))
      let found = try shop.labels("in")
      #expect(found.count == 1, "\(place.name)")
      #expect(
        found.first?.value.trimmingCharacters(in: .whitespaces).hasPrefix(AudioWorkshop.json) == true,
        "\(place.name)")
      #expect(found.first?.isRegularPlace == place.isRegular, "\(place.name)")
      try shop.label(removing: found)
      let labels = try shop.labels()
      #expect(labels.map(\.value) == [AudioWorkshop.json], "\(place.name)")
      #expect(labels.first?.isRegularPlace == true)
      #expect(try shop.others("out") == shop.others("in"), "\(place.name)")
      #expect(try shop.essence("out") == shop.essence("in"), "\(place.name)")
      let bytes = try shop.bytes("out")
      #expect(Int(Array(bytes[4..<8].reversed()).bigEndian32) == bytes.count - 8, "\(place.name)")
      #expect(try shop.shell("exiftool -warning -error out").text == "", "\(place.name)")
    }
  }

  @Test func theBytesAreThoseOfTheGuide() throws {
    let shop = try AudioWorkshop()
    try shop.write("in", try AudioWorkshop.clip("speech.wav"))
    try shop.label()
    let bytes = try shop.bytes("out")
    let json = Array(AudioWorkshop.json.utf8)
    #expect(Array(bytes[36..<44]) == Array("AIGC".utf8) + [UInt8(json.count), 0, 0, 0])
    #expect(Array(bytes[44..<44 + json.count]) == json)
    #expect(bytes[44 + json.count] == 0 && json.count % 2 == 1)
  }

  @Test func aStreamOfUnknownLengthIsLabelled() throws {
    let shop = try AudioWorkshop()
    #expect(try shop.shell("ffmpeg -v error -i \(AudioWorkshop.clips)/speech.wav -f wav - > in").isOK)
    #expect(try shop.bytes("in")[4..<8].allSatisfy { $0 == 0xFF })
    try shop.label()
    #expect(try shop.labels().count == 1)
    #expect(try shop.bytes("out")[4..<8].allSatisfy { $0 == 0xFF })
    #expect(try shop.essence("out") == shop.essence("in"))
    // The same with zeros.
    var bytes = try shop.bytes("in")
    let data = try #require(Data(bytes).range(of: Data("data".utf8)))
    for index in [4, 5, 6, 7, data.upperBound, data.upperBound + 1, data.upperBound + 2, data.upperBound + 3]
    {
      bytes[index] = 0
    }
    try shop.write("in", bytes)
    #expect(abs((try shop.open("in").info.duration ?? 0) - 3.81) < 0.02)
    try shop.label()
    #expect(try shop.labels().count == 1)
  }

  @Test func whatIsCutOffIsReadButNotWritten() throws {
    let shop = try AudioWorkshop()
    try shop.write("in", Array(try AudioWorkshop.clip("speech.wav").dropLast(5000)))
    #expect(try shop.open("in").info.tracks.count == 1)
    #expect(throws: MediaError.self) { try shop.label() }
  }

  @Test func fourGigabytesAreTheEnd() throws {
    let shop = try AudioWorkshop()
    let head = try Self.wave(front: [], back: []).prefix(78)
    let data = UInt32(0xFFFF_FFFF - 200)
    var bytes = Array(head[..<4]) + (data + 28 + 34 + 8).littleEndianBytes + head[8..<36]
    bytes += Array("data".utf8) + (data - 34).littleEndianBytes
    try shop.write("in", bytes)
    #expect(truncate(shop.file("in"), Int(data) - 34 + bytes.count + 70) == 0)
    #expect(try shop.open("in").info.duration ?? 0 > 100_000)
    do {
      try shop.label()
      Issue.record("a size field overflowed")
    } catch let error as MediaError {
      #expect(error.code == .limitExceeded)
      #expect(error.message.contains("RF64"))
    }
    var big = try AudioWorkshop.clip("speech-rf64.wav")
    big.replaceSubrange(
      20..<36, with: UInt64(6_000_000_110).littleEndianBytes + UInt64(6_000_000_000).littleEndianBytes)
    try shop.write("in", big)
    #expect(truncate(shop.file("in"), 6_000_000_118) == 0)
    #expect(abs((try shop.open("in").info.duration ?? 0) - 375_000) < 1)
  }

  @Test func extensibleFormatsSayWhatTheyHold() throws {
    let shop = try AudioWorkshop()
    #expect(
      try shop.shell("ffmpeg -v error -f lavfi -i sine=d=1 -ac 6 -ar 96000 -c:a pcm_s24le -f wav in").isOK)
    let info = try shop.open("in").info
    #expect(info.coding == "PCM 96000 Hz 6 ch")
    #expect(info.bitDepth == 24)
    try shop.label()
    #expect(try shop.essence("out") == shop.essence("in"))
  }
}
