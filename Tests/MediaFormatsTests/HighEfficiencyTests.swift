import MediaCore
import Testing

@testable import MediaFormats

/// HE-AAC becomes AAC-LC at the same times. There is no encoder of it to be had: AAC-LC whose decoder is told of replication
/// of bands is decoded at twice the rate, in packets twice as long, as HE-AAC is.
@Suite struct HighEfficiencyTests {
  struct Clip: Sendable, CustomTestStringConvertible {
    let name: String
    let options: String
    var testDescription: String { name }
  }

  static let clips = [
    Clip(name: "a.m4a", options: "-vn"), Clip(name: "a.mp4", options: "-c:v mpeg4"),
    Clip(name: "a.mov", options: "-c:v mpeg4"),
    Clip(name: "fragments.mp4", options: "-c:v mpeg4 -movflags +empty_moov+frag_keyframe -g 5"),
  ]

  private func samples(_ shop: StreamWorkshop, _ name: String) throws -> [Double] {
    try shop.shell("ffmpeg -v error -y -i \(name) -map 0:a:0 -af pan=mono\\|c0=c0 -f f64le samples")
    return try shop.bytes("samples").withUnsafeBytes { Array($0.bindMemory(to: Double.self)) }
  }

  private func make(_ shop: StreamWorkshop, _ clip: Clip) throws {
    try shop.shell(
      "export LC_ALL=C; ffmpeg -v error -y -f lavfi -i testsrc2=size=64x48:rate=10:duration=3 -f lavfi -i "
        + "anoisesrc=r=22050:a=0.3:c=pink:seed=3:d=3 \(clip.options) -c:a aac -b:a 48k -ac 2 \(clip.name) "
        // The sync word's flag, and 44.1 kHz.
        + "&& sed -i 's/\\x56\\xE5\\x00/\\x56\\xE5\\xA0/' \(clip.name)")
  }

  @Test(arguments: clips) func itIsCodedAnewAtTheSameTimes(_ clip: Clip) throws {
    let shop = try StreamWorkshop()
    try make(shop, clip)
    let file = try #require(try shop.open(clip.name) as? any AudioMediaFile)
    #expect(file.audio?.sampleRate == 44100 && file.audio?.channels == 2)
    #expect(file.objection(toEditing: .sound) == nil)
    #expect(file.soundConversion?.contains("HE-AAC") == true)
    let range = 44100..<52920
    let output = try OutputFile(path: shop.file("out-\(clip.name)"))
    let notes = try file.rewrite(
      to: output, changes: MetadataChanges(),
      edit: MediaEdit(
        sound: AudioEdit(ranges: [range]) { (block) throws(MediaError) in
          for channel in block.channels.indices {
            for index in block.channels[channel].indices { block.channels[channel][index] = 0 }
          }
        }))
    try output.commit(.rename)
    #expect((notes.sound ?? notes.coding)?.method == .full)
    #expect(notes.notes.contains { $0.contains("HE-AAC at") && $0.contains("AAC-LC at") }, "\(notes.notes)")
    let out = "out-\(clip.name)"
    #expect(try shop.complaints(out).isEmpty)
    let stream = try shop.shell(
      "ffprobe -v error -select_streams a -show_entries stream=profile,sample_rate,channels -of csv=p=0 \(out)"
    )
    #expect(stream.contains("LC,44100,2"), "\(stream)")
    let count = { (name: String) in
      Int(
        try shop.shell(
          "ffprobe -v error -select_streams a -show_entries stream=nb_frames -of csv=p=0 \(name)"
        )
        .filter(\.isNumber))
    }
    // Of fragments there is no number.
    if let old = try count(clip.name) { #expect(try count(out) == 2 * old) }
    let (before, after) = (try samples(shop, clip.name), try samples(shop, out))
    #expect(abs(before.count - after.count) <= 2048, "\(before.count) \(after.count)")
    let power = { (values: [Double]) in values.reduce(0) { $0 + $1 * $1 } / Double(max(1, values.count)) }
    let difference = zip(before, after).map { $1 - $0 }
    for kept in [4096..<40000, 60000..<120_000] {
      #expect(power(Array(difference[kept])) < power(Array(before[kept])) / 10, "\(kept)")
    }
    #expect(power(Array(after[46000..<51000])) < power(Array(before[46000..<51000])) / 100)
    if clip.name != "a.m4a" {
      let hashes = { (name: String) in
        try shop.essence(name, "-map 0:v").split(separator: "\n").map { $0.split(separator: ",").last }
      }
      #expect(try hashes(out) == hashes(clip.name))
    }
    let again = try #require(try shop.open(out) as? any AudioMediaFile)
    #expect(again.soundConversion == nil && again.objection(toEditing: .sound) == nil)
  }
}
