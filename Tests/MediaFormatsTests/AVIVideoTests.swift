import MediaCore
import Testing

@testable import MediaFormats

/// Frames of AVI files edited in their chunks.
@Suite struct AVIVideoTests {
  private static let h264 = "-c:v libx264 -preset ultrafast -bf 2 -c:a libmp3lame"
  private static let part2 = "-c:v mpeg4 -q:v 8 -bf 2 -c:a libmp3lame"

  static let layouts = ["relative", "absolute", "records", "segments", "segments at zero"]

  private static func arranged(_ bytes: [UInt8], _ layout: String) -> [UInt8] {
    let parts = AVILayout(bytes)
    switch layout {
    case "relative": return parts.plain(isAbsolute: false)
    case "absolute": return parts.plain(isAbsolute: true)
    case "records": return parts.plain(isAbsolute: false, perRecord: 5)
    case "segments": return parts.segmented(isBaseZero: false)
    default: return parts.segmented(isBaseZero: true)
    }
  }

  /// Whether a piece of a byte stream holds an IDR picture.
  private static func isIDR(_ bytes: ArraySlice<UInt8>) -> Bool {
    let bytes = Array(bytes)
    return AnnexB.units(of: bytes).contains { bytes[$0.lowerBound] & 31 == 5 }
  }

  @Test(arguments: layouts) func everyIndexFollows(_ layout: String) throws {
    let shop = try StreamWorkshop()
    try shop.make("made.avi", Self.h264)
    let source = Self.arranged(try shop.bytes("made.avi"), layout)
    try shop.write("in.avi", source)
    #expect(try shop.frames("in.avi") == shop.frames("made.avi"))
    #expect(try shop.edit("in.avi", to: "out.avi", seconds: 0.5)?.method == .smart)
    try shop.requireOnlyEdited("in.avi", "out.avi", kept: 10)
    let before = AVILayout.entries(source, isKey: Self.isIDR)
    let after = AVILayout.entries(try shop.bytes("out.avi"), isKey: Self.isIDR)
    #expect(before.wrong == [])
    #expect(after.wrong == [])
    #expect(before.right == after.right && after.right > 20)
  }

  @Test func droppedPicturesAndSetsThatStandOnceStay() throws {
    let shop = try StreamWorkshop()
    try shop.make("made.avi", "-c:v libx264 -preset ultrafast -bf 0 -c:a libmp3lame")
    var parts = AVILayout(try shop.bytes("made.avi"))
    let pictures = parts.chunks.indices.filter { parts.chunks[$0].id[1] == 0x30 }
    for index in pictures.dropFirst() {
      let data = parts.chunks[index].data
      parts.chunks[index].data = AnnexB.units(of: data).filter { ![7, 8].contains(data[$0.lowerBound] & 31) }
        .flatMap { AnnexB.startCode + data[$0] }
    }
    for index in pictures.reversed() where index % 3 == 1 {
      parts.chunks.insert((parts.chunks[index].id, [], 0), at: index)
    }
    try shop.write("in.avi", parts.plain(isAbsolute: false))
    #expect(try shop.edit("in.avi", to: "out.avi", seconds: 0.5)?.method == .smart)
    try shop.requireOnlyEdited("in.avi", "out.avi", kept: 8)
  }

  @Test(arguments: [
    ("\(part2)", CodingPlan.Method.full, 0), ("-c:v mjpeg -pix_fmt yuvj420p -c:a pcm_s16le", .smart, 10),
    ("\(h264) -g 300", .full, 0), ("\(h264) -x264-params open-gop=1", .full, 0),
    ("\(h264) -flags +ildct+ilme -x264-params tff=1", .smart, 10), ("\(h264) -bf 1", .smart, 10),
    ("\(part2) -r 24000/1001 -vtag DIVX", .full, 0), ("\(part2) -r 1000000/33333", .full, 0),
  ]) func codecsAndTheirOrders(_ options: String, method: CodingPlan.Method, kept: Int) throws {
    let shop = try StreamWorkshop()
    try shop.make("in.avi", options)
    #expect(try shop.edit("in.avi", to: "out.avi", seconds: 0.5)?.method == method)
    try shop.requireOnlyEdited("in.avi", "out.avi", kept: kept)
  }

  @Test func packedPicturesAndOtherCodecsAreRefusedAndLabelledInMetadata() throws {
    let shop = try StreamWorkshop()
    try shop.make("packed.avi", "-c:v libxvid -bf 2 -q:v 8 -c:a libmp3lame")
    try shop.make("other.avi", "-c:v msmpeg4v3 -c:a libmp3lame")
    for name in ["packed.avi", "other.avi"] {
      do {
        try shop.edit(name, to: "out.avi")
        Issue.record("\(name) was edited")
      } catch let error as MediaError { #expect(error.code == .unsupported, "\(error)") }
      try shop.rewrite(name, to: "out.avi", MetadataChanges(set: [StreamWorkshop.property()]))
    }
  }

  @Test func aStartCodeWithNothingBehindItIsNoUnit() {
    #expect(AnnexB.units(of: [0, 0, 1]) == [])
    #expect(AnnexB.units(of: [0, 0, 0, 1, 0x65, 1, 0, 0, 1, 0, 0, 1, 9]) == [4..<6, 12..<13])
  }

  @Test(arguments: [h264, part2, "-c:v mjpeg -pix_fmt yuvj420p -c:a pcm_s16le"])
  func injuredFilesGiveAnErrorOrAResult(_ options: String) throws {
    let shop = try StreamWorkshop()
    try shop.make("made.avi", options)
    try shop.write("in.avi", Self.arranged(try shop.bytes("made.avi"), "segments"))
    try shop.tormentFrames("in.avi", flips: 40, cuts: 5)
    try shop.write("in.avi", Self.arranged(try shop.bytes("made.avi"), "records"))
    try shop.tormentFrames("in.avi", flips: 40, cuts: 5, seed: 43)
  }
}
