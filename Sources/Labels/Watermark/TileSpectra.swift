/// What each tile shows of the waves of one pattern, the phases of the key taken out. Owned by one worker.
struct TileSpectra {
  /// Synchronising waves, then those of the message: all values of a tile stand together.
  let waves: [TileCode.Wave]
  let syncCount: Int
  let columns: Int
  let rows: Int
  /// Whether the picture reaches into a tile, row by row.
  private(set) var isFilled: [Bool]
  private(set) var re: [Float]
  private(set) var im: [Float]

  /// Transforms the tiles of `cells`; message waves are left out unless `withMessage`.
  init(_ cells: Unwarp, _ code: TileCode, pattern: Int, withMessage: Bool, _ transform: TileTransform) {
    syncCount = code.sync[pattern].count
    let waves = withMessage ? code.sync[pattern] + code.message : code.sync[pattern]
    self.waves = waves
    columns = cells.columns
    rows = cells.rows
    isFilled = [Bool](repeating: false, count: columns * rows)
    re = [Float](repeating: 0, count: columns * rows * waves.count)
    im = re
    let places = waves.map {
      Place(
        index: TileTransform.index($0.x, $0.y), mirror: TileTransform.index(-$0.x, -$0.y), turn: $0.reference)
    }
    var first = [Float](repeating: 0, count: TileTransform.count)
    var second = first
    var pending: Int?
    for tile in 0..<columns * rows {
      let (column, row) = (tile % columns, tile / columns)
      if let one = pending {
        guard cells.copy(column: column, row: row, into: &second) else { continue }
        transform.run(&first, &second)
        take(first, second, one, places, isSecond: false)
        take(first, second, tile, places, isSecond: true)
        pending = nil
      } else if cells.copy(column: column, row: row, into: &first) {
        pending = tile
      }
    }
    if let one = pending {
      for index in second.indices { second[index] = 0 }
      transform.run(&first, &second)
      take(first, second, one, places, isSecond: false)
    }
  }

  private struct Place {
    let index: Int
    let mirror: Int
    let turn: (Float, Float)
  }

  /// The waves of one of two tiles that were transformed as the parts of one.
  private mutating func take(
    _ re: [Float], _ im: [Float], _ tile: Int, _ places: [Place], isSecond: Bool
  ) {
    isFilled[tile] = true
    let start = tile * places.count
    for (index, place) in places.enumerated() {
      let (a, b) = (place.index, place.mirror)
      let x = isSecond ? 0.5 * (im[a] + im[b]) : 0.5 * (re[a] + re[b])
      let y = isSecond ? 0.5 * (re[b] - re[a]) : 0.5 * (im[a] - im[b])
      self.re[start + index] = x * place.turn.0 - y * place.turn.1
      self.im[start + index] = x * place.turn.1 + y * place.turn.0
    }
  }
}
