internal import CSignal

/// Draws the mark of a picture row by row: the tile's values times the gains of cells, between whose middles gains are
/// interpolated.
struct MarkRows {
  private let tile: TileSquares
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

  /// Rows of `width` pixels; `gain` and `shift` are those of the cells of `map`.
  init(
    _ tile: TileSquares, _ signs: TileSigns, gain: [Float], shift: [Float], of map: ActivityMap, width: Int
  ) {
    self.tile = tile
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
    copyTiles(y, into: row)
    let place = (Float(y) + 0.5) / Float(cell) - 0.5
    let first = min(max(Int(place.rounded(.down)), 0), rows - 1)
    let (upper, lower) = (first * columns, min(first + 1, rows - 1) * columns)
    let share = min(max(place - Float(first), 0), 1)
    Self.between(gain, upper, lower, share, into: &gains)
    Self.between(shift, upper, lower, share, into: &shifts)
    scale(row)
  }

  private func copyTiles(_ y: Int, into row: UnsafeMutablePointer<Float>) {
    let (side, block) = (tile.side, tile.block)
    let (tileY, line) = (y / side, y % side / block * (side / block))
    for x in stride(from: 0, to: width, by: side) {
      let values = signs.isInverted(x / side, tileY) ? tile.minus : tile.plus
      values.withUnsafeBufferPointer { values in
        guard let base = values.baseAddress else { return }
        let count = min(side, width - x)
        if block > 1 {
          tm_row_spread(base + line, Int32(block), Int32(count), row + x)
        } else {
          (row + x).update(from: base + line, count: count)
        }
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
