import Foundation
import MediaCore
import Testing

@testable import MediaFormats

/// Opacity that is coded beside the pictures (WebM), and pictures of red, green and blue.
@Suite struct OpacityVideoTests {
  /// Two seconds in groups of one, of which the left half is transparent.
  private func make(_ name: String, _ coder: String, in shop: StreamWorkshop, keys: Int = 10) throws {
    try shop.shell(
      "ffmpeg -v error -y -f lavfi -i testsrc2=size=64x48:rate=10:duration=2 -f lavfi -i "
        + "color=black:size=64x48:rate=10:duration=2,format=gray,drawbox=x=32:w=32:h=48:color=white:t=fill "
        + "-filter_complex [0][1]alphamerge,format=yuva420p -c:v \(coder) -deadline realtime -auto-alt-ref 0 "
        + "-b:v 400k -g \(keys) \(name)")
  }

  /// Edits the first second: opaque and grey in the corner.
  private func edit(_ source: String, to result: String, in shop: StreamWorkshop) throws -> CodingPlan? {
    let opened = try #require(try shop.open(source) as? any FrameMediaFile)
    let edit = FrameEdit(spans: FrameSpans([-Double.infinity..<1]), quality: 20) {
      (frame) throws(MediaError) in
      var region = try frame.readRegion(PixelRect(x: 0, y: 0, width: 16, height: 16))
      guard let alpha = region.alpha, alpha.samples.allSatisfy({ $0 < 32 }) else {
        throw MediaError(.internalFault, .label, "the corner is not transparent")
      }
      for index in alpha.samples.indices { region.alpha?.samples[index] = alpha.maxValue }
      for index in region.planes[0].samples.indices { region.planes[0].samples[index] = 200 }
      _ = try frame.writeRegion(region)
    }
    let output = try OutputFile(path: shop.file(result))
    let changes = MetadataChanges(set: [StreamWorkshop.property()])
    let notes = try opened.rewrite(to: output, changes: changes, edit: MediaEdit(frames: edit))
    try output.commit(.rename)
    return notes.coding
  }

  /// Opacity as libvpx decodes it: a hash for each frame.
  private func opacity(_ name: String, _ coder: String, in shop: StreamWorkshop) throws -> [String] {
    try shop.shell(
      "ffmpeg -v error -c:v \(coder) -i \(name) -map 0:v -vf alphaextract -f framemd5 - | grep -v '^#'"
    ).split(separator: "\n").map(String.init)
  }

  @Test(arguments: ["libvpx", "libvpx-vp9"]) func onlyTheOpacityUnderTheLabelChanges(_ coder: String) throws {
    let shop = try StreamWorkshop()
    try make("in.webm", coder, in: shop)
    let plan = try edit("in.webm", to: "out.webm", in: shop)
    #expect(plan?.method == .smart)
    #expect(plan?.frames == 10)
    #expect(MatroskaCheck(try shop.bytes("out.webm")).faults == [])
    let (before, after) = (try shop.frames("in.webm"), try shop.frames("out.webm"))
    let times = { (frame: String) in frame.split(separator: ",").prefix(5).joined() }
    #expect(before.map(times) == after.map(times))
    let (clear, raised) = (
      try opacity("in.webm", coder, in: shop), try opacity("out.webm", coder, in: shop)
    )
    #expect(clear.count == 20 && raised.count == 20)
    for (old, new) in [(before, after), (clear, raised)] {
      #expect(zip(old, new).map { $0 != $1 } == (0..<20).map { $0 < 10 })
    }
    try shop.shell(
      "ffmpeg -v error -y -c:v \(coder) -i out.webm -frames:v 1 -vf alphaextract,format=gray -f rawvideo a")
    let pixels = try shop.bytes("a")
    #expect(pixels.count == 64 * 48)
    for (y, x) in [(4, 4), (12, 12)] { #expect(pixels[y * 64 + x] > 240, "\(x), \(y)") }
    for (y, x) in [(40, 4), (24, 20)] { #expect(pixels[y * 64 + x] < 32, "\(x), \(y)") }
    for (y, x) in [(4, 48), (40, 60)] { #expect(pixels[y * 64 + x] > 240, "\(x), \(y)") }
    #expect(try shop.complaints("out.webm") == "")
  }

  @Test func aClipOfOneGroupIsCodedAnewAsAWhole() throws {
    let shop = try StreamWorkshop()
    try make("in.webm", "libvpx-vp9", in: shop, keys: 100)
    let plan = try edit("in.webm", to: "out.webm", in: shop)
    #expect(plan?.method == .full)
    let opacity = try opacity("out.webm", "libvpx-vp9", in: shop)
    #expect(opacity.count == 20)
    #expect(MatroskaCheck(try shop.bytes("out.webm")).faults == [])
  }

  @Test func opacityOfSomePicturesAloneIsRefused() throws {
    let shop = try StreamWorkshop()
    try make("a.webm", "libvpx", in: shop)
    try shop.shell(
      "ffmpeg -v error -f lavfi -i testsrc2=size=64x48:rate=10:duration=1 -c:v libvpx -b:v 400k b.webm; "
        + "printf 'file a.webm\\nfile b.webm\\n' > list; ffmpeg -v error -f concat -i list -c copy in.webm")
    let error = #expect(throws: MediaError.self) { try shop.edit("in.webm", to: "out.webm") }
    #expect(error?.code == .unsupported)
    #expect(error?.message.contains("20 of 30 pictures") == true, "\(error as Any)")
  }

  @Test func injuredOpacityGivesAnErrorOrAResult() throws {
    let shop = try StreamWorkshop()
    try make("in.webm", "libvpx", in: shop)
    try shop.tormentFrames("in.webm", flips: 40, cuts: 8)
  }

  @Test(arguments: [
    ("rgb.mp4", "-c:v libx264rgb -preset ultrafast"), ("packed.mkv", "-c:v ffv1 -pix_fmt bgr0"),
    ("transparent.mkv", "-c:v ffv1 -pix_fmt bgra"), ("deep.mkv", "-c:v ffv1 -pix_fmt gbrp12le"),
    ("png.mov", "-c:v png -pix_fmt rgba"),
  ]) func redIsReadAsRed(_ name: String, _ options: String) throws {
    let shop = try StreamWorkshop()
    try shop.shell(
      "ffmpeg -v error -f lavfi -i color=red:size=32x32:rate=10:duration=0.3,format=gbrp \(options) \(name)")
    let file = try #require(try shop.open(name) as? any FrameMediaFile)
    var seen = 0
    try file.visitFrames(FrameSampling(FrameSpans([0..<1]), every: 0)) { (frame) throws(MediaError) in
      let region = try frame.readRegion(PixelRect(x: 8, y: 8, width: 8, height: 8))
      let means = region.planes.map { plane in
        plane.samples.reduce(0) { $0 + Double($1) } / Double(plane.samples.count * Int(plane.maxValue))
      }
      guard region.model == .rgb, means.count == 3, means[0] > 0.95, means[1] < 0.05, means[2] < 0.05 else {
        throw MediaError(.internalFault, .label, "the frame reads \(region.model) \(means)")
      }
      seen += 1
    }
    #expect(seen == 3)
  }
}
