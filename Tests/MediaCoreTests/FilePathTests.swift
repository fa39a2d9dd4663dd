import MediaCore
import Testing

@Suite struct FilePathTests {
  @Test(arguments: [
    ("a.png", ".", "a.png", "png"), ("/a", "/", "a", ""), ("x/y/B.JPG", "x/y", "B.JPG", "jpg"),
    (".hidden", ".", ".hidden", ""), ("x/.tar.gz", "x", ".tar.gz", "gz"),
  ])
  func partsOfAPath(path: String, folder: String, name: String, ext: String) {
    let path = FilePath(path)
    #expect(path.folder == FilePath(folder))
    #expect(path.name == Array(name.utf8))
    #expect(path.fileExtension == ext)
  }

  @Test func joining() {
    #expect(FilePath("a").appending(FilePath("b")) == FilePath("a/b"))
    #expect(FilePath("a/").appending(FilePath("b")) == FilePath("a/b"))
    #expect(FilePath("a").appending(FilePath("/b")) == FilePath("/b"))
    #expect(
      FilePath("./a//b/../c").components.map { String(decoding: $0, as: UTF8.self) } == ["a", "b", "..", "c"])
  }

  @Test func namesOfAnyBytesNameFiles() throws {
    let folder = try TemporaryFolder()
    let path = FilePath(folder.path).appending(FilePath(bytes: [0xFF, 0x61, 0xFE]))
    #expect(!path.isText)
    do {
      let output = try OutputFile(path, mode: 0o640)
      try output.write([1, 2, 3])
      try output.commit()
    }
    let input = try InputFile(path)
    #expect(try input.read(8) == [1, 2, 3])
    #expect(input.status.mode == 0o640)
    #expect(try FileStatus(path) == input.status)
    _ = try OutputFile(path)
    #expect(OutputFile.removeLeftovers(in: FilePath(folder.path)) == 0)
    #expect(try folder.names().count == 1)
  }

  @Test func temporariesAreKnownByTheirNames() {
    #expect(OutputFile.isTemporary(Array(".a.png.touchmark-partial-abc123".utf8)))
    #expect(!OutputFile.isTemporary(Array("a.png.touchmark-partial-abc123".utf8)))
    #expect(!OutputFile.isTemporary(Array(".a.png".utf8)))
  }
}
