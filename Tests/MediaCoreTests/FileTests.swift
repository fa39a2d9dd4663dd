import Foundation
import MediaCore
import Testing

@Suite struct OutputFileTests {
  @Test func nothingStandsUnderTheNameBeforeCommit() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/picture.png"
    let output = try OutputFile(path: path)
    try output.write([1, 2, 3])
    try output.flush()
    #expect(!FileManager.default.fileExists(atPath: path))
    #expect(FileManager.default.contents(atPath: output.temporaryPath) == Data([1, 2, 3]))
    try output.commit()
    #expect(try folder.names() == ["picture.png"])
    #expect(FileManager.default.contents(atPath: path) == Data([1, 2, 3]))
  }

  @Test func anUnnamedOutputCanBeReadBackAndLeavesNothing() throws {
    let folder = try TemporaryFolder()
    let output = try OutputFile(unnamed: FilePath(folder.path + "/picture.png"))
    try output.write([UInt8](repeating: 5, count: 300_000))
    try output.flush()
    let written = try InputFile(output.temporary)
    #expect(written.size == 300_000)
    #expect(try written.read(3, at: 299_998) == [5, 5])
    try output.commit()
    #expect(try folder.names().isEmpty)
  }

  @Test func whatWasWrittenIsReadBackWhateverBecomesOfTheName() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/picture.png"
    let output = try OutputFile(path: path)
    try output.write([1, 2, 3])
    try output.flush()
    let written = try output.readBack()
    #expect(written.size == 3)
    try output.commit(.rename)
    #expect(unlink(path) == 0)
    #expect(try written.read(9) == [1, 2, 3])
    #expect(throws: MediaError.self) { try InputFile(path: path) }
  }

  @Test func anAbandonedOutputLeavesNothing() throws {
    let folder = try TemporaryFolder()
    do {
      let output = try OutputFile(path: folder.path + "/picture.png")
      try output.write([UInt8](repeating: 7, count: 1 << 20))
    }
    #expect(try folder.names().isEmpty)
  }

  @Test func aFileOfThatNameIsAConflictUnlessReplaced() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/picture.png"
    #expect(FileManager.default.createFile(atPath: path, contents: Data([9])))
    let refused = try OutputFile(path: path)
    #expect(throws: MediaError.self) { try refused.commit(.rename, replacing: false) }
    #expect(FileManager.default.contents(atPath: path) == Data([9]))
    let replacing = try OutputFile(path: path)
    try replacing.write([4])
    try replacing.commit(.rename)
    #expect(FileManager.default.contents(atPath: path) == Data([4]))
  }

  @Test func leftoversGoButTemporariesInUseStay() throws {
    let folder = try TemporaryFolder()
    let inUse = try OutputFile(path: folder.path + "/a.png")
    let orphan = folder.path + "/.b.png" + OutputFile.temporaryMark + "abcdef"
    let stranger = folder.path + "/.b.png.partial"
    for path in [orphan, stranger] { #expect(FileManager.default.createFile(atPath: path, contents: nil)) }
    #expect(OutputFile.removeLeftovers(in: folder.path) == 1)
    #expect(!FileManager.default.fileExists(atPath: orphan))
    #expect(FileManager.default.fileExists(atPath: stranger))
    try inUse.commit(.rename)
  }

  @Test(arguments: [1, 200, 251]) func namesUpToTheSystemsLimitFit(_ length: Int) throws {
    let folder = try TemporaryFolder()
    let name = String(repeating: "n", count: length) + ".png"
    let output = try OutputFile(path: folder.path + "/" + name)
    try output.commit(.rename)
    #expect(try folder.names() == [name])
  }

  @Test func piecesOfEverySizeArriveInOrder() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/picture.png"
    let output = try OutputFile(path: path)
    var expected: [UInt8] = []
    for (index, count) in [1, 100, 70_000, 3, 300_000, 0, 65_536, 65_535].enumerated() {
      let piece = [UInt8](repeating: UInt8(index), count: count)
      expected += piece
      try output.write(piece)
    }
    #expect(output.size == expected.count)
    try output.commit(.rename)
    #expect(FileManager.default.contents(atPath: path) == Data(expected))
  }
}

@Suite struct InputFileTests {
  @Test func whatIsNotARegularFileIsRefusedAtOnce() throws {
    let folder = try TemporaryFolder()
    #expect(mkfifo(folder.path + "/pipe", 0o600) == 0)
    for path in [folder.path, folder.path + "/pipe", "/dev/zero"] {
      let error = #expect(throws: MediaError.self) { _ = try InputFile(path: path) }
      #expect(error?.code == .unsupported)
    }
    let missing = #expect(throws: MediaError.self) { _ = try InputFile(path: folder.path + "/none") }
    #expect(missing?.code == .io && missing?.nativeStatus == ENOENT)
  }

  /// The first bytes are kept once they were read, which nobody is to notice.
  @Test(arguments: [0, 100, 4095, 4096, 10_000]) func everyReaderGetsTheSameBytes(_ size: Int) throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/picture.png"
    let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 ^ $0 >> 8) }
    #expect(FileManager.default.createFile(atPath: path, contents: Data(bytes)))
    let input = try InputFile(path: path)
    for count in [2, 4096, 20, 5000] {
      for offset in [0, 1, 50, 4090, 4096, 9990, 20_000] {
        #expect(try input.read(count, at: offset) == Array(bytes.dropFirst(offset).prefix(count)))
      }
    }
  }

  @Test func aFileThatShrinksIsAnErrorNotASignal() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/picture.png"
    #expect(FileManager.default.createFile(atPath: path, contents: Data(repeating: 1, count: 1 << 20)))
    let input = try InputFile(path: path)
    #expect(truncate(path, 1000) == 0)
    let error = #expect(throws: MediaError.self) {
      _ = try input.contents(limits: Limits(), scratch: Scratch())
    }
    #expect(error?.code == .io)
    #expect(try input.read(4096, at: 10).count == 990)
  }

  @Test func aFileAboveTheLimitIsNotRead() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/picture.png"
    #expect(FileManager.default.createFile(atPath: path, contents: Data(count: 101)))
    let error = #expect(throws: MediaError.self) {
      _ = try InputFile(path: path).contents(limits: Limits(fileBytes: 100), scratch: Scratch())
    }
    #expect(error?.code == .limitExceeded)
  }
}

@Suite struct ScratchTests {
  @Test func releasedBuffersAreReusedAndTheirSumIsBounded() {
    let scratch = Scratch(keptBytes: 1 << 20)
    var address: UnsafeMutableRawPointer?
    do {
      let buffer = scratch.borrow(300_000)
      #expect(buffer.bytes.count == 300_000)
      address = buffer.bytes.baseAddress
    }
    let again = scratch.borrow(299_000)
    #expect(again.bytes.baseAddress == address && again.bytes.count == 299_000)
    let other = scratch.borrow(299_000)
    #expect(other.bytes.baseAddress != address)
  }

  @Test func aThumbnailDoesNotPinAPostersBuffer() {
    let scratch = Scratch()
    var address: UnsafeMutableRawPointer?
    do { address = scratch.borrow(10 << 20).bytes.baseAddress }
    #expect(scratch.borrow(1000).bytes.baseAddress != address)
  }
}
