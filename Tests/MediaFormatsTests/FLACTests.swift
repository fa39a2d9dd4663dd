import Foundation
import MediaCore
import Testing

@testable import MediaFormats

/// FLAC: blocks that are there or not, and what the label is taken from.
@Suite struct FLACTests {
  private static func blocks(_ shop: AudioWorkshop, _ name: String) throws -> [String] {
    try shop.shell("metaflac --list \(name) | grep -E '^  (type|length):'").text.split(separator: "\n").map(
      String.init)
  }

  @Test(arguments: [
    "--remove --block-type=PADDING --dont-use-padding", "--remove-all --dont-use-padding",
    "--remove-all-tags",
  ])
  func aBlockIsMadeWhereThereIsNone(_ preparation: String) throws {
    let shop = try AudioWorkshop()
    try shop.write("in", try AudioWorkshop.clip("speech.flac"))
    #expect(try shop.shell("mv in in.flac; metaflac \(preparation) in.flac; mv in.flac in").isOK)
    try shop.label()
    #expect(try shop.labels().map(\.isRegularPlace) == [true])
    #expect(try shop.shell("mv out out.flac; flac -t -s out.flac; mv out.flac out").text == "")
    #expect(try shop.essence("out") == shop.essence("in"))
    #expect(try shop.shell("metaflac --show-tag=AIGC out").text == "AIGC=\(AudioWorkshop.json)\n")
  }

  @Test func picturesAndSeekPointsStay() throws {
    let shop = try AudioWorkshop()
    let clip = AudioWorkshop.clips + "/speech.wav"
    try shop.shell("ffmpeg -v error -f lavfi -i color=red:s=8x8 -frames:v 1 p.png")
    #expect(
      try shop.shell(
        "flac -s -S 1s --picture=p.png -T 'aigc={}' -T TITLE=t -T COMMENT=a -T COMMENT=b -P 4000 \(clip) -o in"
      ).isOK)
    let found = try shop.labels("in")
    #expect(found.map(\.value) == ["{}"])
    #expect(found.map(\.isRegularPlace) == [true])
    try shop.label()
    #expect(try shop.bytes("out").count == shop.bytes("in").count)
    #expect(try shop.shell("flac -t -s out").text == "")
    let other = "metaflac --list --except-block-type=VORBIS_COMMENT,PADDING "
    #expect(
      try shop.shell(other + "in").text.replacing("in:", with: "")
        == shop.shell(other + "out").text.replacing("out:", with: ""))
    #expect(
      try shop.shell("metaflac --export-tags-to=- out | sort").text.hasPrefix(
        "AIGC=\(AudioWorkshop.json)\nCOMMENT=a\nCOMMENT=b"))
    try shop.rewrite("out", to: "without", remove: try shop.labels())
    #expect(try shop.bytes("without").count == shop.bytes("in").count)
    #expect(try shop.shell("flac -t -s without").text == "")
  }

  @Test func aTagInFrontIsReadAndCleaned() throws {
    let shop = try AudioWorkshop()
    let tag = ID3Tests.tag(ID3Tests.frame("TXXX", ID3Tests.userText(0)) + ID3Tests.picture)
    try shop.write("in", tag + AudioWorkshop.clip("speech.flac"))
    let found = try shop.labels("in")
    #expect(found.map(\.isRegularPlace) == [false])
    try shop.label(removing: found)
    #expect(try shop.labels().map(\.isRegularPlace) == [true])
    #expect(try shop.bytes("out").starts(with: Array("ID3".utf8)))
    #expect(try shop.essence("out") == shop.essence("in"))
  }

  @Test func sixteenMegabytesAreTheEnd() throws {
    let shop = try AudioWorkshop()
    try shop.write("in", try AudioWorkshop.clip("speech.flac"))
    do {
      try shop.rewrite(set: [AudioWorkshop.label(String(repeating: "x", count: 1 << 24))])
      Issue.record("a block overflowed")
    } catch let error as MediaError { #expect(error.code == .limitExceeded) }
  }
}
