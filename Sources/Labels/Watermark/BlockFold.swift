internal import CSignal
internal import MediaCore

/// The tiles of a mark that lies where it was drawn, added up as cosine transforms: such tiles are whole blocks of 8 × 8 pixels,
/// and their waves stand in the lowest coefficients of each. What is added up is bounded, so that an edge counts no more than
/// texture does; a mark of a grey level or two loses little by it.
struct BlockFold {
  /// Blocks along a tile's side: as many as the eighths of a pixel that a cell is wide.
  let side: Int
  let shape: BlockShape
  /// Whether tiles of different signs are told apart: else nothing but what has no sign, the synchronising waves, can be read.
  let isSigned: Bool
  /// Classes along each axis that the picture has tiles of.
  private let across: Int
  private let down: Int
  // By class of tiles, then row by row of blocks, the values of `shape`.
  private var sums: [Float]

  /// Tiles of one class have one sign in every pattern: the blocks of tiles of `TileCode`.
  private static let classes = TileCode.signPeriod / TileCode.signBlock
  /// Grey levels (of an orthonormal transform) that a coefficient counts for at most.
  static let bound: Float = 4
  /// Cells by which the means of blocks are smoothed twice to be taken off them: as in `Residual`.
  private static let smoothing = 2.7

  /// A fold of a picture of `columns` × `rows` blocks.
  init(side: Int, columns: Int, rows: Int, isSigned: Bool = true) {
    self.side = side
    self.isSigned = isSigned
    shape = BlockShape(side: side)
    across = isSigned ? Self.classes(of: columns, side) : 1
    down = isSigned ? Self.classes(of: rows, side) : 1
    sums = [Float](repeating: 0, count: across * down * side * side * shape.count)
  }

  private static func classes(of blocks: Int, _ side: Int) -> Int {
    let span = side * TileCode.signBlock
    return max(1, min(classes, (blocks + span - 1) / span))
  }

  /// Where blocks go.
  private struct Geometry {
    private let side: Int
    private let across: Int
    private let isSigned: Bool

    init(_ fold: BlockFold) { (side, across, isSigned) = (fold.side, fold.across, fold.isSigned) }

    /// The row of `sums` that row `row` of blocks goes to in the tile that begins at `column`.
    @inline(__always)
    func line(_ column: Int, _ row: Int) -> Int {
      guard isSigned else { return row % side }
      let kind =
        row / side % TileCode.signPeriod / TileCode.signBlock * across
        + column / side % TileCode.signPeriod / TileCode.signBlock
      return kind * side + row % side
    }
  }

  /// Adds a row of `columns` blocks, which are held as `held` and have neither means nor more than `bound`.
  mutating func add(_ blocks: UnsafePointer<Float>, held: BlockShape, columns: Int, row: Int) {
    forEachTile(of: row, columns) { column, count, shape, target in
      withUnsafePointer(to: held.kernel) { held in
        tm_blocks_add(
          blocks + column * Int(held.pointee.depth * held.pointee.pitch), held, nil, count, shape, target)
      }
    }
  }

  /// Adds a row of blocks without their means, each times its weight.
  mutating func add(
    _ blocks: UnsafePointer<Float>, held: BlockShape, times weights: UnsafePointer<Float>, columns: Int,
    row: Int
  ) {
    forEachTile(of: row, columns) { column, count, shape, target in
      withUnsafePointer(to: held.kernel) { held in
        tm_blocks_add(
          blocks + column * Int(held.pointee.depth * held.pointee.pitch), held, weights + column, count,
          shape, target)
      }
    }
  }

  /// The same of blocks as they are quantised in `steps`.
  mutating func add(
    _ blocks: UnsafePointer<Int16>, steps: [Float], times weights: UnsafePointer<Float>, columns: Int,
    row: Int
  ) {
    forEachTile(of: row, columns) { column, count, shape, target in
      tm_blocks_add_quantised(blocks + 64 * column, steps, weights + column, count, shape, target)
    }
  }

  /// Calls `body` with each tile's part of row `row` of blocks: the first column, how many there are, and where they are added.
  @inline(__always)
  private mutating func forEachTile(
    of row: Int, _ columns: Int,
    _ body: (Int, Int32, UnsafePointer<tm_block_shape>, UnsafeMutablePointer<Float>) -> Void
  ) {
    let (geometry, side, count) = (Geometry(self), side, shape.count)
    withUnsafePointer(to: shape.kernel) { shape in
      sums.withUnsafeMutableBufferPointer { sums in
        guard let sums = sums.baseAddress else { return }
        for column in stride(from: 0, to: columns, by: side) {
          let target = sums + geometry.line(column, row) * side * count
          body(column, Int32(min(side, columns - column)), shape, target)
        }
      }
    }
  }

  /// Blocks each way that the means of blocks are smoothed over, twice.
  var radius: Int { max(1, Int((Self.smoothing * Double(side) / Double(TileCode.side)).rounded())) }

  /// Adds by how much the means of the picture's blocks, `columns` in a row, differ from those around them.
  mutating func add(differences: [Float], columns: Int) {
    let (geometry, side, count) = (Geometry(self), side, shape.count)
    // Apart, for a loop that goes from block to block has no vectors.
    let bounded = CellSums.map(differences) { min(max($0, -Self.bound), Self.bound) }
    sums.withUnsafeMutableBufferPointer { sums in
      bounded.withUnsafeBufferPointer { bounded in
        guard let sums = sums.baseAddress, let bounded = bounded.baseAddress else { return }
        for row in 0..<differences.count / max(1, columns) {
          for column in stride(from: 0, to: columns, by: side) {
            var sum = sums + geometry.line(column, row) * side * count
            let start = bounded + row * columns + column
            for offset in 0..<min(side, columns - column) {
              sum.pointee += start[offset]
              sum += count
            }
          }
        }
      }
    }
  }

  /// All tiles added up, times the sign of each where there are `signs` of a pattern, which a fold that is signed knows.
  func total(_ signs: [Float]? = nil) -> [Float] {
    let size = side * side * shape.count
    guard signs != nil || across * down > 1 else { return sums }
    var total = [Float](repeating: 0, count: size)
    total.withUnsafeMutableBufferPointer { total in
      sums.withUnsafeBufferPointer { sums in
        guard let total = total.baseAddress, let sums = sums.baseAddress else { return }
        for kind in 0..<across * down {
          let (row, column) = (kind / across * TileCode.signBlock, kind % across * TileCode.signBlock)
          let sign = signs.map { $0[row * TileCode.signPeriod + column] } ?? 1
          tm_add_scaled(sums + kind * size, sign, total, Int32(size))
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

  var kernel: tm_block_shape { tm_block_shape(depth: Int32(depth), pitch: Int32(pitch)) }
}
