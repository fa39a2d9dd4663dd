import Foundation
import MediaCore
import Testing

@testable import MediaFormats

/// What a file says it cannot be given is refused before anything is written, whatever its container.
struct EditablePartsTests {
  /// Sound that is not coded anew, how it is made (`N` is its name), and what must be said of it.
  static let refused: [(name: String, command: String, code: MediaError.Code, reason: String)] = [
    ("vorbis.mp4", "-c:v mpeg4 -c:a libvorbis -ac 2 N", .unsupported, "Vorbis is not coded anew in MP4"),
    ("layer2.mp4", "-c:v mpeg4 -c:a mp2 N", .unsupported, "MPEG layer II is not coded anew"),
    ("ac3.avi", "-c:v mpeg4 -c:a ac3 N", .unsupported, "in AVI is not coded anew"),
    ("dts.mkv", "-c:v mpeg4 -c:a dca -strict -2 -ac 2 N", .unsupported, "DTS is not coded anew"),
    (
      "short.mkv", "-c:v mpeg4 -c:a eac3 -ac 2 -b:a 3000k N", .unsupported,
      "E-AC-3 do not hold one frame each"
    ),
    // What an encoder of HE-AAC says, said of AAC-LC.
    ("sbr.mkv", "-vn -c:a aac N && sed -i 's/\\x56\\xE5\\x00/\\x56\\xE5\\x80/' N", .unsupported, "HE-AAC"),
    ("a.mp2", "-vn -c:a mp2 N", .unsupported, "layer 2 is not coded anew"),
    ("flac.oga", "-vn -c:a flac N", .unsupported, "in Ogg is not coded anew; Opus and Vorbis are"),
    ("six.ogg", "-vn -c:a libvorbis -ac 6 N", .unsupported, "6 channels of Vorbis"),
    ("adpcm.wav", "-vn -c:a adpcm_ms N", .unsupported, "convert it to PCM"),
    ("speex.flv", "-c:v flv -c:a libspeex -ar 16000 N", .unsupported, "format 11 in FLV"),
    ("silent.mkv", "-c:v mpeg4 -an N", .unsupported, "no sound"),
    ("cut.mkv", "-c:v mpeg4 -c:a aac N && truncate -s 20000 N", .malformed, "at byte 20000"),
    ("cut.mp4", "-c:v mpeg4 -c:a aac -movflags +faststart N && truncate -s 20000 N", .malformed, "20000"),
  ]

  @Test(arguments: refused) func theReasonIsTheTrueOne(
    _ name: String, _ command: String, _ code: MediaError.Code, _ reason: String
  ) throws {
    let shop = try StreamWorkshop()
    try shop.shell(
      "export LC_ALL=C; ffmpeg -v error -y -f lavfi -i testsrc2=size=64x48:rate=10:duration=2 -f lavfi -i "
        + "anoisesrc=r=48000:a=0.2:seed=3:d=2 " + command.replacing("N", with: name))
    let objection = try #require(try shop.open(name).objection(toEditing: .sound))
    #expect(objection.code == code, "\(objection)")
    #expect(objection.message.contains(reason), "\(objection)")
  }

  @Test(arguments: try FileManager.default.contentsOfDirectory(atPath: StreamWorkshop.clip("")).sorted())
  func whatCannotBeEditedIsRefused(_ name: String) throws {
    let shop = try StreamWorkshop()
    try shop.shell("cp $clips/\(name) in")
    let edits: [MediaPart: MediaEdit] = [
      .frames: MediaEdit(frames: FrameEdit { _ in }),
      .sound: MediaEdit(sound: AudioEdit(ranges: [0..<1]) { _ in }),
    ]
    for part in MediaPart.allCases {
      let file = try shop.open("in")
      guard !file.canEdit(part), let edit = edits[part] else { continue }
      let output = try OutputFile(path: shop.file("out"))
      let error = #expect(throws: MediaError.self) {
        try file.rewrite(to: output, changes: MetadataChanges(), edit: edit)
      }
      #expect(error?.code == .unsupported)
      #expect(try InputFile(path: output.temporaryPath).size == 0)
    }
  }
}
