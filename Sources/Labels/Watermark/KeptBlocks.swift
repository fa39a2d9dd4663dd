internal import MediaCore

/// The first lines of coefficients of a plane's blocks, as many as are marked, row of blocks by row.
struct KeptBlocks {
  private let plane: CoefficientPlane
  private var lines: [SIMD8<Int16>] = []
  private var linesOfBlock = 8
  private var columns = 0
  private var kept = 0

  init(_ plane: CoefficientPlane) { self.plane = plane }

  /// Keeps the first `width` coefficients, a multiple of eight and always as many, of the next of `rows` rows of `columns` blocks.
  mutating func keep(_ blocks: UnsafePointer<Int16>, columns: Int, rows: Int, width: Int) {
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

  /// Puts back what was kept.
  func restore(_ frame: any CoefficientFrame) throws(MediaError) {
    for (row, start) in stride(from: 0, to: lines.count, by: max(1, columns * linesOfBlock)).enumerated() {
      let blocks = UnsafeMutableRawPointer(try frame.blocks(of: plane, row: row))
      var edited = [UInt8](repeating: 0, count: columns)
      for index in 0..<columns * linesOfBlock {
        let (column, line) = index.quotientAndRemainder(dividingBy: linesOfBlock)
        let place = 128 * column + 16 * line
        guard blocks.loadUnaligned(fromByteOffset: place, as: SIMD8<Int16>.self) != lines[start + index]
        else { continue }
        blocks.storeBytes(of: lines[start + index], toByteOffset: place, as: SIMD8<Int16>.self)
        edited[column] = 1
      }
      frame.noteEdits(of: plane, row: row, edited)
    }
  }
}
