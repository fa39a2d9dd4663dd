import MediaCore
import Testing

@testable import MediaFormats

/// Messages name codings of sound as people do.
@Suite struct SoundNameTests {
  @Test(arguments: [
    ("ms\0\u{11}", "IMA ADPCM"), ("ms\0\u{2}", "MS ADPCM"), ("ms \u{7}", "0x2007"), ("vorbis", "Vorbis"),
    ("ec-3", "E-AC-3"), ("abcd", "'abcd'"), ("\0\0\0\u{1}", "code 0x00000001"),
  ])
  func codesHaveNames(_ code: String, _ name: String) { #expect(SoundName.of(code) == name) }

  @Test(arguments: [
    ("a.mov", "-c:a adpcm_ima_wav", "IMA ADPCM"), ("a.mkv", "-c:a adpcm_ms", "MS ADPCM"),
    ("b.mkv", "-c:a dca -strict -2", "DTS"), ("a.mp4", "-c:a libvorbis", "Vorbis"),
    ("a.avi", "-c:a ac3", "AC-3"),
  ])
  func whatIsNotCodedAnewIsNamed(_ name: String, _ options: String, _ coding: String) throws {
    let shop = try StreamWorkshop()
    try shop.shell(
      "ffmpeg -v error -y -f lavfi -i testsrc2=size=64x48:rate=10:duration=1 -f lavfi -i sine=r=48000:d=1 "
        + "-c:v mpeg4 -ac 2 \(options) \(name)")
    let objection = try #require(try shop.open(name).objection(toEditing: .sound))
    #expect(objection.message.contains("coded as \(coding) "), "\(objection.message)")
  }
}
