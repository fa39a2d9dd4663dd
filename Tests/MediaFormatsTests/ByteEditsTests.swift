import MediaCore
import Testing

@testable import MediaFormats

/// What is put in front of a byte stands in front of what takes the byte's place, whichever call came first.
struct ByteEditsTests {
  private static let source = Array("0123456789".utf8)

  @Test(arguments: [[0, 1], [1, 0]]) func insertionsDoNotMeetReplacements(_ order: [Int]) throws {
    var edits = ByteEdits()
    for step in order {
      if step == 0 { try edits.insert(Array("ab".utf8), at: 4) } else { try edits.replace(4..<6, with: [33]) }
    }
    #expect(String(decoding: edits.applied(to: Self.source), as: UTF8.self) == "0123ab!6789")
    #expect([3, 4, 5, 6].map(edits.position) == [3, 6, 7, 7])
    #expect(throws: MediaError.self) { try edits.replace(5..<7, with: []) }
    #expect(throws: MediaError.self) { try edits.insert([0], at: 5) }
  }

  @Test func insertionsAtOnePlaceKeepTheirOrder() throws {
    var edits = ByteEdits()
    try edits.insert([65], at: 4)
    try edits.replace(4..<6, with: [33])
    try edits.insert([66], at: 4)
    #expect(String(decoding: edits.applied(to: Self.source), as: UTF8.self) == "0123AB!6789")
  }
}
