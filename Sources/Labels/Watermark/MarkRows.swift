internal import CSignal

/// Draws the mark of a picture row by row: the values of tiles times the gains of cells, between whose middles gains are
/// interpolated. All in whole numbers, grey levels with `TM_MARK_BITS` behind the point: a mark is drawn in whole levels. Gains of more than
/// 16 levels, which only the busiest cells come to, are held to that. Owned by one worker: copies share the rows they are drawn on.
struct MarkRows {
  /// A grey level.
  static let level = Float(1 << TM_MARK_BITS)

  private let tiles: [Tile]
  // The squares of all tiles, of each first those of one sign.
  private let values: [Int16]
  private let signs: TileSigns
  private var gains: CellRows
  private var shifts: CellRows
  private let rows: Int
  private let cell: Int
  private let width: Int
  /// Values that a row has room for at least: whole vectors.
  let lanes: Int
  // The tiles at the row drawn last, before gains, and which rows of squares that was.
  private let marks: LaneRows
  private var drawn: Int?
  private let leastBlock: Int

  /// Rows of `width` pixels; `gain` and `shift` are those of the cells of `map`, for the sum of all `tiles`.
  init(
    _ tiles: [TileSquares], _ signs: TileSigns, gain: [Float], shift: [Float], of map: ActivityMap,
    width: Int
  ) {
    var values: [Int16] = []
    self.tiles = tiles.map { tile in
      for plane in [tile.plus, tile.minus] { values += Self.whole(plane) }
      return Tile(
        side: tile.side, block: tile.block, count: tile.side / tile.block, end: values.count)
    }
    self.values = values
    self.signs = signs
    self.width = width
    (rows, cell) = (map.rows, map.cell)
    lanes = (width + 15) / 16 * 16
    gains = CellRows(gain, of: map, bits: TM_GAIN_BITS, lanes: lanes)
    shifts = CellRows(shift, of: map, bits: TM_MARK_BITS, lanes: lanes)
    marks = LaneRows(lanes)
    leastBlock = tiles.map(\.block).min() ?? 1
  }

  private static func whole(_ values: [Float]) -> [Int16] {
    [Int16](unsafeUninitializedCapacity: values.count) { whole, count in
      count = values.count
      if let whole = whole.baseAddress {
        tm_row_round(values, Int32(count), Float(1 << TM_TILE_BITS), whole)
      }
    }
  }

  /// The mark of row `y` into `row`, which has room for `lanes`.
  mutating func draw(_ y: Int, into row: UnsafeMutablePointer<Int16>) {
    if drawn != y / leastBlock { spread(y) }
    let place = (Float(y) + 0.5) / Float(cell) - 0.5
    let first = min(max(Int(place.rounded(.down)), 0), rows - 1)
    let share = min(max(place - Float(first), 0), 1)
    gains.widen(first)
    shifts.widen(first)
    var cells = tm_mark_gains(
      above: gains.above, below: gains.below, shift_above: shifts.isZero ? nil : shifts.above,
      shift_below: shifts.below, share: Int16(min(share * 32768, 32767)))
    tm_row_marks(marks.base, &cells, Int32(lanes), row)
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
    for (index, tile) in tiles.enumerated() {
      let (side, count) = (tile.side, tile.count)
      let tileRow = y / side
      let inverted = tile.end - (count - (y - tileRow * side) / tile.block) * count
      for (column, x) in stride(from: 0, to: width, by: side).enumerated() {
        let line = signs.isInverted(column, tileRow) ? inverted : inverted - count * count
        values.withUnsafeBufferPointer { values in
          guard let values = values.baseAddress else { return }
          tm_row_spread(
            values + line, Int32(tile.block), Int32(min(side, width - x)), index > 0 ? 1 : 0, marks.base + x)
        }
      }
    }
  }
}

/// Values of pixels, which vectors are read from and written to. Owned by one worker.
private final class LaneRows {
  let base: UnsafeMutablePointer<Int16>

  init(_ count: Int) {
    base = .allocate(capacity: count)
    base.initialize(repeating: 0, count: count)
  }

  deinit { base.deallocate() }
}

/// What the cells of a picture have, over the pixels of a row: of the two rows of cells that a row of pixels lies between.
private struct CellRows {
  private let values: [Float]
  private let columns: Int
  private let rows: Int
  private let cell: Int
  private let unit: Float
  private let lanes: Int
  // Room to work in, then the rows: those of even rows of cells before those of odd ones.
  private let buffer: LaneRows
  private var held = (even: -1, odd: -1)
  private var isZeroHeld = (even: false, odd: false)
  private var shown = -1
  /// Whether both rows hold nothing but 0, as what makes room below white does elsewhere.
  private(set) var isZero = false
  private(set) var above: UnsafePointer<Int16>
  private(set) var below: UnsafePointer<Int16>

  /// `values` of the cells of `map`, with `bits` behind the point, in rows of `lanes` pixels.
  init(_ values: [Float], of map: ActivityMap, bits: Int, lanes: Int) {
    self.values = values
    (columns, rows, cell) = (map.columns, map.rows, map.cell)
    unit = Float(1 << bits)
    self.lanes = lanes
    buffer = LaneRows(Self.scratch(lanes) + 2 * lanes)
    (above, below) = (UnsafePointer(buffer.base), UnsafePointer(buffer.base))
  }

  private static func scratch(_ lanes: Int) -> Int { lanes / 4 + 16 }

  /// Points to row `first` of the cells, and to the next; of the last, both to it.
  mutating func widen(_ first: Int) {
    guard first != shown else { return }
    shown = first
    let second = min(first + 1, rows - 1)
    let (even, odd) = first % 2 == 0 ? (first, second) : (second, first)
    if held.even != even, even % 2 == 0 {
      held.even = even
      isZeroHeld.even = widen(even, to: row(even))
    }
    if held.odd != odd, odd % 2 != 0 {
      held.odd = odd
      isZeroHeld.odd = widen(odd, to: row(odd))
    }
    isZero =
      (first % 2 == 0 ? isZeroHeld.even : isZeroHeld.odd)
      && (second % 2 == 0 ? isZeroHeld.even : isZeroHeld.odd)
    (above, below) = (UnsafePointer(row(first)), UnsafePointer(row(second)))
  }

  private func row(_ row: Int) -> UnsafeMutablePointer<Int16> {
    buffer.base + Self.scratch(lanes) + row % 2 * lanes
  }

  /// Whether all of the row is 0.
  private func widen(_ row: Int, to target: UnsafeMutablePointer<Int16>) -> Bool {
    values.withUnsafeBufferPointer { values in
      guard let cells = values.baseAddress.map({ $0 + row * columns }) else { return true }
      return tm_cells_widen(cells, Int32(columns), Int32(cell), unit, buffer.base, Int32(lanes), target) == 0
    }
  }
}
