internal import MediaCore

/// What marking needs to know of a picture, from one reading of it: the moments of its cells, and its tiles, where they would be
/// drawn, to look for a mark in where there may be one.
struct PictureSurvey {
  let moments: CellMoments
  /// Whether cells are twice as wide as the pattern asks for.
  let isCoarse: Bool
  /// Without signs: few pictures show so much that a message is looked for.
  let folds: BlockFolds?

  /// Pixels along a side of the cells of moments, which follow the pattern's, so that their grid is about as fine as that is.
  static func cell(eighths: Int) -> Int {
    eighths < leastEighthsOfWideCells ? 4 : eighths < 24 ? 8 : 16
  }
  private static let leastEighthsOfWideCells = 12

  /// Reads `frame`, whose cells of the pattern are `eighths` / 8 pixels wide.
  init(_ frame: any Frame, eighths: Int, folds isFolded: Bool = true) throws(MediaError) {
    let size = frame.size
    var moments = CellMoments(width: size.width, height: size.height, cell: Self.cell(eighths: eighths))
    guard isFolded else {
      try LumaRows.forEachStrip(of: frame, rows: max(8, moments.cell)) { moments.add($0) }
      (self.moments, folds, isCoarse) = (moments, nil, false)
      return
    }
    var folds = BlockFolds(
      eighths: CellWidths(size).drawnMostly, columns: size.width / 8, rows: size.height / 8, isSigned: false)
    var band = BlockBand(folds.shape, columns: size.width / 8)
    try LumaRows.forEachStrip(of: frame, rows: max(8, moments.cell)) { strip in
      moments.add(strip)
      band.add(strip) { row, blocks in folds.add(blocks, row: row) }
    }
    self.moments = moments
    self.folds = folds
    isCoarse = false
  }

  /// Reads the coefficients of `frame`, whose blocks are the cells of moments.
  init(
    _ frame: any CoefficientFrame, _ grid: CoefficientGrid, eighths: Int, folds isFolded: Bool = true
  ) throws(MediaError) {
    isCoarse = eighths < Self.leastEighthsOfWideCells
    var moments = CellMoments(width: 8 * grid.columns, height: 8 * grid.rows, cell: 8)
    let reading = BlockMoments(steps: grid.steps)
    guard isFolded else {
      for row in 0..<grid.rows { reading.read(try frame.lumaBlocks(row: row), row: row, into: &moments) }
      (self.moments, folds) = (moments, nil)
      return
    }
    var folds = BlockFolds(
      eighths: CellWidths(frame.size).drawnMostly, columns: grid.columns, rows: grid.rows, isSigned: false)
    let values = UnsafeMutablePointer<Float>.allocate(capacity: grid.columns * folds.shape.count)
    defer { values.deallocate() }
    for row in 0..<grid.rows {
      let (blocks, shape) = (try frame.lumaBlocks(row: row), folds.shape)
      folds.addBounded(values, row: row) { means in
        reading.read(blocks, row: row, into: &moments, shape, values, means)
      }
    }
    self.moments = moments
    self.folds = folds
  }
}
