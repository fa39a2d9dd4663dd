import Foundation
import MediaCore
import Testing

@testable import MediaFormats

/// Films whose sound pauses: what is edited must be heard at the time that is said of its samples.
@Suite struct SoundGapTests {
  static let clips: [(name: String, options: String)] = [
    ("aac.flv", "-c:v flv -c:a aac -ar 22050"), ("s16.flv", "-c:v flv -c:a pcm_s16le -ar 22050"),
    ("mp3.mkv", "-c:v mpeg4 -c:a libmp3lame -ar 24000 -b:a 48k"),
    ("s16.mkv", "-c:v mpeg4 -c:a pcm_s16le -ar 16000"), ("opus.webm", "-c:v libvpx -c:a libopus -ac 1"),
    ("mp3.mp4", "-c:v mpeg4 -c:a libmp3lame -ar 24000 -b:a 48k"),
    ("aac.mp4", "-c:v mpeg4 -c:a aac -ar 24000"),
  ]

  /// Nine seconds of noise with four seconds of nothing behind the third.
  private func make(_ shop: StreamWorkshop, _ name: String, _ options: String) throws {
    try shop.shell(
      "ffmpeg -v error -y -f lavfi -i testsrc2=size=64x48:rate=5:duration=13 -f lavfi -i "
        + "anoisesrc=r=16000:a=0.1:c=pink:seed=5:d=9 \(options) whole-\(name) && "
        + "ffmpeg -v error -y -i whole-\(name) -c copy -bsf:a 'setts=ts=PTS+4/TB*gte(PTS*TB\\,3)' \(name)")
  }

  /// As players let it be heard, who wait in pauses.
  private func heard(_ shop: StreamWorkshop, _ name: String) throws -> [Float] {
    try shop.shell(
      "ffmpeg -v error -y -i \(name) -vn -af aresample=async=1:first_pts=0 -ac 1 -ar 8000 -f f32le samples")
    return try shop.bytes("samples").withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
  }

  @Test(arguments: clips) func whatIsEditedIsHeardWhenItIsSaidToBe(_ name: String, _ options: String) throws {
    let shop = try StreamWorkshop()
    try make(shop, name, options)
    let file = try #require(try shop.open(name) as? any AudioMediaFile)
    let info = try #require(file.audio)
    let rate = Double(info.sampleRate)
    let gap = try #require(info.gaps.first)
    #expect(info.gaps.count == 1)
    #expect(abs(Double(gap.sample) / rate - 3) < 0.1 && abs(Double(gap.length) / rate - 4) < 0.1, "\(gap)")
    let length = try info.time(of: Double(#require(info.count)))
    #expect(abs(length - 13) < 0.2, "\(length)")
    let start = info.sample(at: 10)
    let range = start..<start + info.sampleRate / 2
    var seen = 0
    try file.visitAudio(in: [range]) { (block) throws(MediaError) in seen += block.count }
    #expect(seen == range.count)
    let edit = AudioEdit(ranges: [range]) { (block) throws(MediaError) in
      for channel in block.channels.indices {
        for index in block.channels[channel].indices {
          block.channels[channel][index] += Float(0.5 * sin(Double(block.start + index) * 3000 / rate))
        }
      }
    }
    let output = try OutputFile(path: shop.file("out-" + name))
    let changes = MetadataChanges(set: [StreamWorkshop.property()])
    _ = try file.rewrite(to: output, changes: changes, edit: MediaEdit(sound: edit))
    try output.commit(.rename)
    #expect(try #require(shop.open("out-" + name) as? any AudioMediaFile).audio == info)
    let difference = zip(try heard(shop, name), try heard(shop, "out-" + name)).map { $1 - $0 }
    let power = stride(from: 0, to: difference.count - 80, by: 80).map { place in
      difference[place..<place + 80].reduce(0) { $0 + $1 * $1 }
    }
    let loud = try power.indices.filter { try power[$0] > #require(power.max()) / 4 }
    let (first, last) = try (#require(loud.first), #require(loud.last))
    #expect(abs(Double(first) / 100 - 10) < 0.1 && abs(Double(last) / 100 - 10.5) < 0.1, "\(first), \(last)")
  }
}
