internal import MediaCore

/// What a frame held before it was marked, to be put back where the mark turns out not to be read.
final class FrameBackup {
  private var regions: [Region] = []
  private var rows: [[Int16]] = []

  /// Keeps `region`, as it was read.
  func keep(_ region: Region) { regions.append(region) }

  /// Keeps the next row of blocks of luma.
  func keep(_ blocks: [Int16]) { rows.append(blocks) }

  /// Puts back what was kept.
  func restore(_ frame: any Frame) throws(MediaError) {
    for region in regions { try frame.writeRegion(region) }
    guard let frame = frame as? any CoefficientFrame else { return }
    for (row, blocks) in rows.enumerated() {
      try frame.editLumaBlocks(row: row) { column, block in
        var hasChanged = false
        for k in 0..<64 where block[k] != blocks[64 * column + k] {
          block[k] = blocks[64 * column + k]
          hasChanged = true
        }
        return hasChanged
      }
    }
  }
}
