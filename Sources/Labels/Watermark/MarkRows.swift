internal import CSignal

/// Draws the mark of a picture row by row: the values of tiles times the gains of cells, between whose middles gains are
/// interpolated.
struct MarkRows {
  private let tiles: [Tile]
  // The squares of all tiles, of each first those of one sign.
  private let values: [Float]
  private let signs: TileSigns
  private let gain: [Float]
  private let shift: [Float]
  private let columns: Int
  private let rows: Int
  private let cell: Int
  private let width: Int
  // Gain and shift of each column of cells at the row that is drawn.
  private var gains: [Float]
  private var shifts: [Float]

  /// Rows of `width` pixels; `gain` and `shift` are those of the cells of `map`, for the sum of all `tiles`.
  init(
    _ tiles: [TileSquares], _ signs: TileSigns, gain: [Float], shift: [Float], of map: ActivityMap,
    width: Int
  ) {
    var values: [Float] = []
    self.tiles = tiles.map { tile in
      values += tile.plus
      values += tile.minus
      return Tile(
        side: tile.side, block: tile.block, count: tile.side / tile.block, end: values.count)
    }
    self.values = values
    self.signs = signs
    self.width = width
    (columns, rows, cell) = (map.columns, map.rows, map.cell)
    self.gain = gain
    self.shift = shift
    gains = [Float](repeating: 0, count: columns)
    shifts = gains
  }

  /// The mark of row `y`, grey levels, into `row`.
  mutating func draw(_ y: Int, into row: UnsafeMutablePointer<Float>) {
    for index in tiles.indices { spread(tiles[index], y, adding: index > 0, to: row) }
    let place = (Float(y) + 0.5) / Float(cell) - 0.5
    let first = min(max(Int(place.rounded(.down)), 0), rows - 1)
    let (upper, lower) = (first * columns, min(first + 1, rows - 1) * columns)
    let share = min(max(place - Float(first), 0), 1)
    Self.between(gain, upper, lower, share, into: &gains)
    Self.between(shift, upper, lower, share, into: &shifts)
    scale(row)
  }

  /// Where the squares of a tile end, pixels along its side, and squares along it and their pixels.
  private struct Tile {
    let side: Int
    let block: Int
    let count: Int
    let end: Int
  }

  private func spread(_ tile: Tile, _ y: Int, adding: Bool, to row: UnsafeMutablePointer<Float>) {
    let (side, block, count) = (tile.side, Int32(tile.block), tile.count)
    let tileRow = y / side
    let inverted = tile.end - (count - (y - tileRow * side) / tile.block) * count
    values.withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { return }
      for (column, x) in stride(from: 0, to: width, by: side).enumerated() {
        let line = signs.isInverted(column, tileRow) ? inverted : inverted - count * count
        tm_row_spread(base + line, block, Int32(min(side, width - x)), adding ? 1 : 0, row + x)
      }
    }
  }

  private static func between(
    _ values: [Float], _ upper: Int, _ lower: Int, _ share: Float, into result: inout [Float]
  ) {
    values.withUnsafeBufferPointer { values in
      result.withUnsafeMutableBufferPointer { result in
        for column in result.indices {
          let above = values[upper &+ column]
          result[column] = above + (values[lower &+ column] - above) * share
        }
      }
    }
  }

  private func scale(_ row: UnsafeMutablePointer<Float>) {
    tm_row_scale(row, gains, shifts, Int32(columns), Int32(cell), Int32(width))
  }
}
