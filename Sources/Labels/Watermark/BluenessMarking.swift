internal import MediaCore

/// Draws a copy in blue on a frame held as 8 × 8 cosine transforms, in those of its blueness: the luma stays as it is. Of the copies that
/// packed rows have it is the one of the widest cells: steps of colours are coarse, and a second one beside it was read less often.
struct BluenessMarking {
  private let grid: CoefficientGrid
  private let signs: TileSigns
  private let transforms: TileTransforms
  /// Blocks along the tile's side.
  private let blocks: Int

  /// What a unit of Cb is of blue and of green (BT.601).
  private static let blue: Float = 1.772
  private static let green: Float = -0.344136

  /// For a picture of `size` with blueness on `grid`; nil where no copy has cells of whole samples.
  init?(_ code: TileCode, _ payload: WatermarkPayload, _ grid: CoefficientGrid, size: PixelSize) {
    guard let width = CellWidths(size).blue.last(where: { $0 % grid.reduction == 0 }) else { return nil }
    self.grid = grid
    signs = TileSigns(code, TileCode.pattern(of: payload))
    blocks = width / grid.reduction
    let square = max(1, CellWidths.block(eighths: width) / grid.reduction)
    transforms = TileTransforms(TileSquares(code, payload, eighths: blocks, block: square))
  }

  /// Marks `frame` as strongly as `BlueMark` has it for luma marked by `strength`; what was there goes to `backup`. Returns the mean square
  /// error over the colours that follows.
  func mark(
    _ frame: any CoefficientFrame, _ map: ActivityMap, _ strength: EmbeddingStrength, _ backup: FrameBackup?
  ) throws(MediaError) -> Double {
    guard let mark = BlueMark(map, strength, copies: 1) else { return 0 }
    let drawing = BlockDrawing(
      transforms, blocks: blocks, signs, grid, gain: onGrid(mark.gain, map), shift: onGrid(mark.shift, map))
    let edited = UnsafeMutablePointer<UInt8>.allocate(capacity: grid.columns)
    defer { edited.deallocate() }
    var sums = BlockWaves.Sums()
    for row in 0..<grid.rows {
      let blocks = try frame.blocks(of: .blueness, row: row)
      backup?.blueness.keep(blocks, columns: grid.columns, rows: grid.rows, width: 64)
      drawing.draw(row: row, on: blocks, edited, &sums)
      frame.noteEdits(of: .blueness, row: row, edited)
    }
    let samples = Double(64 * grid.columns * grid.rows)
    return sums.error / samples * Double(Self.blue * Self.blue + Self.green * Self.green) / 3
  }

  /// Levels of blue, one a cell of `map`, as Cb of each block: the mean of the cells that it spans.
  private func onGrid(_ values: [Float], _ map: ActivityMap) -> [Float] {
    let cells = 8 * grid.reduction / map.cell
    let share = 1 / (Self.blue * Float(cells * cells))
    var sums = [Float](repeating: 0, count: cells * grid.columns)
    return [Float](unsafeUninitializedCapacity: grid.columns * grid.rows) { blocks, count in
      count = grid.columns * grid.rows
      sums.withUnsafeMutableBufferPointer { sums in
        values.withUnsafeBufferPointer { values in
          for row in 0..<grid.rows {
            for line in 0..<cells {
              // What reaches beyond the edge shows what is there.
              let start = min(row * cells + line, map.rows - 1) * map.columns
              let shown = min(map.columns, sums.count)
              for place in 0..<shown { sums[place] = (line == 0 ? 0 : sums[place]) + values[start &+ place] }
              for place in shown..<sums.count { sums[place] = sums[shown - 1] }
            }
            for column in 0..<grid.columns {
              var sum: Float = 0
              for place in column &* cells..<(column &+ 1) &* cells { sum += sums[place] }
              blocks[row &* grid.columns &+ column] = share * sum
            }
          }
        }
      }
    }
  }
}
