import Foundation
import MediaCore
import Testing

@testable import MediaFormats

/// Sound of a long film that is found by times must be what counting all its packets gives. Plain samples are left out: theirs are
/// found half a millisecond off, as times are rounded.
@Suite struct SoundGlanceTests {
  static let clips: [(name: String, options: String)] = [
    ("aac.mkv", "-c:a aac -ac 2"), ("opus.webm", "-c:a libopus"), ("flac.mkv", "-c:a flac"),
    ("mp3.mkv", "-c:a libmp3lame -b:a 64k"), ("aac.flv", "-c:a aac -ar 44100"),
    ("mp3.flv", "-c:a libmp3lame -ar 44100 -b:a 64k"), ("s16.avi", "-c:a pcm_s16le"),
    ("mp3.avi", "-c:a libmp3lame -b:a 64k"),
  ]

  /// Half a minute, a cluster a second.
  private func make(_ shop: StreamWorkshop, _ name: String, _ options: String) throws {
    let isFlash = name.hasSuffix("flv")
    let video =
      isFlash ? "flv -q:v 2" : name.hasSuffix("webm") ? "libvpx -deadline realtime -cpu-used 8" : "mpeg4"
    // Flash files of less than a mebibyte are walked through.
    let size = isFlash ? "480x360" : "64x48"
    try shop.shell(
      "ffmpeg -v error -y -f lavfi -i testsrc2=size=\(size):rate=10:duration=30 -f lavfi -i "
        + "anoisesrc=r=48000:a=0.2:c=pink:seed=3:d=28 -c:v \(video) -g 10 \(options) -cluster_time_limit 1000 \(name)"
    )
  }

  private func sound(_ file: any MediaFile, _ ranges: [Range<Int>]) throws -> [Int: [Float]] {
    var blocks: [Int: [Float]] = [:]
    try (file as? any AudioMediaFile)?.visitAudio(in: ranges) { (block) throws(MediaError) in
      blocks[block.start] = block.channels.first
    }
    return blocks
  }

  @Test(arguments: clips) func whatIsHeardIsWhatCountingGives(_ name: String, _ options: String) throws {
    let shop = try StreamWorkshop()
    try make(shop, name, options)
    var limits = Limits()
    let counted = try shop.open(name, limits: limits)
    limits.countedSeconds = 10
    let glanced = try shop.open(name, limits: limits)
    let info = try #require((counted as? any AudioMediaFile)?.audio)
    let count = try #require(info.count)
    let found = try #require((glanced as? any AudioMediaFile)?.audio)
    #expect(found.sampleRate == info.sampleRate && found.channels == info.channels)
    // The last packet may be shorter than the others, and times are rounded to milliseconds.
    #expect(abs((found.count ?? 0) - count) <= 1024, "\(found.count ?? 0), \(count)")
    let rate = info.sampleRate
    let ranges = [0..<rate, count / 2..<count / 2 + rate / 2, count - rate..<count - rate / 2]
    let (before, after) = try (sound(counted, ranges), sound(glanced, ranges))
    #expect(!before.isEmpty && Set(before.keys) == Set(after.keys))
    for (start, samples) in before {
      let other = try #require(after[start])
      let error = zip(samples, other).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      let power = samples.reduce(Float(0)) { $0 + $1 * $1 }
      // Decoders that start elsewhere agree but for what they swing in with.
      #expect(error <= power / 1000, "\(start): \(error) of \(power)")
    }
    // What is edited is counted.
    _ = glanced.objection(toEditing: .sound)
    #expect((glanced as? any AudioMediaFile)?.audio == info)
  }

  @Test func tagsAreFoundByTheirTimes() throws {
    let shop = try StreamWorkshop()
    try make(shop, "a.flv", "-c:a aac -ar 44100")
    let reader = HeaderReader(try InputFile(path: shop.file("a.flv")), windowBytes: 256)
    let structure = try FLVStructure(reader)
    var tags: [Int: Int] = [:]
    var offset = structure.firstTag
    while offset + FLVTag.headerBytes <= reader.size {
      let tag = try FLVTag(at: offset, in: reader)
      tags[offset] = tag.timestamp
      offset = tag.end + 4
    }
    let seek = FLVSeek(reader: reader, firstTag: structure.firstTag)
    for time in stride(from: 0, through: 30_000, by: 1700) {
      let place = try seek.place(before: time)
      let found = try #require(tags[place], "no tag begins at \(place)")
      #expect(found <= time)
      let late = tags.filter { $0.key < place }.values.max() ?? 0
      #expect(late <= time + 200, "\(late) stands in front of \(time)")
    }
    #expect(try seek.place(before: 25_000) > reader.size / 2)
  }

  @Test(arguments: ["relative", "absolute", "records", "segments", "segments from zero"])
  func theIndexListsWhatAWalkFinds(_ layout: String) throws {
    let shop = try StreamWorkshop()
    try make(shop, "made.avi", "-c:a pcm_s16le")
    let parts = AVILayout(try shop.bytes("made.avi"))
    let bytes =
      switch layout {
      case "relative": parts.plain(isAbsolute: false)
      case "absolute": parts.plain(isAbsolute: true)
      case "records": parts.plain(isAbsolute: false, perRecord: 5)
      default: parts.segmented(isBaseZero: layout != "segments")
      }
    try shop.write("a.avi", bytes)
    let input = try InputFile(path: shop.file("a.avi"))
    let structure = try AVIStructure(HeaderReader(input), limits: Limits())
    let stream = try #require(structure.streams.first { $0.track.kind == .audio })
    let walked = try AVIMovie(
      structure, stream: stream.number, AVIMovie.sound, in: input, limits: Limits())
    let names = AVIMovie.names(of: stream.number, AVIMovie.sound)
    let index = try #require(AVIChunkIndex(structure, stream, named: names, most: 1 << 20, in: input))
    #expect(index.chunks.map(\.data) == walked.chunks.map(\.data))
    #expect(AVIChunkIndex(structure, stream, named: names, most: 3, in: input) == nil)
  }

  @Test(arguments: ["a.mkv", "a.flv", "a.avi"]) func injuredFilmsGiveAResultOrAnError(_ name: String) throws {
    let shop = try StreamWorkshop()
    try make(shop, name, name.hasSuffix("avi") ? "-c:a pcm_s16le" : "-c:a aac -ar 44100")
    let whole = try shop.bytes(name)
    var limits = Limits()
    limits.countedSeconds = 0
    var random = StreamGenerator(state: 11)
    for round in 0..<40 {
      var bytes = whole
      if round % 4 == 0 { bytes = Array(bytes.prefix(Int.random(in: 200..<whole.count, using: &random))) }
      for _ in 0..<4 {
        let index = Int.random(in: 0..<bytes.count, using: &random)
        bytes[round % 2 == 0 ? index : index % 2000] = UInt8.random(in: 0...255, using: &random)
      }
      guard BuiltinFormats.table.probe(Array(bytes.prefix(4096))) != nil else { continue }
      try shop.write("b", bytes)
      guard let file = try? shop.open("b", limits: limits) as? any AudioMediaFile else { continue }
      let count = min(file.audio?.count ?? 0, 1 << 40)
      let ranges = [0..<min(4000, count), max(0, count - 4000)..<count].filter { !$0.isEmpty }
      for range in ranges { try? file.visitAudio(in: [range]) { (_) throws(MediaError) in } }
      try? (file as? any FrameMediaFile)?.visitFrames(in: FrameSpans([0..<2]), every: 0.9) {
        (_) throws(MediaError) in
      }
    }
  }
}
