import Foundation
import MediaCore
import Testing

@testable import MediaFormats

/// Sound of a long film that is found by times must be what counting all its packets gives. Plain samples are left out: theirs are
/// found half a millisecond off, as times are rounded.
@Suite struct SoundGlanceTests {
  static let clips: [(name: String, options: String)] = [
    ("aac.mkv", "-c:a aac -ac 2"), ("opus.webm", "-c:a libopus"), ("flac.mkv", "-c:a flac"),
    ("mp3.mkv", "-c:a libmp3lame -b:a 64k"),
  ]

  /// Half a minute, a cluster a second.
  private func make(_ shop: StreamWorkshop, _ name: String, _ options: String) throws {
    let video = name.hasSuffix("webm") ? "libvpx -deadline realtime -cpu-used 8" : "mpeg4"
    try shop.shell(
      "ffmpeg -v error -y -f lavfi -i testsrc2=size=64x48:rate=10:duration=30 -f lavfi -i "
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
    let ranges = [0..<48000, count / 2..<count / 2 + 24000, count - 48000..<count - 24000]
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

  @Test func injuredFilmsGiveAResultOrAnError() throws {
    let shop = try StreamWorkshop()
    try make(shop, "a.mkv", "-c:a aac")
    let whole = try shop.bytes("a.mkv")
    var limits = Limits()
    limits.countedSeconds = 0
    var random = StreamGenerator(state: 11)
    for round in 0..<60 {
      var bytes = whole
      if round % 4 == 0 { bytes = Array(bytes.prefix(Int.random(in: 200..<whole.count, using: &random))) }
      for _ in 0..<4 {
        let index = Int.random(in: 0..<bytes.count, using: &random)
        bytes[round % 2 == 0 ? index : index % 2000] = UInt8.random(in: 0...255, using: &random)
      }
      try shop.write("b.mkv", bytes)
      guard let file = try? shop.open("b.mkv", limits: limits) as? any AudioMediaFile else { continue }
      let count = min(file.audio?.count ?? 0, 1 << 40)
      let ranges = [0..<min(4000, count), max(0, count - 4000)..<count].filter { !$0.isEmpty }
      for range in ranges { try? file.visitAudio(in: [range]) { (_) throws(MediaError) in } }
      try? (file as? any FrameMediaFile)?.visitFrames(in: FrameSpans([0..<2]), every: 0.9) {
        (_) throws(MediaError) in
      }
    }
  }
}
