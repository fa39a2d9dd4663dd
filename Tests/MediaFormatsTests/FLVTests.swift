import Foundation
import MediaCore
import Testing

@testable import MediaFormats

/// Labels in FLV, judged by ffmpeg, exiftool and mediainfo.
@Suite struct FLVTests {
  /// The tags of a file, read without the code under test; what does not fit is a fault.
  private struct Chain {
    var faults: [String] = []
    var tags: [(type: UInt8, offset: Int, data: Range<Int>)] = []

    init(_ bytes: [UInt8]) {
      var offset = 13
      while offset < bytes.count {
        let size = bytes[offset + 1..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
        let end = offset + 11 + size
        guard end + 4 <= bytes.count else {
          faults.append("tag at \(offset) ends at \(end)")
          return
        }
        tags.append((bytes[offset], offset, offset + 11..<end))
        let back = bytes[end..<end + 4].reduce(0) { $0 << 8 | Int($1) }
        if back != 11 + size { faults.append("size \(back) behind the tag at \(offset)") }
        offset = end + 4
      }
    }
  }

  private static func number(_ name: String, in bytes: [UInt8], from start: Int = 0) -> Double? {
    let word = Array(name.utf8) + [0]
    guard let place = bytes[start...].firstRange(of: word) else { return nil }
    return Double(
      bitPattern: bytes[place.upperBound..<place.upperBound + 8].reduce(0) { $0 << 8 | UInt64($1) })
  }

  /// The offsets of the keyframe index.
  private static func positions(in bytes: [UInt8]) -> [Int] {
    guard let place = bytes.firstRange(of: Array("filepositions".utf8) + [10]) else { return [] }
    let count = bytes[place.upperBound..<place.upperBound + 4].reduce(0) { $0 << 8 | Int($1) }
    return (0..<count).map { index in
      let start = place.upperBound + 4 + 9 * index + 1
      return Int(Double(bitPattern: bytes[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) }))
    }
  }

  static let commands = [
    "cp $clips/flash.flv in",
    "ffmpeg -v error -i $clips/flash.flv -c copy -flvflags add_keyframe_index -f flv in",
    "ffmpeg -v error -i $clips/flash.flv -map 0:a -c copy -f flv in",
    "ffmpeg -v error -i $clips/flash.flv -map 0:v -c copy -f flv - | cat > in",
    "ffmpeg -v error -i $clips/flash.flv -t 1 -c:v flv1 -c:a libmp3lame -ar 22050 -f flv in",
    "ffmpeg -v error -i $clips/flash.flv -c copy -flvflags no_metadata -f flv in",
  ]

  @Test(arguments: commands) func theLabelIsFoundByAllAndNothingElseChanges(_ command: String) throws {
    let shop = try StreamWorkshop()
    try shop.shell(command)
    let before = try shop.open("in")
    try shop.rewrite("in", to: "out", MetadataChanges(set: [StreamWorkshop.property()]))
    let after = try shop.open("out")
    let labels = after.metadata.filter { $0.name == "AIGC" }
    #expect(labels.map(\.value) == [StreamWorkshop.json])
    #expect(labels.allSatisfy { $0.isRegularPlace && $0.form == .text })
    #expect(StreamWorkshop.others(after) == StreamWorkshop.others(before))
    #expect(after.info == before.info)
    let (source, result) = (try shop.bytes("in"), try shop.bytes("out"))
    for label in labels { #expect(result[Int(label.offset)...].starts(with: [0, 4] + Array("AIGC".utf8))) }

    let (old, new) = (Chain(source), Chain(result))
    #expect(new.faults == old.faults)
    #expect(
      Self.number("filesize", in: result).map { Int($0) } ?? result.count
        == (Self.number("filesize", in: source) == 0 ? 0 : result.count))
    let places = Self.positions(in: result)
    #expect(places.count == Self.positions(in: source).count)
    for place in places { #expect(new.tags.contains { $0.offset == place && $0.type == 9 }, "\(place)") }

    #expect(
      try shop.shell("ffprobe -v error -show_entries format_tags=AIGC -of default=nw=1:nk=1 out")
        == StreamWorkshop.json + "\n")
    #expect(try shop.shell("exiftool -s3 -AIGC out") == StreamWorkshop.json + "\n")
    #expect(try shop.shell("mediainfo out").contains(StreamWorkshop.json))
    #expect(try shop.essence("out") == shop.essence("in"))
    #expect(try shop.complaints("out") == shop.complaints("in"))
    if before.info.kind == .video {
      let seek = "ffmpeg -v error -ss 0.5 -i FILE -map 0:v -frames:v 1 -f framemd5 - | grep -v '^#'"
      #expect(
        try shop.shell(seek.replacing("FILE", with: "out")) == shop.shell(seek.replacing("FILE", with: "in")))
    }

    try shop.rewrite("out", to: "twice", MetadataChanges(set: [StreamWorkshop.property()]))
    #expect(try shop.bytes("twice") == result)
    try shop.rewrite("out", to: "bare", MetadataChanges(remove: labels))
    let bare = try shop.bytes("bare")
    // A tag that was made for the label stays, empty.
    if before.metadata.isEmpty {
      #expect(!(try shop.open("bare").metadata.contains { $0.name == "AIGC" }))
    } else {
      #expect(bare == source)
    }
  }

  private static func named(_ name: String, _ value: [UInt8]) -> [UInt8] { AMFWriting.name(name) + value }

  private static func file(_ scripts: [[UInt8]], media: [UInt8]) -> [UInt8] {
    var bytes = Array("FLV".utf8) + [1, 5, 0, 0, 0, 9, 0, 0, 0, 0]
    for data in scripts {
      let size = UInt32(data.count)
      bytes +=
        [18] + size.bigEndianBytes.dropFirst() + [0, 0, 0, 0, 0, 0, 0] + data + (size + 11).bigEndianBytes
    }
    return bytes + media
  }

  @Test func everyVariantIsReadAndTakenAway() throws {
    let shop = try StreamWorkshop()
    let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: StreamWorkshop.clip("flash.flv"))))
    let first = try #require(Chain(whole).tags.first { $0.type != 18 })
    let media = Array(whole[first.offset...])
    let json = #"{"Label":"1","ContentProducer":"p","ProduceID":"n"}"#
    let fields =
      Self.named("Label", AMFWriting.string("1"))
      + Self.named("ContentProducer", AMFWriting.string("p"))
      + Self.named("ProduceID", AMFWriting.string("n"))
    let object: [UInt8] = [3] + fields + [0, 0, 9]
    let long = Array(json.utf8)
    let longString: [UInt8] = [12] + UInt32(long.count).bigEndianBytes + long
    let other = Self.named("creator", AMFWriting.string("someone"))
    func array(_ name: String, _ label: [UInt8]) -> [UInt8] {
      AMFWriting.array([other, Self.named(name, label)])
    }
    let meta = AMFWriting.string("onMetaData")
    let packet =
      #"<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/"><TC260:AIGC>"#
      + json + "</TC260:AIGC></rdf:Description></rdf:RDF></x:xmpmeta>"
    let variants: [(String, [[UInt8]], isRegular: Bool)] = [
      ("string", [meta + array("AIGC", AMFWriting.string(json))], true),
      ("long string", [meta + array("AIGC", longString)], true),
      ("object", [meta + array("AIGC", object)], false),
      ("nested array", [meta + array("AIGC", AMFWriting.array([fields]))], false),
      ("case", [meta + array("aigc", AMFWriting.string(json))], false),
      ("plain object", [meta + [3] + other + Self.named("AIGC", AMFWriting.string(json)) + [0, 0, 9]], true),
      ("no end", [meta + Array(array("AIGC", AMFWriting.string(json)).dropLast(3))], true),
      (
        "command", [AMFWriting.string("@setDataFrame") + meta + array("AIGC", AMFWriting.string(json))], false
      ),
      (
        "another tag",
        [
          meta + AMFWriting.array([other]),
          AMFWriting.string("onLabel") + array("AIGC", AMFWriting.string(json)),
        ], false
      ),
      ("second", [meta + AMFWriting.array([other]), meta + array("AIGC", AMFWriting.string(json))], false),
      (
        "XMP",
        [
          meta + AMFWriting.array([other]),
          AMFWriting.string("onXMPData")
            + AMFWriting.array([Self.named("liveXML", AMFWriting.string(packet))]),
        ], true
      ),
    ]
    for (name, scripts, isRegular) in variants {
      try shop.write("in", Self.file(scripts, media: media))
      let items = try shop.open("in").metadata.filter { $0.name.lowercased() == "aigc" }
      #expect(items.map(\.value) == [json], "\(name)")
      #expect(items.allSatisfy { $0.isRegularPlace == isRegular }, "\(name)")
      try shop.rewrite("in", to: "bare", MetadataChanges(remove: items))
      let bare = try shop.open("bare")
      #expect(!bare.metadata.contains { $0.name.lowercased() == "aigc" }, "\(name)")
      #expect(bare.metadata.contains { $0.name == "creator" }, "\(name)")
      #expect(Chain(try shop.bytes("bare")).faults == [], "\(name)")
      try shop.rewrite("in", to: "out", MetadataChanges(set: [StreamWorkshop.property()], remove: items))
      let labels = try shop.open("out").metadata.filter { $0.name.lowercased() == "aigc" }
      #expect(labels.map(\.value) == [StreamWorkshop.json], "\(name)")
      #expect(labels.allSatisfy { $0.isRegularPlace && $0.carrier == .script }, "\(name)")
      #expect(Chain(try shop.bytes("out")).faults == [], "\(name)")
      let streams = "-map 0:v -map 0:a"
      #expect(try shop.essence("out", streams) == shop.essence("in", streams), "\(name)")
      #expect(try shop.shell("exiftool -s3 -AIGC out") == StreamWorkshop.json + "\n", "\(name)")
    }
    // A value that only a long string holds.
    let huge = "{\"Label\":\"1\",\"ReservedCode1\":\"" + String(repeating: "x", count: 70_000) + "\"}"
    try shop.write("in", whole)
    try shop.rewrite("in", to: "out", MetadataChanges(set: [StreamWorkshop.property(huge)]))
    #expect(try shop.open("out").metadata.first { $0.name == "AIGC" }?.value == huge)
    #expect(try shop.essence("out") == shop.essence("in"))
  }

  @Test func tracksAndDurationAreRead() throws {
    let shop = try StreamWorkshop()
    try shop.shell("cp $clips/flash.flv in")
    let info = try shop.open("in").info
    #expect(info.coding == "AVC 320×180, AAC 44100 Hz 1 ch")
    #expect(abs((info.duration ?? 0) - 3) < 0.2)
    try shop.shell("ffmpeg -v error -y -i $clips/flash.flv -c copy -flvflags no_metadata -f flv in")
    #expect(abs((try shop.open("in").info.duration ?? 0) - 3) < 0.2)
  }

  @Test func lyingValuesAreBounded() throws {
    let shop = try StreamWorkshop()
    let meta = AMFWriting.string("onMetaData")
    var nest: [UInt8] = []
    for _ in 0..<5000 { nest += [0x0A, 0, 0, 0, 1] }
    let many = [UInt8](repeating: 0, count: 200_000).flatMap { _ in [0 as UInt8, 1, 0x61, 5] }
    let cases: [(String, [UInt8], MediaError.Code)] = [
      ("nest", meta + AMFWriting.array([Self.named("a", nest)]), .limitExceeded),
      ("long", meta + AMFWriting.array([Self.named("a", [12, 0xFF, 0xFF, 0xFF, 0xFF])]), .malformed),
      ("array", meta + AMFWriting.array([Self.named("a", [10, 0xFF, 0xFF, 0xFF, 0xFF, 5])]), .malformed),
      ("many", meta + [8, 0, 0, 0, 1] + many + [0, 0, 9], .limitExceeded),
      ("nothing", [2, 0], .malformed),
    ]
    for (name, data, code) in cases {
      try shop.write("in", Self.file([data], media: []))
      do {
        _ = try shop.open("in")
        Issue.record("\(name) was read")
      } catch let error as MediaError { #expect(error.code == code, "\(name): \(error)") }
    }
  }

  @Test func injuredFilesGiveAnErrorOrAResult() throws {
    let shop = try StreamWorkshop()
    for command in Self.commands.prefix(2) {
      try shop.shell(command.replacing("ffmpeg", with: "ffmpeg -y"))
      try shop.torment("in", flips: 800)
    }
  }
}
