import Foundation
import MediaCore
import Testing

@testable import MediaFormats

/// Sound of films edited in its place: nothing else of the file may change, and other decoders must agree.
@Suite struct FilmSoundEditTests {
  struct Clip: Sendable, CustomTestStringConvertible {
    let name: String
    let options: String
    /// Whether samples outside of the edit keep every bit.
    var isLossless = false
    /// Whether some packets are kept.
    var keepsPackets = true
    var testDescription: String { name }
  }

  static let clips: [Clip] = [
    Clip(name: "aac.mp4", options: "-c:v mpeg4 -c:a aac"),
    Clip(name: "aac.mkv", options: "-c:v mpeg4 -bf 2 -c:a aac"),
    Clip(
      name: "opus.webm", options: "-c:v libvpx -deadline realtime -cpu-used 8 -c:a libopus",
      keepsPackets: false),
    Clip(
      name: "opus-10ms.mkv", options: "-c:v mpeg4 -c:a libopus -frame_duration 10 -ac 1", keepsPackets: false),
    Clip(name: "mp3.mkv", options: "-c:v mpeg4 -c:a libmp3lame -b:a 64k -ac 2", keepsPackets: false),
    Clip(name: "mp3-22k.mkv", options: "-c:v mpeg4 -c:a libmp3lame -q:a 5 -ar 22050", keepsPackets: false),
    Clip(name: "flac.mkv", options: "-c:v mpeg4 -c:a flac -ac 2", isLossless: true),
    Clip(name: "alac.mkv", options: "-c:v mpeg4 -c:a alac -ac 2", isLossless: true),
    Clip(name: "alac.mp4", options: "-c:v mpeg4 -c:a alac", isLossless: true),
    Clip(name: "alac24.mov", options: "-c:v mpeg4 -c:a alac -sample_fmt s32p -ac 2", isLossless: true),
    Clip(name: "ac3.mkv", options: "-c:v mpeg4 -c:a ac3 -b:a 192k -ac 2 -dialnorm -24"),
    Clip(name: "ac3-44k.mp4", options: "-c:v mpeg4 -c:a ac3 -b:a 96k -ar 44100"),
    Clip(name: "ac3-six.mov", options: "-c:v mpeg4 -c:a ac3 -b:a 448k -ac 6"),
    Clip(
      name: "eac3.mkv",
      options: "-c:v mpeg4 -c:a eac3 -b:a 160k -ac 2 -dialnorm -24 -copyright 1 -dsur_mode 2"),
    Clip(name: "eac3-44k.mov", options: "-c:v mpeg4 -c:a eac3 -b:a 96k -ar 44100"),
    Clip(
      name: "eac3-six.mp4",
      options: "-c:v mpeg4 -c:a eac3 -b:a 448k -ac 6 -dmix_mode 2 -loro_cmixlev 0.595 -ltrt_surmixlev 0.5"),
    Clip(name: "s16.mkv", options: "-c:v mpeg4 -c:a pcm_s16le", isLossless: true),
    Clip(name: "s24be.mkv", options: "-c:v mpeg4 -c:a pcm_s24be -ac 2", isLossless: true),
    Clip(name: "f32.mkv", options: "-c:v mpeg4 -c:a pcm_f32le", isLossless: true),
    Clip(name: "aac.flv", options: "-c:v flv -c:a aac -ar 44100 -flvflags add_keyframe_index"),
    Clip(name: "mp3.flv", options: "-c:v flv -c:a libmp3lame -ar 44100 -b:a 64k", keepsPackets: false),
    Clip(name: "s16.mov", options: "-c:v mpeg4 -c:a pcm_s16le -ac 2", isLossless: true),
    Clip(name: "s24.mov", options: "-c:v mpeg4 -c:a pcm_s24be", isLossless: true),
    Clip(name: "f32.mov", options: "-c:v mpeg4 -c:a pcm_f32le", isLossless: true),
    Clip(name: "mulaw.mov", options: "-c:v mpeg4 -c:a pcm_mulaw -ac 2", isLossless: true),
    Clip(name: "alaw.avi", options: "-c:v mpeg4 -c:a pcm_alaw", isLossless: true),
    Clip(name: "opus.mp4", options: "-c:v mpeg4 -c:a libopus", keepsPackets: false),
    Clip(name: "flac.mp4", options: "-c:v mpeg4 -c:a flac -strict -2", isLossless: true),
    Clip(name: "mp3.mp4", options: "-c:v mpeg4 -c:a libmp3lame -b:a 64k -ac 2", keepsPackets: false),
    Clip(name: "s16.avi", options: "-c:v mjpeg -q:v 9 -c:a pcm_s16le", isLossless: true),
    Clip(name: "u8.avi", options: "-c:v mpeg4 -c:a pcm_u8 -ac 2", isLossless: true),
    Clip(name: "mp3.avi", options: "-c:v mpeg4 -c:a libmp3lame -b:a 64k", keepsPackets: false),
  ]

  private func make(_ shop: StreamWorkshop, _ clip: Clip) throws {
    try shop.shell(
      "ffmpeg -v error -y -f lavfi -i testsrc2=size=64x48:rate=10:duration=2 -f lavfi -i "
        + "anoisesrc=r=48000:a=0.2:c=pink:seed=3:d=2 \(clip.options) \(clip.name)")
  }

  /// Adds a tone of 1 kHz to half a second; returns what the rewrite says.
  private func edit(_ shop: StreamWorkshop, _ source: String, to result: String) throws -> RewriteNotes {
    guard let file = try shop.open(source) as? any AudioMediaFile, let info = file.audio else {
      throw MediaError(.unsupported, .decode, "no sound")
    }
    let range = info.sampleRate..<info.sampleRate * 3 / 2
    let edit = AudioEdit(ranges: [range]) { (block) throws(MediaError) in
      for channel in block.channels.indices {
        for index in block.channels[channel].indices {
          let time = Double(block.start + index) / Double(block.sampleRate)
          block.channels[channel][index] += Float(0.25 * sin(2000 * Double.pi * time))
        }
      }
    }
    let output = try OutputFile(path: shop.file(result))
    let changes = MetadataChanges(set: [StreamWorkshop.property()])
    let notes = try file.rewrite(to: output, changes: changes, edit: MediaEdit(sound: edit))
    try output.commit(.rename)
    return notes
  }

  /// The first channel as FFmpeg decodes it.
  private func samples(_ shop: StreamWorkshop, _ name: String) throws -> [Double] {
    try shop.shell(
      "ffmpeg -v error -y -i \(name) -map 0:a:0 -af pan=mono\\|c0=c0 -f f64le samples")
    return try shop.bytes("samples").withUnsafeBytes { Array($0.bindMemory(to: Double.self)) }
  }

  /// Lines of packets: stream, times and, where asked for, size and hash.
  private func packets(_ shop: StreamWorkshop, _ name: String, times: Bool) throws -> [String] {
    try shop.essence(name, "-map 0:a").split(separator: "\n").map {
      times ? $0.split(separator: ",").prefix(4).joined(separator: ",") : String($0)
    }
  }

  @Test(arguments: clips) func onlyTheSoundOfTheEditChanges(_ clip: Clip) throws {
    let shop = try StreamWorkshop()
    try make(shop, clip)
    let result = "out." + (clip.name.split(separator: ".").last ?? "")
    let notes = try edit(shop, clip.name, to: result)
    #expect(notes.sound?.method == (clip.keepsPackets ? .smart : .full), "\(notes)")
    #expect(notes.coding == nil)
    #expect(try shop.essence(result, "-map 0:v") == shop.essence(clip.name, "-map 0:v"))
    #expect(try packets(shop, result, times: true) == packets(shop, clip.name, times: true))
    #expect(try shop.complaints(result) == shop.complaints(clip.name))
    if clip.keepsPackets {
      let (before, after) = try (
        packets(shop, clip.name, times: false), packets(shop, result, times: false)
      )
      #expect(before.prefix(before.count / 4) == after.prefix(before.count / 4))
    }
    #expect(try shop.open(result).metadata.filter { $0.name == "AIGC" }.count == 1)
    let (before, after) = (try samples(shop, clip.name), try samples(shop, result))
    try #require(before.count == after.count)
    let opened = try #require(try shop.open(clip.name) as? any AudioMediaFile)
    let rate = try #require(opened.audio?.sampleRate)
    let (kept, edited) = (0..<rate * 9 / 10, rate * 11 / 10..<rate * 14 / 10)
    let power = { (values: [Double]) in values.reduce(0) { $0 + $1 * $1 } / Double(values.count) }
    let difference = zip(before, after).map { $1 - $0 }
    let noise = power(Array(difference[kept]))
    #expect(clip.isLossless ? noise == 0 : noise < power(Array(before[kept])) / 8, "\(noise)")
    // The tone is there, as loud as it was put in: how much of the difference is it?
    let step = 2000 * Double.pi / Double(rate)
    let (sine, cosine) = edited.reduce((0.0, 0.0)) {
      ($0.0 + difference[$1] * sin(step * Double($1)), $0.1 + difference[$1] * cos(step * Double($1)))
    }
    let level = 2 * (sine * sine + cosine * cosine).squareRoot() / Double(edited.count)
    #expect(abs(level - 0.25) < 0.02, "\(level)")
  }

  @Test func lacedBlocksKeepTheirPackets() throws {
    let shop = try StreamWorkshop()
    try shop.shell(
      "ffmpeg -v error -y -f lavfi -i testsrc2=size=64x48:rate=10:duration=2 -f lavfi -i "
        + "anoisesrc=r=48000:a=0.2:c=pink:seed=3:d=2 -c:v mpeg4 -c:a libmp3lame -b:a 64k a.mkv && mkvmerge -q -o in.mkv a.mkv"
    )
    _ = try edit(shop, "in.mkv", to: "out.mkv")
    #expect(try packets(shop, "out.mkv", times: true) == packets(shop, "in.mkv", times: true))
    #expect(try shop.complaints("out.mkv") == shop.complaints("in.mkv"))
    #expect(try shop.shell("mkvinfo -v -v out.mkv | grep -c 'frame\\|Frame' || true").isEmpty == false)
  }

  /// Packets of Vorbis are coded anew in other lengths: what counts is when they are heard.
  @Test(arguments: [
    ("a.webm", "-c:v libvpx -deadline realtime -cpu-used 8 -c:a libvorbis -ac 2", ""),
    ("a.mkv", "-c:v mpeg4 -c:a libvorbis -q:a 1 -ar 44100", ""),
    (
      "six.mkv",
      "-c:v mpeg4 -af pan=5.1\\|c0=c0\\|c1=c0\\|c2=c0\\|c3=c0\\|c4=c0\\|c5=c0 -c:a libvorbis -q:a 3", ""
    ),
    ("laced.mkv", "-c:v mpeg4 -c:a libvorbis -ac 2 -y first.mkv && mkvmerge -q -o", "first.mkv"),
  ])
  func vorbisIsHeardAtItsTimes(_ name: String, _ options: String, _ source: String) throws {
    let shop = try StreamWorkshop()
    try shop.shell(
      "ffmpeg -v error -f lavfi -i testsrc2=size=64x48:rate=10:duration=2 -f lavfi -i "
        + "anoisesrc=r=48000:a=0.2:c=pink:seed=3:d=2 "
        + "\(options) \(name) \(source)")
    let ending = try #require(name.split(separator: ".").last)
    let notes = try edit(shop, name, to: "out.\(ending)")
    #expect(notes.sound?.method == .full)
    #expect(try shop.essence("out.\(ending)", "-map 0:v") == shop.essence(name, "-map 0:v"))
    #expect(try shop.complaints("out.\(ending)").isEmpty)
    let (before, after) = (try samples(shop, name), try samples(shop, "out.\(ending)"))
    let rate = try #require((try shop.open(name) as? any AudioMediaFile)?.audio?.sampleRate)
    // The container does not cut the last packet short.
    #expect(
      after.count >= before.count && after.count <= before.count + 2048, "\(before.count) \(after.count)")
    let difference = zip(before, after).map { $1 - $0 }
    let power = { (values: [Double]) in values.reduce(0) { $0 + $1 * $1 } / Double(max(1, values.count)) }
    let kept = 0..<rate * 9 / 10
    #expect(power(Array(difference[kept])) < power(Array(before[kept])) / 8)
    #expect(power(Array(difference[rate * 11 / 10..<rate * 14 / 10])) > 0.03)
    // Each frame is heard when those before it have been.
    let frames = try shop.shell(
      "ffprobe -v error -select_streams a -show_entries frame=pts_time,nb_samples -of csv=p=0 out.\(ending)")
    var position = 0
    var begin: Double?
    for line in frames.split(separator: "\n") {
      let fields = line.split(separator: ",")
      let (time, count) = (try #require(Double(fields[0])), try #require(Int(fields[1])))
      begin = begin ?? time
      #expect(abs(time - (begin ?? 0) - Double(position) / Double(rate)) < 0.002, "\(line) at \(position)")
      position += count
    }
    #expect(position == after.count)
  }

  @Test func enhancedFramesWithMoreThanChannelsAreRefused() throws {
    // Mark, kind, stream, 384 words, 48 kHz, six blocks, stereo, version 16, level 24, and nothing optional.
    let head =
      "0000101101110111" + "00" + "000" + "00101111111" + "00" + "11" + "010" + "0" + "10000" + "11000"
    let frame = { (rest: String) -> [UInt8] in
      var bits = Array(head + rest)
      bits += [Character](repeating: "0", count: 768 * 8 - bits.count)
      return stride(from: 0, to: bits.count, by: 8).map { UInt8(String(bits[$0..<$0 + 8]), radix: 2) ?? 0 }
    }
    let plain = try AC3Header(frame("0000"))
    #expect(plain.options == ["b=192000", "dialnorm=-24"])
    let error = #expect(throws: MediaError.self) { _ = try AC3Header(frame("0001" + "000000")) }
    #expect(error?.code == .unsupported && error?.message.contains("object audio") == true, "\(error as Any)")
    #expect(throws: MediaError.self) { _ = try AC3Header(Array(frame("0000").dropLast(2))) }
    #expect(throws: MediaError.self) { _ = try AC3Header(Array(frame("0000").prefix(6))) }
  }

  @Test(arguments: ["-c:a mp2", "-c:a dca", "-c:a aac -profile:a aac_ltp"])
  func codingsWhosePacketsCannotTakeOthersPlacesAreRefused(_ options: String) throws {
    let shop = try StreamWorkshop()
    try make(shop, Clip(name: "a.mkv", options: "-c:v mpeg4 -strict -2 -ac 2 \(options)"))
    let file = try shop.open("a.mkv")
    #expect(!file.canEdit(.sound))
    // It is heard all the same.
    let heard = try #require(file as? any AudioMediaFile)
    #expect(heard.audio?.sampleRate == 48000)
    var count = 0
    try heard.visitAudio(in: [0..<48000]) { (block) throws(MediaError) in count += block.count }
    #expect(count == 48000)
  }

  @Test(arguments: ["aac.mkv", "mp3.avi", "aac.flv", "s16.avi", "opus-10ms.mkv", "eac3.mkv"])
  func damagedFilmsGiveAResultOrAnError(_ name: String) throws {
    let shop = try StreamWorkshop()
    try make(shop, try #require(Self.clips.first { $0.name == name }))
    let whole = try shop.bytes(name)
    var random = StreamGenerator(state: 7)
    for round in 0..<12 {
      var bytes = whole
      if round < 4 {
        bytes = Array(bytes.prefix(Int.random(in: 1..<whole.count, using: &random)))
      } else {
        for _ in 0...round % 4 {
          let ranges = [0..<600, 0..<bytes.count, bytes.count - 600..<bytes.count]
          bytes[Int.random(in: ranges[round % 3], using: &random)] ^= UInt8(
            1 << Int.random(in: 0...7, using: &random))
        }
      }
      guard BuiltinFormats.table.probe(Array(bytes.prefix(4096))) != nil else { continue }
      try shop.write("hurt", bytes)
      do { _ = try edit(shop, "hurt", to: "healed") } catch is MediaError {}
    }
  }
}
