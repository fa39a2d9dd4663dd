import MediaCore
import Testing

@testable import Labels

/// What was marked is put back as it was.
@Suite struct FrameBackupTests {
  @Test(arguments: [8, 24, 64]) func whatIsKeptOfBlocksIsPutBack(_ width: Int) throws {
    let frame = BlockFrame(
      size: PixelSize(width: 48, height: 40), steps: [Float](repeating: 1, count: 64)
    ) { Int16($0 % 91) - 40 }
    let (backup, before) = (FrameBackup(), frame.coefficients)
    for row in 0..<5 {
      let blocks = try frame.lumaBlocks(row: row)
      backup.luma.keep(blocks, columns: 6, rows: 5, width: width)
      for column in stride(from: row % 2, to: 6, by: 2) {
        blocks[64 * column] += 3
        blocks[64 * column + width - 1] -= 2
      }
    }
    #expect(frame.coefficients != before)
    try backup.restore(frame)
    #expect(frame.coefficients == before)
  }
}
