import MediaCore
import Testing

@testable import MediaFormats

/// Large media moves by whole pages, whatever is written in front of it.
@Suite struct MediaAlignmentTests {
  @Test func largeMediaMovesByWholePages() throws {
    let shop = try StreamWorkshop()
    try shop.shell(
      "ffmpeg -v error -f lavfi -i testsrc2=size=640x480:rate=10:duration=3 -c:v rawvideo -pix_fmt uyvy422 "
        + "-movflags +faststart in.mov")
    let before = try shop.bytes("in.mov").count
    try shop.rewrite("in.mov", to: "long.mov", MetadataChanges(set: [StreamWorkshop.property()]))
    let after = try shop.bytes("long.mov").count
    #expect((after - before) % 4096 == 0)
    #expect(after - before <= 8192)
    // Another label takes the room of the first one.
    var sizes: Set<Int> = []
    for length in [1, 40, 900, 2100] {
      let labels = try shop.open("long.mov").metadata.filter { $0.name == "AIGC" }
      let text = #"{"Label":"1","ProduceID":""# + String(repeating: "x", count: length) + #""}"#
      let changes = MetadataChanges(set: [StreamWorkshop.property(text)], remove: labels)
      try shop.rewrite("long.mov", to: "next.mov", changes)
      #expect(try shop.open("next.mov").metadata.filter { $0.name == "AIGC" }.map(\.value) == [text])
      let size = try shop.bytes("next.mov").count
      #expect((size - before) % 4096 == 0)
      sizes.insert(size)
      let input = try InputFile(path: shop.file("next.mov"))
      let movie = try ISOStructure(input, limits: Limits()).movie
      #expect(movie.children(of: 0).filter { movie.boxes[$0].type == .free }.count <= 1)
    }
    #expect(sizes.count <= 2)
    #expect(try shop.essence("next.mov") == shop.essence("in.mov"))
    #expect(try shop.complaints("next.mov") == "")
  }

  @Test func smallFilesGetNoRoom() throws {
    let shop = try StreamWorkshop()
    try shop.shell("cp $clips/faststart.mp4 in.mp4")
    try shop.rewrite("in.mp4", to: "out.mp4", MetadataChanges(set: [StreamWorkshop.property()]))
    #expect(try shop.bytes("out.mp4").count - shop.bytes("in.mp4").count < 1000)
  }
}
