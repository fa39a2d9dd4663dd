import Foundation
import MediaCore
import Testing

@testable import MediaFormats

/// AVI: what the list grows by, and indexes that must follow the samples.
@Suite struct AVITests {
  private static func list(_ type: String, _ data: [UInt8]) -> [UInt8] {
    IFFChunk.riff("LIST", Array(type.utf8) + data)
  }

  private static func words(_ values: Int...) -> [UInt8] {
    values.flatMap { UInt32(truncatingIfNeeded: $0).littleEndianBytes }
  }

  /// The clip without the chunks of the first segment that `isDropped` names.
  private static func clip(_ isDropped: (IFFChunk) throws -> Bool) throws -> [UInt8] {
    let shop = try AudioWorkshop()
    try shop.write("in", try AudioWorkshop.clip("mpeg4.avi"))
    let reader = HeaderReader(try InputFile(path: shop.file("in")))
    let structure = try AVIStructure(reader, limits: Limits())
    var bytes: [UInt8] = []
    for chunk in structure.segments[0].chunks where try !isDropped(chunk) {
      bytes += try reader.bytes(chunk.end - chunk.offset, at: chunk.offset)
    }
    return IFFChunk.riff("RIFF", Array("AVI ".utf8) + bytes)
  }

  @Test func paddingIsUsedUpBeforeAnythingMoves() throws {
    let shop = try AudioWorkshop()
    try shop.write("in", try AudioWorkshop.clip("mpeg4.avi"))
    try shop.label()
    #expect(try shop.bytes("out").count == shop.bytes("in").count)
    try shop.rewrite("out", to: "back", remove: try shop.labels())
    #expect(try shop.bytes("back") == shop.bytes("in"))
  }

  @Test func aListThatIsBrokenOffIsNoHome() throws {
    let shop = try AudioWorkshop()
    var bytes = try AudioWorkshop.clip("mpeg4.avi")
    let name = Array("ISFT".utf8)
    let place = try #require(bytes.indices.first { bytes[$0...].starts(with: name) })
    bytes[place] = 1
    try shop.write("in", bytes)
    try shop.label()
    #expect(try shop.labels().count == 1)
  }

  @Test(arguments: [true, false]) func samplesMoveWhereThereIsNoPadding(_ hasInfo: Bool) throws {
    let shop = try AudioWorkshop()
    try shop.write(
      "in", try Self.clip { $0.id == "JUNK" || (!hasInfo && $0.id == "LIST" && $0.data.count < 300) })
    try shop.label()
    #expect(try shop.labels().map(\.isRegularPlace) == [true])
    #expect(try shop.bytes("out").count > shop.bytes("in").count)
    #expect(try shop.essence("out") == shop.essence("in"))
    #expect(try shop.complaints("out") == "")
    let seek = "ffmpeg -v error -ss 2 -i NAME -map 0:v -f framemd5 -"
    #expect(
      try shop.shell(seek.replacingOccurrences(of: "NAME", with: "out")).text
        == shop.shell(seek.replacingOccurrences(of: "NAME", with: "in")).text)
    try shop.rewrite("out", to: "back", remove: try shop.labels())
    #expect(try shop.bytes("back") == shop.bytes("in"))
  }

  @Test func anAbsoluteIndexFollows() throws {
    let shop = try AudioWorkshop()
    var bytes = try Self.clip { $0.id == "JUNK" }
    let movie = try #require(Data(bytes).range(of: Data("movi".utf8))).lowerBound
    let index = try #require(Data(bytes).range(of: Data("idx1".utf8))).upperBound + 4
    for place in stride(from: index + 8, to: bytes.count - 7, by: 16) {
      let old = Array(bytes[place..<place + 4].reversed()).bigEndian32
      bytes.replaceSubrange(place..<place + 4, with: (old + UInt32(movie)).littleEndianBytes)
    }
    try shop.write("in", bytes)
    try shop.label()
    let result = try shop.bytes("out")
    let new = try #require(Data(result).range(of: Data("idx1".utf8))).upperBound + 4
    for place in stride(from: new, to: result.count - 15, by: 16) {
      let offset = Int(Array(result[place + 8..<place + 12].reversed()).bigEndian32)
      #expect(result[offset..<offset + 4] == result[place..<place + 4])
    }
    #expect(try shop.essence("out") == shop.essence("in"))
    // An index that fits nowhere is not guessed at.
    bytes.replaceSubrange(index + 8..<index + 12, with: [3, 2, 1, 0])
    try shop.write("in", bytes)
    #expect(throws: MediaError.self) { try shop.label() }
  }

  /// Two segments of two frames each with the indexes of OpenDML.
  private static func openDML(baseAtZero: Bool) -> [UInt8] {
    let frames = (0..<4).map { IFFChunk.riff("00db", [UInt8](repeating: UInt8(60 * $0), count: 768)) }
    let bitmap = words(40, 16, 16, 24 << 16 | 1, 0, 768, 0, 0, 0, 0)
    let header = Array("vids".utf8) + words(0, 0, 0, 0, 1, 10, 0, 4, 768, -1, 0, 0, 16 << 16 | 16)
    let main = words(100_000, 7680, 0, 0x10, 2, 0, 1, 768, 16, 16, 0, 0, 0, 0)
    func headers(_ places: [Int]) -> [UInt8] {
      let entries = places.flatMap { UInt64($0).littleEndianBytes + words(56, 2) }
      let index = [4, 0, 0, 0] + words(places.count) + Array("00db".utf8) + words(0, 0, 0) + entries
      return list(
        "hdrl",
        IFFChunk.riff("avih", main)
          + list(
            "strl",
            IFFChunk.riff("strh", header) + IFFChunk.riff("strf", bitmap) + IFFChunk.riff("indx", index)))
    }
    func movie(_ pair: ArraySlice<[UInt8]>, at start: Int) -> (bytes: [UInt8], index: Int) {
      let base = baseAtZero ? 0 : start
      let first = start + 12 + 8 - base
      let entries = words(first, 768, first + 776, 768)
      let index =
        [2, 0, 0, 1] + words(2) + Array("00db".utf8) + UInt64(base).littleEndianBytes + words(0) + entries
      return (list("movi", pair.joined() + IFFChunk.riff("ix00", index)), start + 12 + 2 * 776)
    }
    let start = 12 + headers([0, 0]).count
    let one = movie(frames[..<2], at: start)
    let two = movie(frames[2...], at: start + one.bytes.count + 12)
    let head = headers([one.index, two.index])
    return IFFChunk.riff("RIFF", Array("AVI ".utf8) + head + one.bytes)
      + IFFChunk.riff("RIFF", Array("AVIX".utf8) + two.bytes)
  }

  @Test(arguments: [true, false]) func indexesOfOpenDMLFollow(_ baseAtZero: Bool) throws {
    let shop = try AudioWorkshop()
    try shop.write("in", Self.openDML(baseAtZero: baseAtZero))
    #expect(try shop.essence("in").split(separator: "\n").count { !$0.hasPrefix("#") } == 4)
    try shop.label()
    #expect(try shop.labels().count == 1)
    #expect(try shop.essence("out") == shop.essence("in"))
    #expect(try shop.complaints("out") == "")
    let result = try shop.bytes("out")
    func number(_ place: Int, _ count: Int) -> Int {
      result[place..<place + count].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    let index = try #require(Data(result).range(of: Data("indx".utf8))).upperBound + 4
    for entry in 0..<2 {
      let part = number(index + 24 + 16 * entry, 8)
      #expect(String(decoding: result[part..<part + 4], as: UTF8.self) == "ix00")
      for frame in 0..<2 {
        let place = number(part + 20, 8) + number(part + 32 + 8 * frame, 4)
        #expect(String(decoding: result[place - 8..<place - 4], as: UTF8.self) == "00db")
        #expect(result[place] == UInt8(60 * (2 * entry + frame)))
      }
    }
    try shop.rewrite("out", to: "back", remove: try shop.labels())
    #expect(try shop.bytes("back") == shop.bytes("in"))
  }
}
