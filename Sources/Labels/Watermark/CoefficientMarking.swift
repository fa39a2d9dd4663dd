internal import MediaCore

/// Marks the luma of a frame held as 8 × 8 cosine transforms, a block at a time: the pattern's own transform, times the
/// block's gain, is added to the dequantised coefficients.
struct CoefficientMarking {
  private let signs: TileSigns
  private let grid: CoefficientGrid
  /// Blocks along a tile's side, and their transforms, 64 values each.
  private let blocks: Int
  private let plus: [Float]
  private let minus: [Float]

  init(_ pattern: TilePattern, _ signs: TileSigns, grid: CoefficientGrid) {
    self.signs = signs
    self.grid = grid
    blocks = pattern.side / 8
    plus = CosineTransform.blocks(of: pattern.plus, side: pattern.side)
    minus = CosineTransform.blocks(of: pattern.minus, side: pattern.side)
  }

  /// Marks all of `frame`, whose activity is `map` by blocks, at `factor` times the strength that the picture allows; what was there goes
  /// to `backup` where it is doubtful that the mark can be read.
  func mark(
    _ frame: any CoefficientFrame, _ map: ActivityMap, factor: Double, _ backup: FrameBackup? = nil
  ) throws(MediaError) -> Marking {
    let (strength, reduction) = try strength(for: frame, map)
    let drawing = Drawing(strength, factor: Float(factor * reduction), self)
    let keeps = strength.deflection < ImageWatermarkEmbedder.sure ? backup : nil
    var sums = BlockWaves.Sums()
    for row in 0..<grid.rows {
      var kept: [Int16] = []
      try frame.editLumaBlocks(row: row) { column, block in
        if keeps != nil { kept += UnsafeBufferPointer(start: block, count: 64) }
        return drawing.add(row, column, to: block, &sums)
      }
      keeps?.keep(kept)
    }
    let square = sums.error / pixels
    return Marking(meanSquare: square, lumaSquare: square, deflection: strength.deflection)
  }

  private var pixels: Double { Double(64 * grid.columns * grid.rows) }

  /// The strength for `frame`, and what to reduce it by so that its limits hold for whole steps, not only for what was to be
  /// added: where steps are large, few coefficients move, and each by more than it was to.
  private func strength(
    for frame: any CoefficientFrame, _ map: ActivityMap
  ) throws(MediaError) -> (strength: EmbeddingStrength, reduction: Double) {
    let patternCells = ImageWatermarkEmbedder.patternCells(
      of: PixelSize(width: 8 * grid.columns, height: 8 * grid.rows))
    let shapes = EmbeddingStrength.Shapes(map)
    var strength = EmbeddingStrength(shapes, patternCells: patternCells)
    var outcome = try rehearse(strength, on: frame)
    let share = outcome.share * outcome.share
    if share < Self.completeShare {
      strength = EmbeddingStrength(shapes, patternCells: patternCells * max(Self.leastShare, share))
      outcome = try rehearse(strength, on: frame)
    }
    return (strength, min(1, (strength.largestError / max(outcome.error, 1e-9)).squareRoot()))
  }

  /// Share of the mark's power from which on it counts as drawn in full, and the least that is made up for.
  private static let completeShare = 0.9
  private static let leastShare = 0.3
  /// Of so many rows of blocks one is rehearsed.
  private static let rehearsalRows = 3

  /// What drawing would do: the mean square error, and the share of the mark's amplitude that is drawn.
  private func rehearse(
    _ strength: EmbeddingStrength, on frame: any CoefficientFrame
  ) throws(MediaError) -> (error: Double, share: Double) {
    let drawing = Drawing(strength, factor: 1, self)
    var (sums, wanted, rows) = (BlockWaves.Sums(), Float(1e-9), 0.0)
    for row in stride(from: 0, to: grid.rows, by: Self.rehearsalRows) {
      rows += 1
      try frame.editLumaBlocks(row: row) { column, block in
        withUnsafeTemporaryAllocation(of: Int16.self, capacity: 64) { copy in
          guard let base = copy.baseAddress else { return }
          base.update(from: block, count: 64)
          _ = drawing.add(row, column, to: base, &sums)
        }
        let gain = strength.gain[row * grid.columns + column]
        wanted += 64 * gain * gain
        return false
      }
    }
    return (sums.error / (rows * Double(64 * grid.columns)), sums.product / Double(wanted))
  }

  /// The blocks' marks at one strength.
  private struct Drawing {
    private let waves: BlockWaves
    private let gain: [Float]
    private let shift: [Float]
    private let marking: CoefficientMarking

    init(_ strength: EmbeddingStrength, factor: Float, _ marking: CoefficientMarking) {
      self.marking = marking
      gain = strength.gain.map { $0 * factor }
      shift = strength.shift.map { 8 * $0 * factor }
      waves = BlockWaves(
        marking.plus, marking.minus, steps: marking.grid.steps, largestGain: gain.max() ?? 0)
    }

    /// Adds the mark of the block at `row`, `column`; whether anything changed.
    @inline(__always)
    func add(
      _ row: Int, _ column: Int, to block: UnsafeMutablePointer<Int16>, _ sums: inout BlockWaves.Sums
    ) -> Bool {
      let blocks = marking.blocks
      let cell = row * marking.grid.columns + column
      return waves.add(
        row % blocks * blocks + column % blocks,
        isInverted: marking.signs.isInverted(column / blocks, row / blocks), times: gain[cell],
        shift: shift[cell], to: block, &sums)
    }
  }
}
