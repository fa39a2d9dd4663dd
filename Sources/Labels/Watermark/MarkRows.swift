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
  // The tiles at the row drawn last, before gains, and which rows of squares that was.
  private var marks: [Float]
  private var drawn: Int?
  private let leastBlock: Int

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
    marks = [Float](repeating: 0, count: width)
    leastBlock = tiles.map(\.block).min() ?? 1
  }

  /// The mark of row `y`, grey levels, into `row`.
  mutating func draw(_ y: Int, into row: UnsafeMutablePointer<Float>) {
    if drawn != y / leastBlock { spread(y) }
    let place = (Float(y) + 0.5) / Float(cell) - 0.5
    let first = min(max(Int(place.rounded(.down)), 0), rows - 1)
    let (upper, lower) = (first * columns, min(first + 1, rows - 1) * columns)
    let share = min(max(place - Float(first), 0), 1)
    gain.withUnsafeBufferPointer { gain in
      shift.withUnsafeBufferPointer { shift in
        guard let gain = gain.baseAddress, let shift = shift.baseAddress else { return }
        var cells = tm_cell_gains(
          above: gain + upper, below: gain + lower, shift_above: shift + upper, shift_below: shift + lower,
          share: share, count: Int32(columns), side: Int32(cell))
        tm_row_scale(marks, row, &cells, Int32(width))
      }
    }
  }

  /// Where the squares of a tile end, pixels along its side, and squares along it and their pixels.
  private struct Tile {
    let side: Int
    let block: Int
    let count: Int
    let end: Int
  }

  /// Sets `marks` to those of row `y`, and of all rows that the smallest squares there span.
  private mutating func spread(_ y: Int) {
    drawn = y / leastBlock
    let tiles = tiles
    var marks = marks
    self.marks = []
    marks.withUnsafeMutableBufferPointer { row in
      guard let row = row.baseAddress else { return }
      for index in tiles.indices { spread(tiles[index], y, adding: index > 0, to: row) }
    }
    self.marks = marks
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
}
