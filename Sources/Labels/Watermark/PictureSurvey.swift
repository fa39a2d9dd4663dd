internal import MediaCore

/// What marking needs to know of a picture, from one reading of it: the moments of its cells, and its luma reduced as far as
/// the pattern allows, to look for a mark in.
struct PictureSurvey {
  let moments: CellMoments
  /// Whether cells are twice as wide as the pattern asks for.
  let isCoarse: Bool
  let plane: LumaPlane
  /// Pixels of the plane for each of the picture, across and down.
  let across: Double
  let down: Double

  /// Pixels of the plane that a cell of the pattern has, where the picture has them: its finest wave then has three a period.
  private static let pixelsPerCell = 0.75

  /// Pixels along a side of the cells of moments, which follow the pattern's, so that their grid is about as fine as that is.
  private static func cell(eighths: Int) -> Int {
    eighths < leastEighthsOfWideCells ? 4 : eighths < 24 ? 8 : 16
  }
  private static let leastEighthsOfWideCells = 12

  /// Reads `frame`, whose cells of the pattern are `eighths` / 8 pixels wide.
  init(_ frame: any Frame, eighths: Int) throws(MediaError) {
    let size = frame.size
    var moments = CellMoments(width: size.width, height: size.height, cell: Self.cell(eighths: eighths))
    var reducer = Self.reducer(width: size.width, height: size.height, cell: Double(eighths) / 8)
    try LumaRows.forEach(of: frame) { (y, luma) in
      moments.add(luma, y: y)
      reducer.add(luma, y: y)
    }
    self.moments = moments
    isCoarse = false
    plane = reducer.plane
    across = Double(plane.width) / Double(size.width)
    down = Double(plane.height) / Double(size.height)
  }

  /// Reads the coefficients of `frame`, whose blocks are the cells of moments.
  init(_ frame: any CoefficientFrame, _ grid: CoefficientGrid, eighths: Int) throws(MediaError) {
    // Four coefficients each way show a block at half its size.
    let samples = eighths >= 12 ? 4 : 8
    let (width, height) = (samples * grid.columns, samples * grid.rows)
    var moments = CellMoments(width: 8 * grid.columns, height: 8 * grid.rows, cell: 8)
    var reducer = Self.reducer(width: width, height: height, cell: Double(eighths * samples) / 64)
    let reading = BlockMoments(steps: grid.steps)
    try BlockLuma.forEachBand(
      of: frame, grid, samples: samples,
      visit: { row, column, block in moments.set(reading.moments(block), column: column, row: row) },
      line: { y, luma in reducer.add(luma, y: y) })
    self.moments = moments
    isCoarse = eighths < Self.leastEighthsOfWideCells
    plane = reducer.plane
    across = Double(plane.width) / Double(8 * grid.columns)
    down = Double(plane.height) / Double(8 * grid.rows)
  }

  /// Reduces rows in which a cell of the pattern is `cell` pixels wide.
  private static func reducer(width: Int, height: Int, cell: Double) -> LumaReducer {
    let scale = min(1, pixelsPerCell / cell)
    return LumaReducer(
      width: width, height: height, to: (Int(Double(width) * scale), Int(Double(height) * scale)))
  }
}
