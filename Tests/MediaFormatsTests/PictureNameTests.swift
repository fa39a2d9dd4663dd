import MediaCore
import Testing

@testable import MediaFormats

/// Codings of pictures go by the names that people know.
@Suite struct PictureNameTests {
  static let names = [
    ("V_THEORA", "Theora"), ("rle ", "QuickTime Animation"), ("DIB ", "raw samples"), ("HFYU", "HuffYUV"),
    ("V_MPEGI/ISO/VVC", "H.266 (VVC)"), ("XYZW", "'XYZW'"), ("", "''"),
  ]

  @Test(arguments: names) func codesHaveNames(_ code: String, _ name: String) {
    #expect(PictureName.of(code) == name)
  }

  static let refused = [
    ("a.avi", "-c:v huffyuv", "HuffYUV"), ("a.mov", "-c:v qtrle", "QuickTime Animation"),
    ("a.mkv", "-c:v wmv2", "WMV"), ("a.flv", "-c:v flv", "H.263"),
  ]

  @Test(arguments: refused) func messagesTellThem(_ file: String, _ options: String, _ name: String) throws {
    let shop = try StreamWorkshop()
    try shop.shell("ffmpeg -v error -y -f lavfi -i testsrc2=size=64x48:rate=5:duration=1 \(options) \(file)")
    let film = try #require(try shop.open(file) as? any FrameMediaFile)
    let error = #expect(throws: MediaError.self) {
      try film.visitFrames(in: .whole, every: 0) { _ in }
    }
    #expect(error?.code == .unsupported)
    #expect(error?.message.contains("coded as \(name) are") == true, "\(String(describing: error))")
  }
}
