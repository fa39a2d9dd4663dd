import Foundation
import MediaCore
import Testing

@testable import MediaFormats

/// Every place in which films are known to carry a label: read, told from the regular one, taken away.
@Suite struct ISOVariantTests {
  struct Variant: Sendable, CustomTestStringConvertible {
    let name: String
    /// What is added inside `moov`, inside its `udta`, inside the first `trak`, and behind everything.
    var movie: [UInt8] = []
    var userData: [UInt8] = []
    var track: [UInt8] = []
    var end: [UInt8] = []
    var isRegular = false
    var path: String
    var testDescription: String { name }
  }

  private static let json = Array(ISOWorkshop.json.utf8)
  private static func box(_ type: String, _ content: [UInt8]) -> [UInt8] { ISOBoxes.box(type, content) }
  private static func data(_ type: Int, _ value: [UInt8]) -> [UInt8] {
    box("data", ISOBoxes.number(type) + ISOBoxes.number(0) + value)
  }
  private static func hdlr(_ handler: String) -> [UInt8] {
    box("hdlr", Array(repeating: 0, count: 8) + Array(handler.utf8) + Array(repeating: 0, count: 13))
  }
  private static func keyed(bare: Bool, type: Int = 1, value: [UInt8] = json) -> [UInt8] {
    let keys = box("keys", ISOBoxes.number(0) + ISOBoxes.number(1) + box("mdta", Array("AIGC".utf8)))
    let list = box("ilst", box("\0\0\0\u{1}", data(type, value)))
    return box("meta", (bare ? [] : ISOBoxes.number(0)) + hdlr("mdta") + keys + list)
  }
  private static func tags(_ items: [UInt8]) -> [UInt8] {
    box("meta", ISOBoxes.number(0) + hdlr("mdir") + box("ilst", items))
  }
  private static func packet(_ padding: Int = 0) -> [UInt8] {
    Array(
      """
      <?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
      xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
      xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"><TC260:AIGC>\(ISOWorkshop.json)</TC260:AIGC><xmp:CreatorTool>Tool</xmp:CreatorTool></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>
      """.utf8)
  }
  private static let packetID: [UInt8] = [
    0xBE, 0x7A, 0xCF, 0xCB, 0x97, 0xA9, 0x42, 0xE8, 0x9C, 0x71, 0x99, 0x94, 0x91, 0xE3, 0xAF, 0xAC,
  ]
  private static let freeform =
    box(
      "----",
      box("mean", ISOBoxes.number(0) + Array("com.apple.iTunes".utf8))
        + box("name", ISOBoxes.number(0) + Array("AIGC".utf8)) + data(1, json))

  static let variants: [Variant] = [
    Variant(
      name: "normative", userData: keyed(bare: false), isRegular: true, path: "moov/udta/meta keys AIGC"),
    Variant(name: "QuickTime form", movie: keyed(bare: true), path: "moov/meta keys AIGC"),
    Variant(name: "movie level with flags", movie: keyed(bare: false), path: "moov/meta keys AIGC"),
    Variant(
      name: "beside tags", movie: keyed(bare: true),
      userData: tags(box("\u{A9}nam", data(1, Array("A".utf8)))), path: "moov/meta keys AIGC"),
    Variant(name: "another type", userData: keyed(bare: false, type: 0), path: "moov/udta/meta keys AIGC"),
    Variant(
      name: "UTF-16", userData: keyed(bare: false, type: 2, value: json.flatMap { [0, $0] }),
      path: "moov/udta/meta keys AIGC"),
    Variant(
      name: "freeform", userData: tags(freeform), path: "moov/udta/meta ilst ----:com.apple.iTunes:AIGC"),
    Variant(name: "keyless", userData: tags(box("AIGC", data(1, json))), path: "moov/udta/meta ilst AIGC"),
    Variant(name: "track", track: box("udta", keyed(bare: false)), path: "moov/trak/udta/meta keys AIGC"),
    Variant(name: "track meta", track: keyed(bare: true), path: "moov/trak/meta keys AIGC"),
    Variant(name: "top level", end: keyed(bare: false), path: "meta keys AIGC"),
    Variant(name: "uuid", end: box("uuid", packetID + packet()), path: "uuid XMP rdf:Description/TC260:AIGC"),
    Variant(
      name: "uuid in moov", movie: box("uuid", packetID + packet()),
      path: "moov/uuid XMP rdf:Description/TC260:AIGC"),
    Variant(
      name: "XMP_", userData: box("XMP_", packet()), path: "moov/udta/XMP_ XMP rdf:Description/TC260:AIGC"),
    Variant(name: "aigc", userData: box("aigc", json), path: "moov/udta/aigc"),
    Variant(name: "AIGC with flags", movie: box("AIGC", ISOBoxes.number(0) + json), path: "moov/AIGC"),
    Variant(name: "aigc at the end", end: box("aigc", json), path: "aigc"),
  ]

  /// `last.mp4` without its tags, with the boxes of a variant.
  static func file(_ variant: Variant) throws -> [UInt8] {
    var result: [UInt8] = []
    for (type, whole) in ISOBoxes.split(try ISOWorkshop.bytes("last.mp4")[...]) {
      guard type == "moov" else {
        result += whole
        continue
      }
      var children: [UInt8] = []
      var isFirst = true
      for (type, child) in ISOBoxes.split(whole.dropFirst(8)) where type != "udta" {
        let isTrack = type == "trak" && isFirst
        if isTrack { isFirst = false }
        children += isTrack ? box("trak", child.dropFirst(8) + variant.track) : Array(child)
      }
      if !variant.userData.isEmpty { children += box("udta", variant.userData) }
      result += box("moov", children + variant.movie)
    }
    return result + variant.end
  }

  @Test(arguments: variants) func aVariantIsReadAndMovedToTheRegularPlace(_ variant: Variant) throws {
    let bench = try ISOBench()
    let source = try bench.write(Self.file(variant), "source")
    let file = try ISOBench.open(source)
    let label = try #require(file.labels.first)
    #expect(file.labels.count == 1)
    #expect(label.value == ISOWorkshop.json)
    #expect(label.path == variant.path && label.isRegularPlace == variant.isRegular)

    let bare = try bench.rewrite(source, MetadataChanges(remove: file.labels), to: "bare")
    #expect(bare.labels.isEmpty)
    #expect(
      bare.metadata.map(\.value) == file.metadata.filter { $0.name.lowercased() != "aigc" }.map(\.value))
    #expect(
      try !String(decoding: Data(contentsOf: URL(fileURLWithPath: bench.file("bare"))), as: UTF8.self)
        .contains("ContentProducer"))

    let changes = MetadataChanges(set: [ISOWorkshop.property], remove: file.labels)
    let moved = try bench.rewrite(source, changes, to: "moved")
    #expect(moved.labels.map(\.value) == [ISOWorkshop.json])
    #expect(
      moved.labels.first?.isRegularPlace == true || variant.name.hasPrefix("movie")
        || variant.name.hasPrefix("QuickTime"))
    let frames = { (path: String) in
      try ISOWorkshop.run(
        "ffmpeg", ["-v", "error", "-i", path, "-map", "0", "-c", "copy", "-f", "framemd5", "-"])
    }
    #expect(try frames(bench.file("moved")) == frames(ISOWorkshop.path("last.mp4")))
    #expect(
      try ISOWorkshop.run("ffprobe", ["-v", "error", "-show_entries", "format_tags", bench.file("moved")])
        .contains("AIGC={"))
  }

  @Test func aKeylessListIsReadByItsContent() throws {
    let bench = try ISOBench()
    let variant = Variant(
      name: "", userData: Self.tags(Self.box("\u{A9}cmt", Self.data(1, Self.json))), path: "")
    let file = try ISOBench.open(bench.write(Self.file(variant), "source"))
    #expect(file.metadata.map(\.value) == [ISOWorkshop.json])
    #expect(file.metadata.first?.path == "moov/udta/meta ilst \u{A9}cmt")
    let bare = try bench.rewrite(bench.file("source"), MetadataChanges(remove: file.metadata), to: "bare")
    #expect(bare.metadata.isEmpty)
  }

  @Test func internationalTextsAreReadAndRemovedOneByOne() throws {
    let bench = try ISOBench()
    let strings = ["one", "{\"AIGC\":{}}"].flatMap { (text: String) -> [UInt8] in
      [0, UInt8(text.utf8.count), 0x15, 0xC7] + Array(text.utf8)
    }
    let variant = Variant(name: "", userData: Self.box("\u{A9}cmt", strings) + ISOBoxes.number(0), path: "")
    let file = try ISOBench.open(bench.write(Self.file(variant), "source"))
    #expect(file.metadata.map(\.value) == ["one", "{\"AIGC\":{}}"])
    let rest = try bench.rewrite(
      bench.file("source"), MetadataChanges(remove: [file.metadata[1]]), to: "rest")
    #expect(rest.metadata.map(\.value) == ["one"])
    let labelled = try bench.rewrite(
      bench.file("source"), MetadataChanges(set: [ISOWorkshop.property]), to: "labelled")
    #expect(labelled.labels.map(\.path) == ["moov/udta/meta keys AIGC"])
  }

  @Test func aSignedStoreIsSeenAndKept() throws {
    let bench = try ISOBench()
    let id: [UInt8] = [
      0xD8, 0xFE, 0xC3, 0xD6, 0x1B, 0x0E, 0x48, 0x3C, 0x92, 0x97, 0x58, 0x28, 0x87, 0x7E, 0xC4, 0x81,
    ]
    let variant = Variant(name: "", end: Self.box("uuid", id + Array(repeating: 7, count: 50)), path: "")
    let source = try bench.write(Self.file(variant), "source")
    let file = try ISOBench.open(source)
    #expect(file.metadata.map(\.name) == ["c2pa"] && file.metadata.first?.carrier == .box)
    let output = try OutputFile(path: bench.file("out"))
    let notes = try file.rewrite(
      to: output, changes: MetadataChanges(set: [ISOWorkshop.property]))
    #expect(notes.notes.count == 1)
    #expect(throws: MediaError.self) {
      try bench.rewrite(source, MetadataChanges(remove: file.metadata), to: "bare")
    }
  }

  @Test func aPacketAmongItemsIsBlankedInItsPlace() throws {
    let bench = try ISOBench()
    let packet = Self.packet()
    let infe = Self.box("infe", [2, 0, 0, 0, 0, 1, 0, 0] + Array("mime\0application/rdf+xml\0".utf8))
    let iinf = Self.box("iinf", [0, 0, 0, 0, 0, 1] + infe)
    let iloc = Self.box(
      "iloc",
      [1, 0, 0, 0, 0x44, 0, 0, 1, 0, 1, 0, 1, 0, 0, 0, 1] + ISOBoxes.number(0) + ISOBoxes.number(packet.count)
    )
    let meta = Self.box(
      "meta", ISOBoxes.number(0) + Self.hdlr("pict") + iinf + iloc + Self.box("idat", packet))
    let source = try bench.write(Self.file(Variant(name: "", end: meta, path: "")), "source")
    let file = try ISOBench.open(source)
    #expect(file.labels.count == 1)
    let bare = try bench.rewrite(
      source, MetadataChanges(set: [ISOWorkshop.property], remove: file.labels), to: "bare")
    #expect(bare.labels.map(\.isRegularPlace) == [true])
    #expect(bare.metadata.contains { $0.name == "CreatorTool" })
  }

  @Test func itemsAndChunksBehindTheMovieBoxMove() throws {
    let limits = Limits()
    var stco = ISOBoxes.number(0) + ISOBoxes.number(3) + ISOBoxes.number(5)
    stco += ISOBoxes.number(5000) + ISOBoxes.number(0xFFFF_FFF0)
    let trak = Self.box("trak", Self.box("mdia", Self.box("minf", Self.box("stbl", Self.box("stco", stco)))))
    let iloc = Self.box(
      "iloc",
      [0, 0, 0, 0, 0x44, 0x40, 0, 1, 0, 1, 0, 0] + ISOBoxes.number(4000) + [0, 1] + ISOBoxes.number(9)
        + ISOBoxes.number(1))
    let movie = Self.box("moov", trak + Self.box("meta", ISOBoxes.number(0) + Self.hdlr("null") + iloc))
    var offsets = try ChunkOffsets(movie, old: 100..<200, limits: limits)
    let fixed = try offsets.fixed()
    let growth = fixed.count - 100
    let leaves = ISOBoxes(fixed).leaves
    let table = try #require(leaves.first { $0.path.hasSuffix("co64") })
    let values = stride(from: 16, to: 40, by: 8).map { place in
      table.bytes[place..<place + 8].reduce(0) { $0 << 8 | Int($1) }
    }
    #expect(values == [5, 5000 + growth, 0xFFFF_FFF0 + growth])
    let tree = try BoxTree(fixed, base: 100, limits: limits)
    let place = try #require(tree.boxes.first { $0.type == .iloc }).range.lowerBound + 20
    #expect(tree.bytes.bigEndian(4, at: place) == UInt64(4000 + growth))
  }
}
