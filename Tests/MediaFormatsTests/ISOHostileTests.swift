import Foundation
import MediaCore
import Testing

@testable import MediaFormats

/// Injured and lying files give an error or a result, in bounded time and memory.
@Suite struct ISOHostileTests {
  private static let limits = Limits(metadataValueBytes: 1 << 16, indexBytes: 4 << 20)
  private static let set = MetadataChanges(set: [ISOWorkshop.property])

  private static func box(_ type: String, _ content: [UInt8]) -> [UInt8] { ISOBoxes.box(type, content) }

  /// Opens, labels, reads back and walks the samples.
  private static func exercise(_ path: String, _ bench: ISOBench) throws {
    let file = try ISOBench.open(path, limits: limits)
    let input = try InputFile(path: path)
    let movie = try ISOStructure(input, limits: limits).movie
    for trak in movie.children(of: 0) where movie.boxes[trak].type == .trak {
      guard let table = try? SampleTable(trak, of: movie, fileSize: input.size) else { continue }
      var (iterator, count) = (table.samples, 0)
      while count < 10_000, (try? iterator.next()) != nil { count += 1 }
    }
    let changes = MetadataChanges(set: [ISOWorkshop.property], remove: Array(file.metadata.prefix(2)))
    try bench.rewrite(path, changes, to: "out", limits: limits)
  }

  @Test(arguments: ["fragmented.mp4", "quicktime.mov", "speech.m4a", "cover.mp4", "base.mp4"])
  func truncationIsAnErrorAndNeverAnOutput(_ name: String) throws {
    let bench = try ISOBench()
    let whole = try ISOWorkshop.bytes(name)
    // Inside of media one place is like the other.
    let media = ISOBoxes.split(whole[...]).filter { $0.type == "mdat" }.map { $0.bytes.indices }
    for length in stride(from: 0, to: whole.count - 1, by: 37) {
      let isInside = media.contains { $0.contains(length - 64) && $0.contains(length + 64) }
      if isInside, length % 29 != 0 { continue }
      let path = try bench.write(Array(whole.prefix(length)), "cut")
      // Between two top-level boxes nothing shows that one is missing.
      if ISOBoxes.split(whole.prefix(length)).reduce(0, { $0 + $1.bytes.count }) == length, length > 0 {
        continue
      }
      #expect(throws: (any Error).self, "\(name) cut at \(length) of \(whole.count)") {
        try bench.rewrite(path, Self.set, to: "out", limits: Self.limits)
      }
      #expect(!FileManager.default.fileExists(atPath: bench.file("out")))
    }
  }

  @Test func aFileCutInItsMediaIsStillRead() throws {
    let bench = try ISOBench()
    try bench.rewrite(ISOWorkshop.path("faststart.mp4"), Self.set, to: "labelled")
    let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: bench.file("labelled"))))
    let path = try bench.write(Array(whole.dropLast(5000)), "cut")
    #expect(try ISOBench.open(path).labels.map(\.value) == [ISOWorkshop.json])
    #expect(throws: MediaError.self) { try bench.rewrite(path, Self.set, to: "out") }
  }

  @Test(arguments: ["fragmented.mp4", "quicktime.mov", "speech.m4a", "cover.mp4", "index.mp4", "phone.mov"])
  func flippedBitsGiveAnErrorOrAResult(_ name: String) throws {
    let bench = try ISOBench()
    let whole = try ISOWorkshop.bytes(name)
    // Only what is no media is of interest.
    var places: [Int] = []
    var offset = 0
    for (type, bytes) in ISOBoxes.split(whole[...]) {
      places += type == "mdat" ? Array(offset..<offset + 8) : Array(offset..<offset + bytes.count)
      offset += bytes.count
    }
    var random = PNGSeededGenerator(state: 41)
    for round in 0..<600 {
      var bytes = whole
      for _ in 0...round % 4 {
        let place = places[Int.random(in: 0..<places.count, using: &random)]
        bytes[place] =
          round % 3 == 0
          ? UInt8.random(in: 0...255, using: &random)
          : bytes[place] ^ 1 << UInt8.random(in: 0...7, using: &random)
      }
      try? Self.exercise(bench.write(bytes, "flip"), bench)
    }
  }

  @Test func everySizeFieldMayLie() throws {
    let bench = try ISOBench()
    let whole = try ISOWorkshop.bytes("cover.mp4")
    for place in 4..<min(whole.count, 4000)
    where whole[place...].prefix(4).allSatisfy({ $0 >= 0x61 && $0 <= 0x7A || $0 == 0xA9 }) {
      for size in [
        [0, 0, 0, 0], [0, 0, 0, 1], [0, 0, 0, 7], [0, 0, 0, 8], [0x7F, 0xFF, 0xFF, 0xFF],
        [0xFF, 0xFF, 0xFF, 0xFF],
      ] as [[UInt8]] {
        var bytes = whole
        bytes.replaceSubrange(place - 4..<place, with: size)
        try? Self.exercise(bench.write(bytes, "lie"), bench)
      }
    }
  }

  @Test func floodsAndDepthsAreBounded() throws {
    let bench = try ISOBench()
    let ftyp = Self.box("ftyp", Array("isom\0\0\0\0isom".utf8))
    let open = { (bytes: [UInt8]) in
      let path = try bench.write(bytes, "flood")
      return try ISOBench.open(path, limits: Limits(indexBytes: 16 << 20))
    }
    var tiny = Self.box("free", [])
    for _ in 0..<20 { tiny += tiny }
    #expect(throws: MediaError.self) { try open(ftyp + tiny) }
    #expect(throws: MediaError.self) { try open(ftyp + Self.box("moov", tiny)) }
    #expect(throws: MediaError.self) {
      try open(
        ftyp + Self.box("moov", []) + Array(repeating: Self.box("aigc", []), count: 10_000).flatMap { $0 })
    }
    var nested: [UInt8] = []
    for _ in 0..<1000 { nested = Self.box("udta", nested) }
    #expect(throws: MediaError.self) { try open(ftyp + Self.box("moov", nested)) }
    let keys = Self.box(
      "keys",
      ISOBoxes.number(0) + ISOBoxes.number(-1)
        + Array(repeating: Self.box("mdta", []), count: 200_000).flatMap { $0 })
    let items = Array(
      repeating: Self.box("\0\0\0\u{1}", Self.box("data", Array(repeating: 0, count: 7) + [1, 65])),
      count: 10_000
    ).flatMap { $0 }
    #expect(throws: MediaError.self) {
      try open(
        ftyp
          + Self.box(
            "moov", Self.box("udta", Self.box("meta", ISOBoxes.number(0) + keys + Self.box("ilst", items)))))
    }
    #expect(throws: MediaError.self) { try open(ftyp + Self.box("moov", Self.box("cmov", []))) }
    #expect(throws: MediaError.self) { try open(ftyp + Self.box("moof", [])) }
    #expect(try open(ftyp + Self.box("moov", [])).metadata.isEmpty)
  }

  @Test func picturesAreNotClaimed() {
    for brand in ["heic", "heix", "mif1", "msf1", "avif", "avis", "crx ", "jxl "] {
      let head = Self.box("ftyp", Array(brand.utf8) + ISOBoxes.number(0) + Array("mif1miafisom".utf8))
      #expect(BuiltinFormats.table.probe(head) == nil, "\(brand)")
    }
    for (brand, id) in [
      ("isom", "mp4"), ("mp42", "mp4"), ("3gp4", "mp4"), ("M4V ", "mp4"), ("qt  ", "mov"), ("M4A ", "m4a"),
      ("M4B ", "m4a"),
    ] {
      let head = Self.box("ftyp", Array(brand.utf8) + ISOBoxes.number(0))
      #expect(BuiltinFormats.table.probe(head)?.descriptor.id.rawValue == id, "\(brand)")
    }
    let old = Self.box("wide", []) + Self.box("mdat", [1, 2, 3])
    #expect(BuiltinFormats.table.probe(old)?.descriptor.id.rawValue == "mov")
    #expect(BuiltinFormats.table.probe(Array("plain free text".utf8)) == nil)
  }
}
