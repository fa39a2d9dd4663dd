import Foundation
import MediaCore
import Testing

@testable import MediaFormats

/// Films whose samples stand in movie fragments, films with several tracks, and both pictures and sound edited at once.
@Suite struct ISOFilmTests {
  private static let h264 = "-c:v libx264 -preset ultrafast -bf 2 -c:a aac"

  @Test(arguments: [
    "-movflags frag_keyframe+empty_moov", "-movflags frag_keyframe+empty_moov+default_base_moof",
    "-movflags frag_keyframe", "-movflags dash+global_sidx+frag_keyframe",
    "-movflags frag_keyframe+separate_moof+omit_tfhd_offset",
    "-movflags frag_keyframe+empty_moov+delay_moov", "-movflags isml+frag_keyframe",
  ]) func framesInFragmentsAreEdited(_ flags: String) throws {
    let shop = try StreamWorkshop()
    try shop.make("film.mp4", "\(Self.h264) \(flags)")
    let plan = try shop.edit("film.mp4", to: "out.mp4")
    #expect(plan?.method == .smart)
    #expect(plan?.frames == 10)
    let (before, after) = (try shop.frames("film.mp4"), try shop.frames("out.mp4"))
    let times = { (frame: String) in frame.split(separator: ",").prefix(5).joined() }
    #expect(before.map(times) == after.map(times))
    #expect(before.suffix(10) == after.suffix(10))
    #expect(zip(before, after).prefix(4).allSatisfy { $0 != $1 })
    // How long a packet lasts is parsed out of it where fragments say it, and read where tables do. An edit list counts
    // for FFmpeg's times of packets in tables only.
    let columns = flags.contains("delay_moov") ? 4...5 : 0...5
    let coded = { (name: String) throws in
      try shop.essence(name, "-map 0:a").split(separator: "\n").map { row in
        row.split(separator: ",").enumerated().filter { $0.offset != 3 && columns.contains($0.offset) }
          .map(\.element)
      }
    }
    #expect(try coded("out.mp4") == coded("film.mp4"))
    #expect(try shop.complaints("out.mp4") == shop.complaints("film.mp4"))
    #expect(try shop.open("out.mp4").metadata.contains { $0.value == StreamWorkshop.json })
    // Metadata alone leaves the fragments as they are.
    try shop.rewrite("film.mp4", to: "tagged.mp4", MetadataChanges(set: [StreamWorkshop.property()]))
    #expect(try shop.essence("tagged.mp4") == shop.essence("film.mp4"))
    // Labelled twice: what was joined is an ordinary film.
    try shop.edit("out.mp4", to: "again.mp4")
    #expect(try shop.open("again.mp4").info.duration == shop.open("out.mp4").info.duration)
  }

  /// As some telephones write them: the movie box knows of the samples in front of the fragments alone.
  @Test func anEditAsLongAsWhatIsInFrontOfTheFragmentsGoesToTheirEnd() throws {
    let shop = try StreamWorkshop()
    try shop.make("film.mp4", "\(Self.h264) -movflags frag_keyframe -use_editlist 1")
    var bytes = try shop.bytes("film.mp4")
    let places = { (type: String) in
      bytes.indices.dropLast(40).filter { bytes[$0..<$0 + 4].elementsEqual(type.utf8) }
    }
    let (lists, headers) = (places("elst"), places("tkhd"))
    #expect(lists.count == 2 && headers.count == 2)
    // Durations of version 0: of the first edit, and of the track.
    for (list, header) in zip(lists, headers) {
      bytes.replaceSubrange(list + 12..<list + 16, with: bytes[header + 24..<header + 28])
    }
    try shop.write("edits.mp4", bytes)
    _ = try shop.edit("film.mp4", to: "plain.mp4")
    _ = try shop.edit("edits.mp4", to: "out.mp4")
    #expect(try shop.frames("out.mp4") == shop.frames("plain.mp4"))
    #expect(try shop.open("out.mp4").info.duration == shop.open("plain.mp4").info.duration)
  }

  /// FFmpeg shows fragments like these as much later as the earliest of such pictures is in front of its decoding time
  /// (`dts_shift`); by 8.6.1.3 the first picture is shown at once, as players show it and as the joined film says.
  @Test(arguments: ["", "+delay_moov"]) func picturesBeforeTheirDecodingTimeAreShownByAnEditList(
    _ flags: String
  ) throws {
    let shop = try StreamWorkshop()
    try shop.make(
      "film.mp4", "\(Self.h264) -movflags frag_keyframe+empty_moov+negative_cts_offsets\(flags)")
    #expect(try shop.edit("film.mp4", to: "out.mp4")?.method == .smart)
    let hashes = { (frame: String) in frame.split(separator: " ").last }
    let (before, after) = (try shop.frames("film.mp4"), try shop.frames("out.mp4"))
    #expect(before.suffix(10).map(hashes) == after.suffix(10).map(hashes))
    let times = after.map { $0.split(separator: ",").dropFirst(2).first.map { $0.filter(\.isNumber) } }
    #expect(times == (0..<20).map(String.init))
    #expect(try shop.complaints("out.mp4") == "")
    // The sound is not moved: with it stands the picture.
    let sound = try shop.shell("ffprobe -v error -show_entries stream=start_time -of csv=p=0 out.mp4")
    #expect(sound.split(separator: "\n").allSatisfy { abs(Double($0) ?? 9) < 0.03 }, "\(sound)")
  }

  @Test func fragmentsTellHowLongTheyAre() throws {
    let shop = try StreamWorkshop()
    try shop.make("film.mp4", "\(Self.h264) -movflags frag_keyframe+empty_moov", seconds: 3)
    let duration = try #require(try shop.open("film.mp4").info.duration)
    let shown = try shop.shell("ffprobe -v error -show_entries format=duration -of csv=p=0 film.mp4")
    let expected = try #require(Double(shown.trimmingCharacters(in: .whitespacesAndNewlines)))
    #expect(abs(duration - expected) < 0.1, "\(duration), \(expected)")
  }

  @Test func brokenFragmentsAreRefusedOrRead() throws {
    let shop = try StreamWorkshop()
    try shop.make("film.mp4", "\(Self.h264) -movflags frag_keyframe+empty_moov", size: "32x32", seconds: 1)
    try shop.tormentFrames("film.mp4", flips: 60, cuts: 12)
  }

  @Test func theFirstOfSeveralVideoTracksIsLabelled() throws {
    let shop = try StreamWorkshop()
    for name in ["two.mp4", "two.mkv"] {
      try shop.shell(
        "ffmpeg -v error -y -f lavfi -i testsrc2=size=64x48:rate=10:duration=2 -f lavfi -i testsrc=size=32x32:rate=10:duration=2 "
          + "-map 0 -map 1 -g 10 -pix_fmt yuv420p -c:v libx264 -preset ultrafast \(name)")
      let plan = try shop.edit(name, to: "out")
      #expect(plan?.method == .smart)
      #expect(plan?.reason.contains("2 video tracks") == true)
      #expect(try shop.essence("out", "-map 0:v:1") == shop.essence(name, "-map 0:v:1"))
      #expect(try shop.essence("out", "-map 0:v:0") != shop.essence(name, "-map 0:v:0"))
    }
  }

  @Test(arguments: [false, true]) func picturesArePredictedForwardWhereTheyAskForIt(_ asks: Bool) throws {
    let shop = try StreamWorkshop()
    try shop.make("film.mp4", "-c:v libx264 -preset veryfast")
    let file = try #require(try shop.open("film.mp4") as? any FrameMediaFile)
    let edit = FrameEdit(quality: 30, visitsAllCoded: true) { (frame) throws(MediaError) in
      guard let frame = frame as? any LumaFrame else { return }
      if asks { frame.predictForward() }
      try frame.editLuma { $0.base.storeBytes(of: 16, as: UInt8.self) }
    }
    let output = try OutputFile(path: shop.file("out"))
    _ = try file.rewrite(
      to: output, changes: MetadataChanges(set: [StreamWorkshop.property()]), edit: MediaEdit(frames: edit))
    try output.commit(.rename)
    let kinds = try shop.shell(
      "ffprobe -v error -select_streams v -show_entries frame=pict_type -of csv=p=0 out")
    #expect(kinds.contains("B") == !asks)
    #expect(kinds.contains("I") && kinds.contains("P"))
    #expect(try shop.frames("out").count == shop.frames("film.mp4").count)
  }

  /// Hashes of the coded sound, one a packet.
  private func packets(_ shop: StreamWorkshop, _ name: String) throws -> [Substring] {
    try shop.essence(name, "-map 0:a:0").split(separator: "\n").compactMap { $0.split(separator: ",").last }
  }

  /// Decoded sound, one number a sample.
  private func sound(_ shop: StreamWorkshop, _ name: String, _ stream: Int = 0) throws -> [Float] {
    try shop.shell("ffmpeg -v error -y -i \(name) -map 0:a:\(stream) -ac 1 -f f32le pcm")
    return try shop.bytes("pcm").withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
  }

  @Test(arguments: ["film.mp4", "film.mov", "two.mp4", "fragments.mp4"])
  func picturesAndSoundAreEditedAtOnce(_ name: String) throws {
    let shop = try StreamWorkshop()
    let more =
      name == "two.mp4"
      ? "-map 0 -map 1 -map 1" : name == "fragments.mp4" ? "-movflags frag_keyframe+empty_moov" : ""
    try shop.make(name, "\(Self.h264) -ar 44100 \(more)", seconds: 4)
    let file = try #require(try shop.open(name) as? any FrameMediaFile & AudioMediaFile)
    #expect(file.canEdit(.frames) && file.canEdit(.sound))
    let rate = try #require(file.audio).sampleRate
    let edited = 2 * rate..<2 * rate + 8000
    var edit = MediaEdit()
    edit.frames = FrameEdit(spans: FrameSpans([-Double.infinity..<1]), quality: 30) {
      (frame) throws(MediaError) in
      var region = try frame.readRegion(PixelRect(x: 0, y: 0, width: 16, height: 16))
      for index in region.planes[0].samples.indices { region.planes[0].samples[index] = 200 }
      _ = try frame.writeRegion(region)
    }
    edit.sound = AudioEdit(ranges: [edited]) { (block) throws(MediaError) in
      for channel in block.channels.indices {
        for index in block.channels[channel].indices {
          block.channels[channel][index] = index / 50 % 2 == 0 ? 0.4 : -0.4
        }
      }
    }
    let output = try OutputFile(path: shop.file("out"))
    let notes = try file.rewrite(
      to: output, changes: MetadataChanges(set: [StreamWorkshop.property()]), edit: edit)
    try output.commit(.rename)
    #expect(notes.coding?.method == .smart)
    #expect(notes.notes.contains { $0.contains("AAC packets were coded anew") })
    let (before, after) = (try shop.frames(name), try shop.frames("out"))
    let times = { (frame: String) in frame.split(separator: ",").prefix(5).joined() }
    #expect(before.map(times) == after.map(times))
    #expect(before.suffix(30) == after.suffix(30))
    #expect(before.prefix(4) != after.prefix(4))
    // Coded packets, as a decoder's noise substitution depends on all that came before.
    let (old, new) = (try packets(shop, name), try packets(shop, "out"))
    #expect(old.count == new.count)
    let changed = zip(old, new).enumerated().filter { $0.element.0 != $0.element.1 }.map(\.offset)
    let (first, last) = (changed.first ?? 0, changed.last ?? 0)
    #expect(first * 1024 > rate && last * 1024 < 3 * rate, "packets \(first) to \(last) of \(old.count)")
    let middle = try sound(shop, "out")[edited.dropFirst(2000).prefix(4000)]
    #expect(middle.map(abs).reduce(0, +) / 4000 > 0.25)
    #expect(try shop.complaints("out") == "")
    if name == "two.mp4" {
      #expect(try shop.essence("out", "-map 0:a:1") == shop.essence(name, "-map 0:a:1"))
    }
  }
}
