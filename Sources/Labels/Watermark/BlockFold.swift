internal import CSignal
internal import MediaCore

/// The tiles of a mark that lies where it was drawn, added up as cosine transforms: such tiles are whole blocks of 8 × 8 pixels,
/// and their waves stand in the lowest coefficients of each. What is added up is bounded, so that an edge counts no more than
/// texture does; a mark of a grey level or two loses little by it.
struct BlockFold {
  /// Blocks along a tile's side: as many as the eighths of a pixel that a cell is wide.
  let side: Int
  let shape: BlockShape
  /// Classes along each axis that the picture has tiles of.
  private let across: Int
  private let down: Int
  // By class of tiles, then row by row of blocks, the values of `shape`; undefined in rows that nothing was added to.
  private var sums: [Float]
  private var hasSums: [Bool]

  /// Tiles of one class have one sign in every pattern: the blocks of tiles of `TileCode`.
  private static let classes = TileCode.signPeriod / TileCode.signBlock
  /// Grey levels (of an orthonormal transform) that a coefficient counts for at most.
  private static let bound: Float = 4
  /// Cells by which the means of blocks are smoothed twice to be taken off them: as in `Residual`.
  private static let smoothing = 2.7

  /// A fold of a picture of `columns` × `rows` blocks.
  init(side: Int, shape: BlockShape, columns: Int, rows: Int) {
    self.side = side
    self.shape = shape
    across = Self.classes(of: columns, side)
    down = Self.classes(of: rows, side)
    let rows = across * down * side
    hasSums = [Bool](repeating: false, count: rows)
    sums = [Float](unsafeUninitializedCapacity: rows * side * shape.count) { $1 = rows * side * shape.count }
  }

  private static func classes(of blocks: Int, _ side: Int) -> Int {
    let span = side * TileCode.signBlock
    return max(1, min(classes, (blocks + span - 1) / span))
  }

  private static func kind(_ tileColumn: Int, _ tileRow: Int, _ across: Int) -> Int {
    tileRow % TileCode.signPeriod / TileCode.signBlock * across
      + tileColumn % TileCode.signPeriod / TileCode.signBlock
  }

  /// Adds a row of `columns` blocks, each without its mean, and times its weight where there are `weights`.
  mutating func add(
    _ blocks: UnsafePointer<Float>, columns: Int, row: Int, weights: UnsafePointer<Float>? = nil
  ) {
    let (side, count, across) = (side, shape.count, across)
    sums.withUnsafeMutableBufferPointer { sums in
      guard let sums = sums.baseAddress else { return }
      for column in stride(from: 0, to: columns, by: side) {
        let line = Self.kind(column / side, row / side, across) * side + row % side
        let (target, added) = (sums + line * side * count, min(side, columns - column) * count)
        let isFirst = !hasSums[line]
        if let weights {
          tm_add_weighted(
            blocks + column * count, weights + column, Int32(added / count), Int32(count), target,
            isFirst ? 1 : 0)
        } else {
          tm_add_bounded(blocks + column * count, target, Int32(added), Self.bound, isFirst ? 1 : 0)
        }
        guard isFirst else { continue }
        hasSums[line] = true
        (target + added).update(repeating: 0, count: side * count - added)
      }
    }
  }

  /// Blocks each way that the means of blocks are smoothed over, twice.
  var radius: Int { max(1, Int((Self.smoothing * Double(side) / Double(TileCode.side)).rounded())) }

  /// Adds by how much the means of the picture's blocks, `columns` in a row, differ from those around them.
  mutating func add(differences: [Float], columns: Int) {
    let (side, count, across) = (side, shape.count, across)
    sums.withUnsafeMutableBufferPointer { sums in
      differences.withUnsafeBufferPointer { differences in
        for row in 0..<differences.count / max(1, columns) {
          for column in stride(from: 0, to: columns, by: side) {
            let block = (Self.kind(column / side, row / side, across) * side + row % side) * side
            let start = row * columns + column
            for offset in 0..<min(side, columns - column) {
              let value = differences[start &+ offset]
              sums[(block &+ offset) &* count] += min(max(value, -Self.bound), Self.bound)
            }
          }
        }
      }
    }
  }

  /// All tiles added up, times the sign of each where there are `signs` of a pattern.
  func total(_ signs: [Float]? = nil) -> [Float] {
    let width = side * shape.count
    var total = [Float](repeating: 0, count: side * width)
    total.withUnsafeMutableBufferPointer { total in
      sums.withUnsafeBufferPointer { sums in
        guard let total = total.baseAddress, let sums = sums.baseAddress else { return }
        for kind in 0..<across * down {
          let (row, column) = (kind / across * TileCode.signBlock, kind % across * TileCode.signBlock)
          let sign = signs.map { $0[row * TileCode.signPeriod + column] } ?? 1
          for line in 0..<side where hasSums[kind * side + line] {
            tm_add_scaled(
              sums + (kind * side + line) * width, sign, total + line * width, Int32(width))
          }
        }
      }
    }
    return total
  }
}

/// Which coefficients of a block are kept: the first `depth` rows and columns, in rows of `pitch` values.
struct BlockShape: Hashable {
  let depth: Int
  let pitch: Int
  /// Values a block takes.
  var count: Int { depth * pitch }

  /// As many as hold the waves of tiles of `side` blocks: coefficient u has u / 2 cycles a block.
  init(side: Int) {
    depth = max(2, min(8, Int((2 * TileCode.outerRadius / Double(side)).rounded(.up)) + 1))
    pitch = depth <= 4 ? 4 : 8
  }
}

/// The folds of a picture for the widths that cells may have been drawn with, made of its blocks row by row.
struct BlockFolds {
  let shape: BlockShape
  /// One a width.
  private(set) var folds: [BlockFold]
  private var means: LumaPlane
  private var evening: BlockEvening?

  /// Folds for cells of `eighths` of a pixel, the least first, of `columns` × `rows` blocks. `shape` is what is kept for all widths
  /// that a picture's cells may have, where these are not all. Blocks are evened out where `isEven`.
  init(eighths: [Int], columns: Int, rows: Int, shape: BlockShape? = nil, isEven: Bool = false) {
    let shape = shape ?? BlockShape(side: eighths.min() ?? 8)
    self.shape = shape
    folds = eighths.map { BlockFold(side: $0, shape: shape, columns: columns, rows: rows) }
    means = LumaPlane(width: columns, height: rows)
    evening = isEven ? BlockEvening(count: shape.count, all: columns * rows) : nil
  }

  /// Adds a row of blocks, values of `shape` each, which lose their means. Rows come in order.
  mutating func add(_ blocks: UnsafeMutablePointer<Float>, row: Int) {
    guard row < means.height else { return }
    let (columns, count, start) = (means.width, shape.count, row * means.width)
    means.values.withUnsafeMutableBufferPointer { means in
      for column in 0..<columns {
        means[start &+ column] = blocks[column &* count]
        blocks[column &* count] = 0
      }
    }
    if evening == nil {
      for index in folds.indices { folds[index].add(blocks, columns: columns, row: row) }
    } else {
      evening?.keep(blocks, columns: columns)
    }
    if row == means.height - 1 { addMeans() }
  }

  /// Adds what is added when all blocks have come.
  private mutating func addMeans() {
    var last: (radius: Int, differences: [Float])?
    for index in folds.indices {
      let radius = folds[index].radius
      // Most widths have the least radius.
      let differences = last.flatMap { $0.radius == radius ? $0.differences : nil } ?? beyond(radius)
      last = (radius, differences)
      folds[index].add(differences: differences, columns: means.width)
    }
  }

  /// By how much the means of blocks differ from those within `radius` blocks; where blocks are evened out, they are added for that.
  private mutating func beyond(_ radius: Int) -> [Float] {
    let around = BoxFilter.mean(BoxFilter.mean(means, radius: radius), radius: radius)
    let differences = CellSums.combine(means.values, around.values, -)
    guard let evening else { return differences }
    let weights = evening.weights(differences, columns: means.width)
    for index in folds.indices where folds[index].radius == radius {
      evening.forEachRow(weights, columns: means.width) { row, blocks, weights in
        folds[index].add(blocks, columns: means.width, row: row, weights: weights)
      }
    }
    return CellSums.combine(differences, weights, *)
  }
}

extension BlockFolds {
  /// The folds of `frame` for cells as wide as they are drawn mostly, or for `width` alone of those.
  init(_ frame: any Frame, only width: Int? = nil, isEven: Bool = false) throws(MediaError) {
    let drawn = CellWidths(frame.size).drawnMostly
    let (eighths, shape) = (width.map { [$0] } ?? drawn, BlockShape(side: drawn.min() ?? 8))
    if let frame = frame as? any CoefficientFrame, let grid = frame.lumaGrid {
      self.init(eighths: eighths, columns: grid.columns, rows: grid.rows, shape: shape, isEven: isEven)
      let reading = BlockReading(shape, steps: grid.steps)
      let blocks = UnsafeMutablePointer<Float>.allocate(capacity: grid.columns * shape.count)
      defer { blocks.deallocate() }
      for row in 0..<grid.rows {
        reading.read(try frame.lumaBlocks(row: row), columns: grid.columns, into: blocks)
        add(blocks, row: row)
      }
    } else {
      let (columns, rows) = (frame.size.width / 8, frame.size.height / 8)
      self.init(eighths: eighths, columns: columns, rows: rows, shape: shape, isEven: isEven)
      var band = BlockBand(shape, columns: columns)
      try LumaRows.forEach(of: frame) { y, luma in
        band.add(luma, y: y) { row, blocks in add(blocks, row: row) }
      }
    }
  }
}
