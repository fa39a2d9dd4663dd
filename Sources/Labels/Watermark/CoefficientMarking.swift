internal import MediaCore

/// Marks the luma of a frame held as 8 × 8 cosine transforms, a block at a time: the pattern's own transform, times the
/// block's gain, is added to the dequantised coefficients.
struct CoefficientMarking {
  private let signs: TileSigns
  private let grid: CoefficientGrid
  /// Blocks along a tile's side, and their transforms.
  private let blocks: Int
  private let transforms: TileTransforms
  /// Whether copies in blue are drawn beside it: then it is sparing, and leaves black alone, where a step of luma shows that a decoder cuts
  /// off again.
  private let isAlone: Bool

  init(_ squares: TileSquares, _ signs: TileSigns, grid: CoefficientGrid, isAlone: Bool = true) {
    self.signs = signs
    self.isAlone = isAlone
    self.grid = grid
    blocks = squares.side / 8
    transforms = TileTransforms(squares)
  }

  /// Marks all of `frame`, whose activity is `map` by blocks, at `factor` times the strength that the picture allows; what was there goes
  /// to `backup` where it is doubtful that the mark can be read. `strength` is that of samples, of `shapes`.
  func mark(
    _ frame: any CoefficientFrame, _ map: ActivityMap, _ strength: EmbeddingStrength,
    _ shapes: EmbeddingStrength.Shapes, factor: Double, _ backup: FrameBackup? = nil
  ) throws(MediaError) -> Marking {
    let (strength, reduction) = try fitted(strength, to: frame, map, shapes)
    let drawing = drawing(strength, map, factor: Float(factor * reduction))
    let keeps = ImageWatermarkEmbedder.isDoubtful(map, strength.deflection, isAlone: isAlone) ? backup : nil
    var sums = BlockWaves.Sums()
    var changed = [UInt8](repeating: 0, count: grid.columns)
    for row in 0..<grid.rows {
      let blocks = try frame.lumaBlocks(row: row)
      keeps?.luma.keep(blocks, columns: grid.columns, rows: grid.rows, width: 8 * drawing.waves.rows)
      changed.withUnsafeMutableBufferPointer { changed in
        guard let changed = changed.baseAddress else { return }
        drawing.draw(row: row, on: blocks, changed, &sums)
      }
      frame.noteEdits(of: .luma, row: row, changed)
    }
    let square = sums.error / pixels * left(drawing.gain, map)
    return Marking(
      meanSquare: square, lumaSquare: square, similarity: strength.similarity, deflection: strength.deflection
    )
  }

  private var pixels: Double { Double(64 * grid.columns * grid.rows) }

  /// `strength`, or more where steps swallow much of it, and what to reduce it by so that its limits hold for whole steps, not only
  /// for what was to be added: where steps are large, few coefficients move, and each by more than it was to.
  private func fitted(
    _ strength: EmbeddingStrength, to frame: any CoefficientFrame, _ map: ActivityMap,
    _ shapes: EmbeddingStrength.Shapes
  ) throws(MediaError) -> (strength: EmbeddingStrength, reduction: Double) {
    var strength = strength
    var outcome = try rehearse(strength, map, on: frame)
    let share = outcome.share * outcome.share
    if share < Self.completeShare {
      let patternCells = CellWidths(grid.size).patternCells
      strength = EmbeddingStrength(shapes, patternCells: patternCells * max(Self.leastShare, share))
      outcome = try rehearse(strength, map, on: frame)
    }
    return (strength, min(1, (strength.largestError / max(outcome.error, 1e-9)).squareRoot()))
  }

  /// Share of the mark's power from which on it counts as drawn in full, and the least that is made up for.
  private static let completeShare = 0.9
  private static let leastShare = 0.3
  /// Grey levels above black from which on luma is drawn in full beside a copy in blue: a nearly black block between bright ones, whose
  /// windows all reach over these, showed as a grey one.
  private static let dim: Float = 10
  /// Standard deviations for which there must be room below white beside a copy in blue. Coarse steps tell on white alone whether the mean
  /// of a block is less than some grey level, which few are where the paper stays as white as it can.
  private static let headroom: Float = 0.8
  /// Of so many rows of blocks one is rehearsed.
  private static let rehearsalRows = 3

  /// What drawing would do: the mean square error, and the share of the mark's amplitude that is drawn.
  private func rehearse(
    _ strength: EmbeddingStrength, _ map: ActivityMap, on frame: any CoefficientFrame
  ) throws(MediaError) -> (error: Double, share: Double) {
    let drawing = drawing(strength, map, factor: 1)
    var (sums, wanted, rows) = (BlockWaves.Sums(), Float(1e-9), 0.0)
    for row in stride(from: 0, to: grid.rows, by: Self.rehearsalRows) {
      rows += 1
      let blocks = try frame.lumaBlocks(row: row)
      drawing.forEachRun(of: row) { column, run in
        drawing.waves.rehearse(run, on: blocks + 64 * column, &sums)
      }
      for gain in drawing.gain[row * grid.columns..<(row + 1) * grid.columns] { wanted += 64 * gain * gain }
    }
    let error = sums.error / (rows * Double(64 * grid.columns)) * left(drawing.gain, map)
    return (error, sums.product / Double(wanted))
  }

  /// The share of the power of a mark of `gain` that is left where a decoder cuts off what is above white.
  private func left(_ gain: [Float], _ map: ActivityMap) -> Double {
    let squares = CellSums.combine(gain, gain, *)
    return CellSums.products(squares, EmbeddingStrength.left(of: map)) / max(CellSums.sum(squares), 1e-9)
  }

  private func drawing(_ strength: EmbeddingStrength, _ map: ActivityMap, factor: Float) -> BlockDrawing {
    var gain = CellSums.map(strength.gain) { $0 * factor }
    var shift = CellSums.map(strength.shift) { $0 * factor }
    if !isAlone {
      shift = EmbeddingStrength.shift(of: gain, map.mean, headroom: Self.headroom)
      gain = CellSums.combine(gain, map.mean) { $0 * min(1, max(0, ($1 - BlueMark.black) / Self.dim)) }
    }
    return BlockDrawing(transforms, blocks: blocks, signs, grid, gain: gain, shift: shift)
  }
}
