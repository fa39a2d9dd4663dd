internal import MediaCore

/// What a frame held before it was marked, to be put back where the mark turns out not to be read.
final class FrameBackup {
  private var regions: [Region] = []
  // Row by row, the first lines of coefficients of each block of luma, as many as are marked.
  private var lines: [SIMD8<Int16>] = []
  private var linesOfBlock = 8
  private var columns = 0
  private var kept = 0
  private var samples: [UInt8] = []

  /// Keeps `region`, as it was read.
  func keep(_ region: Region) { regions.append(region) }

  /// Keeps the first `width` coefficients, a multiple of eight and always as many, of the next of `rows` rows of `columns` blocks of luma.
  func keep(_ blocks: UnsafePointer<Int16>, columns: Int, rows: Int, width: Int) {
    (self.columns, linesOfBlock) = (columns, width / 8)
    let (from, count) = (UnsafeRawPointer(blocks), linesOfBlock)
    if kept == 0 { lines = Array(repeating: SIMD8(), count: rows * columns * count) }
    lines.withUnsafeMutableBufferPointer { lines in
      guard kept + columns * count <= lines.count, var target = lines.baseAddress.map({ $0 + kept }) else {
        return
      }
      for column in 0..<columns {
        for line in 0..<count {
          target.pointee = from.loadUnaligned(
            fromByteOffset: 128 &* column &+ 16 &* line, as: SIMD8<Int16>.self)
          target += 1
        }
      }
    }
    kept += columns * count
  }

  /// Keeps the samples of the next packed row.
  func keep(_ row: UnsafePointer<UInt8>, count: Int) {
    samples += UnsafeBufferPointer(start: row, count: count)
  }

  /// Puts back what was kept.
  func restore(_ frame: any Frame) throws(MediaError) {
    try restorePacked(frame)
    for region in regions { try frame.writeRegion(region) }
    guard let frame = frame as? any CoefficientFrame else { return }
    for (row, start) in stride(from: 0, to: lines.count, by: max(1, columns * linesOfBlock)).enumerated() {
      let blocks = UnsafeMutableRawPointer(try frame.lumaBlocks(row: row))
      var edited = [UInt8](repeating: 0, count: columns)
      for index in 0..<columns * linesOfBlock {
        let (column, line) = index.quotientAndRemainder(dividingBy: linesOfBlock)
        let place = 128 * column + 16 * line
        guard blocks.loadUnaligned(fromByteOffset: place, as: SIMD8<Int16>.self) != lines[start + index]
        else { continue }
        blocks.storeBytes(of: lines[start + index], toByteOffset: place, as: SIMD8<Int16>.self)
        edited[column] = 1
      }
      frame.noteLumaEdits(row: row, edited)
    }
  }

  private func restorePacked(_ frame: any Frame) throws(MediaError) {
    guard !samples.isEmpty, let frame = frame as? any PackedFrame else { return }
    let count = samples.count / frame.size.height
    for y in 0..<frame.size.height {
      try frame.editPackedRow(y) { row in
        samples.withUnsafeBufferPointer { samples in
          if let base = samples.baseAddress { row.update(from: base + y * count, count: count) }
        }
      }
    }
  }
}
