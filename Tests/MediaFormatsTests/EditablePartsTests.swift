import Foundation
import MediaCore
import Testing

@testable import MediaFormats

/// What a file says it cannot be given is refused before anything is written, whatever its container.
struct EditablePartsTests {
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
