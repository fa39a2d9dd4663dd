import MediaCore
import Testing

@testable import MediaFormats

/// Frames of FLV files edited in their tags.
@Suite struct FLVVideoTests {
  private static let h264 = "-c:v libx264 -preset ultrafast -bf 2 -c:a aac"

  /// Where tags stand, and what they hold.
  private static func tags(_ bytes: [UInt8]) -> [(offset: Int, type: UInt8, data: Range<Int>)] {
    var tags: [(offset: Int, type: UInt8, data: Range<Int>)] = []
    var offset = 13
    while offset + 11 < bytes.count {
      let size = bytes[offset + 1..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
      let end = offset + 11 + size
      guard end + 4 <= bytes.count else { break }
      #expect(bytes[end..<end + 4].reduce(0) { $0 << 8 | Int($1) } == 11 + size)
      tags.append((offset, bytes[offset], offset + 11..<end))
      offset = end + 4
    }
    #expect(offset == bytes.count)
    return tags
  }

  private static func numbers(_ bytes: [UInt8], behind name: [UInt8], _ count: Int, step: Int) -> [Int] {
    guard let place = bytes.firstRange(of: name)?.upperBound else { return [] }
    return (0..<count).map { index in
      let start = place + step * index
      return Int(Double(bitPattern: bytes[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) }))
    }
  }

  @Test func tagsAndTheKeyframeIndexFollow() throws {
    let shop = try StreamWorkshop()
    try shop.make("in.flv", "\(Self.h264) -flvflags add_keyframe_index")
    let index = Array("filepositions".utf8) + [10, 0, 0, 0, 2, 0]
    // ffmpeg forgets here that its own index moves everything.
    var made = try shop.bytes("in.flv")
    let last = try #require(Self.numbers(made, behind: index, 2, step: 9).last)
    let place = try #require(made.firstRange(of: Array("lastkeyframelocation".utf8) + [0])).upperBound
    made.replaceSubrange(place..<place + 8, with: Double(last).bitPattern.bigEndianBytes)
    try shop.write("in.flv", made)
    #expect(try shop.edit("in.flv", to: "out.flv", seconds: 0.5)?.method == .smart)
    try shop.requireOnlyEdited("in.flv", "out.flv", kept: 10)
    let (source, result) = (try shop.bytes("in.flv"), try shop.bytes("out.flv"))
    let (before, after) = (Self.tags(source), Self.tags(result))
    #expect(before.map(\.type) == after.map(\.type))
    // Times, and all that is no picture.
    for (old, new) in zip(before, after) {
      #expect(source[old.offset + 4..<old.offset + 11] == result[new.offset + 4..<new.offset + 11])
      if old.type == 8 { #expect(source[old.data] == result[new.data]) }
    }
    let places = Self.numbers(result, behind: index, 2, step: 9)
    for place in places {
      let tag = try #require(after.first { $0.offset == place })
      #expect(tag.type == 9 && result[tag.data.lowerBound] == 0x17)
    }
    func number(_ name: String, _ bytes: [UInt8]) -> Int? {
      Self.numbers(bytes, behind: Array(name.utf8) + [0], 1, step: 0).first
    }
    #expect(number("filesize", result) == result.count)
    #expect(number("lastkeyframelocation", result) == places.last)
    let size = { (tags: [(offset: Int, type: UInt8, data: Range<Int>)]) in
      tags.filter { $0.type == 9 }.reduce(0) { $0 + $1.data.count }
    }
    let growth = size(after) - size(before)
    for name in ["videosize", "datasize"] {
      #expect(number(name, result) == number(name, source).map { $0 + growth })
    }
  }

  @Test func aTrackOfOneGroupGetsAnotherDescription() throws {
    let shop = try StreamWorkshop()
    try shop.make("in.flv", "\(Self.h264) -g 300")
    #expect(try shop.edit("in.flv", to: "out.flv", seconds: 0.5)?.method == .full)
    try shop.requireOnlyEdited("in.flv", "out.flv", kept: 0)
  }

  @Test func aRepeatedDescriptionIsReplacedAndAnotherOneRefused() throws {
    let shop = try StreamWorkshop()
    try shop.make("in.flv", Self.h264)
    var bytes = try shop.bytes("in.flv")
    let tags = Self.tags(bytes)
    let header = try #require(tags.first { $0.type == 9 && bytes[$0.data.lowerBound + 1] == 0 })
    let copy = Array(bytes[header.offset..<header.data.upperBound + 4])
    let middle = tags[tags.count / 2].offset
    bytes.insert(contentsOf: copy, at: middle)
    try shop.write("twice.flv", bytes)
    try shop.edit("twice.flv", to: "out.flv", seconds: 0.5)
    try shop.requireOnlyEdited("twice.flv", "out.flv", kept: 10)
    let result = try shop.bytes("out.flv")
    let headers = Self.tags(result).filter { $0.type == 9 && result[$0.data.lowerBound + 1] == 0 }
    let records = headers.map { Array(result[$0.data]) }
    #expect(records.count == 2 && records[0] == records[1])
    #expect(records[0].count > header.data.count)
    bytes[middle + copy.count - 6] ^= 1
    try shop.write("other.flv", bytes)
    do {
      try shop.edit("other.flv", to: "out.flv")
      Issue.record("a stream of two descriptions was edited")
    } catch let error as MediaError { #expect(error.code == .unsupported, "\(error)") }
  }

  @Test func otherCodecsAndCutFilesAreRefusedAndLabelledInMetadata() throws {
    let shop = try StreamWorkshop()
    try shop.make("sorenson.flv", "-c:v flv1 -c:a libmp3lame -ar 22050")
    try shop.make("whole.flv", Self.h264)
    try shop.write("cut.flv", Array(try shop.bytes("whole.flv").dropLast(100)))
    for (name, code) in [("sorenson.flv", MediaError.Code.unsupported), ("cut.flv", .malformed)] {
      do {
        try shop.edit(name, to: "out.flv")
        Issue.record("\(name) was edited")
      } catch let error as MediaError { #expect(error.code == code, "\(error)") }
      try shop.rewrite(name, to: "out.flv", MetadataChanges(set: [StreamWorkshop.property()]))
    }
  }

  @Test func injuredFilesGiveAnErrorOrAResult() throws {
    let shop = try StreamWorkshop()
    try shop.make("in.flv", "\(Self.h264) -flvflags add_keyframe_index")
    try shop.tormentFrames("in.flv", flips: 120, cuts: 30)
  }

  /// Of a long film the pictures that are looked at are found by their times, and are those that a walk finds.
  @Test func picturesOfALongFilmAreFoundByTheirTimes() throws {
    let shop = try StreamWorkshop()
    try shop.shell(
      "ffmpeg -v error -y -f lavfi -i testsrc2=size=320x240:rate=10:duration=40 -vf noise=alls=20:allf=t "
        + "-c:v libx264 -preset ultrafast -bf 2 -g 12 -keyint_min 12 -sc_threshold 0 -pix_fmt yuv420p a.flv")
    #expect(try shop.bytes("a.flv").count > 4 << 20)
    let samplings = [
      FrameSampling(FrameSpans([-Double.infinity..<2]), every: 0.9),
      FrameSampling(FrameSpans([20.05..<27]), every: 0.9, keyFramesOnly: true, limit: 3),
      FrameSampling(FrameSpans([33..<Double.infinity]), every: 2, keyFramesOnly: true, limit: 40),
      FrameSampling(FrameSpans([39.5..<90]), every: 2, keyFramesOnly: true),
      FrameSampling(FrameSpans([14.95..<18]), every: 0.19),
      FrameSampling(FrameSpans([80..<90]), every: 0.19),
    ]
    func frames(_ limits: Limits) throws -> [[String]] {
      let file = try #require(try shop.open("a.flv", limits: limits) as? any FrameMediaFile)
      return try samplings.map { sampling in
        var seen: [String] = []
        try file.visitFrames(sampling) { (frame) throws(MediaError) in
          let region = try frame.readRegion(PixelRect(x: 100, y: 100, width: 4, height: 1))
          seen.append("\(frame.time) \(region.planes.map(\.samples))")
        }
        return seen
      }
    }
    var limits = Limits()
    let walked = try frames(limits)
    limits.countedSeconds = 10
    #expect(try frames(limits) == walked)
    #expect(walked.map(\.count) == [3, 3, 3, 1, 15, 0], "\(walked.map(\.count))")
  }
}
