import MediaCore
import Testing

@testable import MediaFormats

extension StreamWorkshop {
  /// Writes a file anew with the frames of the first `seconds` brightened in a corner, and with a label.
  @discardableResult func edit(
    _ source: String, to result: String, seconds: Double = 1, limits: Limits = Limits(),
    label: MetadataProperty = property()
  ) throws -> CodingPlan? {
    let opened = try open(source, limits: limits)
    let timed = try #require(opened as? any FrameMediaFile)
    let edit = FrameEdit(spans: FrameSpans([-Double.infinity..<seconds]), quality: 30) {
      (frame) throws(MediaError) in
      var region = try frame.readRegion(PixelRect(x: 0, y: 0, width: 16, height: 16))
      for index in region.planes[0].samples.indices { region.planes[0].samples[index] = 200 }
      _ = try frame.writeRegion(region)
    }
    let output = try OutputFile(path: file(result))
    let changes = MetadataChanges(set: [label])
    let notes = try timed.rewrite(to: output, changes: changes, edit: MediaEdit(frames: edit))
    try output.commit(.rename)
    return notes.coding
  }

  /// Decoded frames as ffmpeg shows them: times and hashes.
  func frames(_ name: String) throws -> [String] {
    try shell("ffmpeg -v fatal -i \(name) -map 0:v -f framemd5 - | grep -v '^#'").split(separator: "\n").map(
      String.init)
  }

  /// A clip of two seconds in groups of one second each.
  func make(_ name: String, _ options: String, size: String = "64x48", seconds: Double = 2) throws {
    try shell(
      "ffmpeg -v error -y -f lavfi -i testsrc2=size=\(size):rate=10:duration=\(seconds) -f lavfi -i "
        + "sine=frequency=440:duration=\(seconds) -shortest -g 10 -pix_fmt yuv420p \(options) \(name)")
  }

  /// Requires that `result` shows what `source` shows at the same times, the last `kept` frames being the very same,
  /// that its sound is the same, and that nothing is wrong with it.
  func requireOnlyEdited(_ source: String, _ result: String, kept: Int) throws {
    let (before, after) = (try frames(source), try frames(result))
    let times = { (frame: String) in frame.split(separator: ",").prefix(5).joined() }
    #expect(before.map(times) == after.map(times))
    #expect(zip(before, after).prefix(4).allSatisfy { $0 != $1 })
    #expect(before.suffix(kept) == after.suffix(kept))
    #expect(try essence(result, "-map 0:a") == essence(source, "-map 0:a"))
    #expect(try complaints(result) == complaints(source))
    #expect(try open(result).metadata.filter { $0.name == "AIGC" }.map(\.value) == [Self.json])
  }

  /// Damages `source` in many ways and edits frames of it: every outcome but a result or a `MediaError` fails.
  func tormentFrames(_ source: String, flips: Int, cuts: Int, seed: UInt64 = 41) throws {
    let whole = try bytes(source)
    var random = StreamGenerator(state: seed)
    let limits = Limits(metadataValueBytes: 1 << 18, indexBytes: 16 << 20)
    func attempt(_ bytes: [UInt8]) throws {
      try write("hurt", bytes)
      do {
        try edit("hurt", to: "healed", seconds: 0.3, limits: limits)
      } catch is MediaError {} catch is ExpectationFailedError {}
    }
    for _ in 0..<cuts { try attempt(Array(whole.prefix(Int.random(in: 1..<whole.count, using: &random)))) }
    for round in 0..<flips {
      var bytes = whole
      for _ in 0...round % 4 {
        // Heads, the middle of the media, and the index at the end.
        let ranges = [0..<min(600, bytes.count), 0..<bytes.count, max(0, bytes.count - 600)..<bytes.count]
        let place = Int.random(in: ranges[round % 3], using: &random)
        bytes[place] ^= UInt8(1 << Int.random(in: 0...7, using: &random))
      }
      if BuiltinFormats.table.probe(Array(bytes.prefix(4096))) != nil { try attempt(bytes) }
    }
  }
}
