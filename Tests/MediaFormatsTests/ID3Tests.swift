import Foundation
import MediaCore
import Testing

@testable import MediaFormats

/// Every form of ID3v2 that is met, and the other tags of an MP3.
@Suite struct ID3Tests {
  static let json = AudioWorkshop.json
  /// The frames of the clip, without its tag.
  static func audio() throws -> [UInt8] { Array(try AudioWorkshop.clip("speech.mp3")[63...]) }

  static func frame(_ id: String, _ content: [UInt8], version: UInt8 = 3, flags: UInt8 = 0) -> [UInt8] {
    let size = UInt32(content.count)
    switch version {
    case 2: return Array(id.utf8) + size.bigEndianBytes.dropFirst() + content
    case 3: return Array(id.utf8) + size.bigEndianBytes + [0, flags] + content
    default: return Array(id.utf8) + ID3Size.bytes(content.count) + [0, flags] + content
    }
  }

  static func tag(_ body: [UInt8], version: UInt8 = 3, flags: UInt8 = 0) -> [UInt8] {
    let size = ID3Size.bytes(body.count)
    let footer = flags & 0x10 != 0 ? Array("3DI".utf8) + [version, 0, flags] + size : []
    return Array("ID3".utf8) + [version, 0, flags] + size + body + footer
  }

  static func wide(_ text: String, bigEndian: Bool) -> [UInt8] {
    text.utf16.flatMap { bigEndian ? $0.bigEndianBytes : $0.littleEndianBytes }
  }

  static func userText(_ coding: UInt8, bigEndian: Bool = false, tail: [UInt8] = []) -> [UInt8] {
    guard coding == 1 || coding == 2 else { return [coding] + Array("AIGC\0\(json)".utf8) + tail }
    let mark: [UInt8] = coding == 2 ? [] : bigEndian ? [0xFE, 0xFF] : [0xFF, 0xFE]
    return [coding] + mark + wide("AIGC", bigEndian: bigEndian) + [0, 0] + mark
      + wide(json, bigEndian: bigEndian) + tail
  }

  static func ape(hasHeader: Bool) -> [UInt8] {
    func item(_ key: String, _ value: [UInt8]) -> [UInt8] {
      UInt32(value.count).littleEndianBytes + [0, 0, 0, 0] + Array("\(key)\0".utf8) + value
    }
    let items = item("Artist", Array("someone".utf8)) + item("AIGC", Array(json.utf8))
    func frame(_ flags: UInt8) -> [UInt8] {
      Array("APETAGEX".utf8) + UInt32(2000).littleEndianBytes + UInt32(items.count + 32).littleEndianBytes
        + UInt32(2).littleEndianBytes + [0, 0, 0, flags] + [UInt8](repeating: 0, count: 8)
    }
    return (hasHeader ? frame(0xA0) : []) + items + frame(hasHeader ? 0x80 : 0)
  }

  static let id3v1 = Array("TAGold title".utf8) + [UInt8](repeating: 0, count: 116)
  static let title = frame("TIT2", [3] + Array("A title".utf8), version: 4)
  /// A frame that is kept, with bytes that unsynchronisation changes.
  static let picture = frame("PRIV", Array("owner\0".utf8) + [0, 0xFF, 0, 0xFF, 0xE1, 0xFF, 0x12, 0xFF])

  /// Name, what stands in front of the audio and behind it, and whether the label in it stands where it should.
  static let forms: [(name: String, front: [UInt8], back: [UInt8], isRegular: Bool)] = [
    (
      "2.2", tag(frame("TT2", [0, 65], version: 2) + frame("TXX", userText(0), version: 2), version: 2), [],
      true
    ),
    ("2.2 UTF-16", tag(frame("TXX", userText(1), version: 2), version: 2), [], true),
    ("2.3", tag(frame("TXXX", userText(0)) + picture), [], true),
    ("2.3 zero", tag(frame("TXXX", userText(0, tail: [0, 0]))), [], true),
    ("2.3 UTF-16", tag(picture + frame("TXXX", userText(1, tail: [0, 0]))), [], true),
    ("2.3 UTF-16BE", tag(frame("TXXX", userText(1, bigEndian: true))), [], true),
    ("2.4 UTF-16BE", tag(frame("TXXX", userText(2, bigEndian: true), version: 4), version: 4), [], true),
    ("2.4", tag(title + frame("TXXX", userText(3), version: 4) + [0, 0, 0, 0], version: 4), [], true),
    ("2.4 footer", tag(title + frame("TXXX", userText(3), version: 4), version: 4, flags: 0x10), [], true),
    (
      "2.4 plain sizes",
      tag(
        Array("TXXX".utf8) + [0, 0, 0, UInt8(userText(3).count), 0, 0] + userText(3)
          + Array("TIT2".utf8) + [0, 0, 0, 201, 0, 0, 3] + [UInt8](repeating: 65, count: 200), version: 4),
      [], true
    ),
    (
      "2.4 length indicator and group",
      tag(
        frame("TXXX", [9] + ID3Size.bytes(userText(3).count) + userText(3), version: 4, flags: 0x41),
        version: 4), [],
      true
    ),
    (
      "2.4 unsynchronised frame",
      tag(frame("TXXX", ID3Unsynchronisation.applied(userText(1)), version: 4, flags: 2), version: 4), [],
      true
    ),
    (
      "2.3 unsynchronised",
      tag(ID3Unsynchronisation.applied(picture + frame("TXXX", userText(1)) + picture), flags: 0x80), [], true
    ),
    (
      "2.3 extended",
      tag([0, 0, 0, 6, 0, 0, 0, 0, 0, 0] + frame("TXXX", userText(0)) + picture, flags: 0x40), [], true
    ),
    (
      "2.4 extended",
      tag(
        [0, 0, 0, 12, 1, 0x20, 5, 1, 2, 3, 4, 5] + title + frame("TXXX", userText(3), version: 4), version: 4,
        flags: 0x40),
      [], true
    ),
    ("two tags", tag(picture) + tag(frame("TXXX", userText(0))), [], false),
    ("comment", tag(frame("COMM", [0] + Array("eng\0\(json)".utf8)) + picture), [], true),
    ("XMP", tag(picture + frame("PRIV", Array("XMP\0\(WAVETests.packet)".utf8))), [], false),
    (
      "appended", tag(picture),
      tag(title + frame("TXXX", userText(3), version: 4), version: 4, flags: 0x10) + id3v1, false
    ),
    ("APE", [], ape(hasHeader: true), false),
    ("APE and ID3v1", tag(picture), ape(hasHeader: false) + id3v1, false),
  ]

  @Test func everyFormIsReadAndMovedFrom() throws {
    let shop = try AudioWorkshop()
    let audio = Data(try Self.audio())
    for (index, form) in Self.forms.enumerated() {
      try shop.write("in", form.front + audio + form.back)
      let found = try shop.labels("in")
      #expect(found.map { $0.value } == [Self.json], "\(form.name)")
      #expect(found.first?.isRegularPlace == form.isRegular, "\(form.name)")
      let out = "out\(index).mp3"
      try shop.rewrite(to: out, set: [AudioWorkshop.label()], remove: found)
      let labels = try shop.labels(out)
      #expect(labels.map(\.value) == [Self.json], "\(form.name)")
      #expect(labels.first?.isRegularPlace == true && labels.first?.name == "AIGC", "\(form.name)")
      #expect(Set(try shop.others(out)) == Set(try shop.others("in")), "\(form.name)")
      let result = Data(try shop.bytes(out))
      #expect(result.range(of: audio) != nil, "\(form.name)")
      for kept in [Self.picture, Self.title, Self.id3v1]
      where Data(form.front + form.back).range(of: Data(kept)) != nil {
        #expect(result.range(of: Data(kept)) != nil, "\(form.name)")
      }
      // ffmpeg takes the sizes of unsynchronised frames for stored ones.
      let reader =
        form.name == "2.3 unsynchronised" ? "exiftool" : "ffprobe -v error -show_entries format_tags"
      #expect(try shop.shell("\(reader) \(out)").text.contains(Self.json), "\(form.name)")
      try shop.rewrite("in", to: "without", remove: found)
      #expect(try shop.labels("without").isEmpty, "\(form.name)")
      #expect(Data(try shop.bytes("without")).range(of: audio) != nil, "\(form.name)")
    }
    // Of three of the inputs ExifTool complains that a frame without padding behind it has the wrong size.
    let complaints = try shop.shell("exiftool -q -warning -error *.mp3").text.split(separator: "\n")
    #expect(
      complaints.allSatisfy { $0.hasSuffix("Invalid ID3 frame size") } && complaints.count <= 3,
      "\(complaints)")
  }

  @Test func theBytesAreThoseOfTheGuide() throws {
    let shop = try AudioWorkshop()
    try shop.write("in", try Self.audio())
    try shop.label()
    var head = Array("ID3".utf8) + [3, 0, 0] + ID3Size.bytes(Self.json.utf8.count + 16)
    head +=
      Array("TXXX".utf8) + [0, 0, 0, UInt8(Self.json.utf8.count + 6), 0, 0, 0]
      + Array("AIGC\0\(Self.json)".utf8)
    #expect(try shop.bytes("out") == head + Self.audio())
    try shop.write("in", Self.tag(Self.title, version: 4) + Self.audio())
    try shop.label()
    let coding = try #require(Data(try shop.bytes("out")).range(of: Data("AIGC".utf8))).lowerBound - 1
    #expect(try shop.bytes("out")[coding] == 3)
  }

  @Test func paddingIsUsedUpBeforeTheAudioMoves() throws {
    let shop = try AudioWorkshop()
    let front = Self.tag(Self.picture + [UInt8](repeating: 0, count: 400))
    try shop.write("in", front + Self.audio())
    try shop.label()
    #expect(try shop.bytes("out").count == shop.bytes("in").count)
    #expect(try Array(shop.bytes("out")[front.count...]) == Self.audio())
    #expect(
      try Array(shop.bytes("out")[..<(10 + Self.picture.count)]) == Array(front[..<(10 + Self.picture.count)])
    )
    try shop.rewrite("out", to: "back", remove: try shop.labels())
    #expect(try shop.bytes("back") == shop.bytes("in"))
  }

  @Test func whatVersion3CannotSayInLatin1GoesAsUTF16() throws {
    let shop = try AudioWorkshop()
    let value = #"{"Label":"1","ContentProducer":"某公司","ProduceID":"1"}"#
    try shop.write("in", try Self.audio())
    try shop.rewrite(set: [AudioWorkshop.label(value)])
    #expect(try shop.labels().map(\.value) == [value])
    #expect(
      try shop.shell("ffprobe -v error -show_entries format_tags out").text.contains("TAG:AIGC=\(value)"))
  }

  @Test func whatIsCompressedOrDamagedIsReportedAndNotTouched() throws {
    let shop = try AudioWorkshop()
    try shop.write("in", Self.tag(Self.frame("TXXX", [0, 0, 0, 9, 1, 2, 3], flags: 0x80)) + Self.audio())
    #expect(try shop.open("in").metadata.contains { $0.form == .presence && $0.namespace == "TXXX" })
    try shop.label()
    #expect(try shop.labels().count == 1)
    try shop.write("in", Self.tag(Self.picture + Array("????????????????".utf8)) + Self.audio())
    #expect(try shop.open("in").metadata.contains { $0.form == .presence && $0.name == "" })
    #expect(throws: MediaError.self) { try shop.label() }
    let store = Self.frame("GEOB", [0] + Array("application/x-c2pa-manifest-store\0a\0b\0".utf8))
    try shop.write("in", Self.tag(store) + Self.audio())
    #expect(try shop.open("in").metadata.contains { $0.carrier == .box && $0.name == "c2pa" })
    try shop.label()
    #expect(try Data(shop.bytes("out")).range(of: Data(store)) != nil)
  }

  @Test func aLongTagIsLookedBehind() throws {
    let shop = try AudioWorkshop()
    let front = Self.tag(Self.frame("APIC", [UInt8](repeating: 7, count: 9000)))
    for (clip, id) in [("speech.flac", "flac"), ("adts.aac", "adts"), ("speech.mp3", "mp3")] {
      try shop.write("in", front + AudioWorkshop.clip(clip))
      #expect(try shop.open("in").info.format.rawValue == id)
    }
  }
}
