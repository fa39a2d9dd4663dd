import Foundation
import MediaCore
import Testing

@testable import MediaFormats

/// The tables of samples against what ffprobe reads from them.
@Suite struct ISOSampleTableTests {
  private static func tables(_ path: String) throws -> [SampleTable] {
    let input = try InputFile(path: path)
    let movie = try ISOStructure(input, limits: Limits()).movie
    return try movie.children(of: 0).filter { movie.boxes[$0].type == .trak }.map {
      try SampleTable($0, of: movie, fileSize: input.size)
    }
  }

  private static func all(_ table: SampleTable) throws -> [MediaSample] {
    var samples: [MediaSample] = []
    var iterator = table.samples
    while let sample = try iterator.next() { samples.append(sample) }
    return samples
  }

  @Test(arguments: [
    "faststart.mp4", "quicktime.mov", "speech.m4a", "tracks.mp4", "edits.mp4", "large.mp4",
  ])
  func samplesAreThoseOfFFprobe(_ name: String) throws {
    let path = ISOWorkshop.path(name)
    for (index, table) in try Self.tables(path).enumerated() {
      let fields = "packet=pts,dts,duration,size,pos,flags"
      let lines = try ISOWorkshop.lines(
        "ffprobe",
        [
          "-v", "error", "-ignore_editlist", "1", "-select_streams", "\(index)", "-show_entries", fields,
          "-of", "csv=p=0", path,
        ])
      let samples = try Self.all(table)
      #expect(samples.count == table.count && samples.count == lines.count)
      // ffmpeg moves all times by one number, so that the first is presented at the right moment.
      let shift =
        try Int64(#require(lines.first?.split(separator: ",")[1])).map {
          $0 - (samples.first?.decodeTime ?? 0)
        } ?? 0
      for (sample, line) in zip(samples, lines) {
        let values = line.split(separator: ",").map(String.init)
        let time = sample.decodeTime + shift
        #expect(values[1] == "\(time)")
        #expect(values[0] == "\(time + Int64(sample.compositionOffset))" || shift != 0)
        #expect(values[3...4] == ["\(sample.size)", "\(sample.offset)"])
        #expect(values[5].hasPrefix("K") == sample.isSync)
        #expect(sample.entry == 0)
      }
    }
  }

  @Test func theEditListAndTheEntriesAreThere() throws {
    let table = try #require(try Self.tables(ISOWorkshop.path("faststart.mp4")).first)
    #expect(table.timescale == 12288 && table.movieTimescale == 1000)
    #expect(table.edits == [EditListEntry(duration: 3000, mediaTime: 1024, rate: 0x10000)])
    #expect(table.entries.first?.configuration("avcC", from: 86)?.first == 1)
    #expect(table.entries.first?.codec.description == "avc1")
  }

  private static func track(_ tables: [[UInt8]], entries: Int = 1) throws -> SampleTable {
    let entry = ISOBoxes.box("raw ", Array(repeating: 0, count: 7) + [1])
    let stsd = ISOBoxes.box(
      "stsd", ISOBoxes.number(0) + ISOBoxes.number(entries) + (0..<entries).flatMap { _ in entry })
    let stbl = ISOBoxes.box("stbl", stsd + tables.joined())
    let moov = ISOBoxes.box("moov", ISOBoxes.box("trak", ISOBoxes.box("mdia", ISOBoxes.box("minf", stbl))))
    let tree = try BoxTree(moov, base: 0, limits: Limits())
    let trak = try #require(tree.child(.trak, of: 0))
    return try SampleTable(trak, of: tree, fileSize: 10_000)
  }
  private static func table(_ type: String, _ numbers: [Int]) -> [UInt8] {
    ISOBoxes.box(type, ISOBoxes.number(0) + numbers.flatMap(ISOBoxes.number))
  }

  @Test func shortSizesAndSeveralEntriesAreRead() throws {
    let sizes = ISOBoxes.box("stz2", ISOBoxes.number(0) + [0, 0, 0, 4] + ISOBoxes.number(3) + [0x12, 0x30])
    let table = try Self.track(
      [
        sizes, Self.table("stts", [2, 1, 5, 2, 7]), Self.table("ctts", [2, 2, 3, 1, -2]),
        Self.table("stsc", [2, 1, 2, 1, 2, 1, 2]), Self.table("stco", [2, 100, 200]),
        Self.table("stss", [1, 2]),
      ], entries: 2)
    #expect(
      try Self.all(table) == [
        MediaSample(
          offset: 100, size: 1, decodeTime: 0, compositionOffset: 3, duration: 5, isSync: false, entry: 0),
        MediaSample(
          offset: 101, size: 2, decodeTime: 5, compositionOffset: 3, duration: 7, isSync: true, entry: 0),
        MediaSample(
          offset: 200, size: 3, decodeTime: 12, compositionOffset: -2, duration: 7, isSync: false, entry: 1),
      ])
  }

  @Test func lyingTablesAreErrorsInBoundedTimeAndMemory() throws {
    let billions = 0xFFFF_FFFF
    let rows = [
      Self.table("stts", [1, billions, 1]), Self.table("stsc", [1, 1, billions, 1]),
      Self.table("stco", [1, 0]),
    ]
    #expect(throws: MediaError.self) { try Self.track([Self.table("stsz", [1, billions])] + rows) }
    #expect(throws: MediaError.self) { try Self.track([Self.table("stsz", [0, billions])] + rows) }
    #expect(throws: MediaError.self) {
      try Self.track([Self.table("stsz", [1, 5]), Self.table("stts", [billions])])
    }
    let noChunks = try Self.track([Self.table("stsz", [1, 5]), rows[0], rows[1]])
    #expect(throws: MediaError.self) { try Self.all(noChunks) }
    let noEntry = try Self.track([
      Self.table("stsz", [1, 5]), rows[0], Self.table("stsc", [1, 1, 5, 2]), rows[2],
    ])
    #expect(throws: MediaError.self) { try Self.all(noEntry) }
    let outside = try Self.track([
      Self.table("stsz", [2, 5]), rows[0], rows[1], Self.table("stco", [1, 9_999]),
    ])
    #expect(throws: MediaError.self) { try Self.all(outside) }
  }
}
