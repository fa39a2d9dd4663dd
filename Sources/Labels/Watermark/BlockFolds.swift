internal import MediaCore

/// The folds of a picture for the widths that cells may have been drawn with, made of its blocks row by row.
struct BlockFolds {
  /// How blocks are held that are added: as the narrowest cells ask for.
  let shape: BlockShape
  /// One a width.
  private(set) var folds: [BlockFold]
  private var means: LumaPlane

  /// Folds for cells of `eighths` of a pixel of `columns` × `rows` blocks.
  init(eighths: [Int], columns: Int, rows: Int, isSigned: Bool = true) {
    shape = BlockShape(side: eighths.min() ?? 8)
    folds = eighths.map { BlockFold(side: $0, columns: columns, rows: rows, isSigned: isSigned) }
    means = LumaPlane(width: columns, height: rows)
  }

  /// Adds a row of blocks, values of `shape` each. Rows come in order.
  mutating func add(_ blocks: UnsafeMutablePointer<Float>, row: Int) {
    let shape = shape
    addBounded(blocks, row: row) { shape.bound(blocks, columns: $0.count, means: $0) }
  }

  /// The same of blocks that have neither means nor more than a fold takes of a value; their means are set by `setMeans`.
  mutating func addBounded(
    _ blocks: UnsafePointer<Float>, row: Int, _ setMeans: (UnsafeMutableBufferPointer<Float>) -> Void
  ) {
    guard row < means.height else { return }
    let columns = means.width
    means.withRow(row, setMeans)
    for index in folds.indices { folds[index].add(blocks, held: shape, columns: columns, row: row) }
    if row == means.height - 1 { addDifferences() }
  }

  private mutating func addDifferences() {
    for (radius, indices) in radii {
      let differences = means.differences(radius: radius)
      for index in indices { folds[index].add(differences: differences, columns: means.width) }
    }
  }

  /// How far means are smoothed, and for which of the folds: most widths have the least radius.
  private var radii: [Int: [Int]] { Dictionary(grouping: folds.indices) { folds[$0].radius } }
}

extension BlockFolds {
  /// The folds of `frame` for cells as wide as they are drawn mostly, or for `width` alone, one of those or that of textured pictures. Blocks
  /// are evened out where `isEven`.
  init(_ frame: any Frame, only width: Int? = nil, isEven: Bool = false) throws(MediaError) {
    let drawn = CellWidths(frame.size).drawnMostly
    let grid = (frame as? any CoefficientFrame)?.lumaGrid
    self.init(
      eighths: width.map { [$0] } ?? drawn, columns: grid?.columns ?? frame.size.width / 8,
      rows: grid?.rows ?? frame.size.height / 8)
    if isEven {
      try addEvened(frame, BlockShape(side: min(width ?? .max, drawn.min() ?? 8)))
    } else if let frame = frame as? any CoefficientFrame, let grid {
      try addAll(frame, grid)
    } else {
      var band = BlockBand(shape, columns: means.width)
      try LumaRows.forEachStrip(of: frame, rows: 8) { strip in
        band.add(strip) { row, blocks in add(blocks, row: row) }
      }
    }
  }

  private mutating func addAll(_ frame: any CoefficientFrame, _ grid: CoefficientGrid) throws(MediaError) {
    let reading = BlockReading(shape, steps: grid.steps)
    let blocks = UnsafeMutablePointer<Float>.allocate(capacity: grid.columns * shape.count)
    defer { blocks.deallocate() }
    for row in 0..<grid.rows {
      reading.read(try frame.lumaBlocks(row: row), columns: grid.columns, into: blocks)
      add(blocks, row: row)
    }
  }

  /// Adds all blocks, each times what it counts for by what it shows of `measured`.
  private mutating func addEvened(_ frame: any Frame, _ measured: BlockShape) throws(MediaError) {
    if let frame = frame as? any CoefficientFrame, let grid = frame.lumaGrid {
      return try addEvened(frame, grid, measured)
    }
    let columns = means.width
    var (evening, band) = (BlockEvening(means), BlockBand(measured, columns: columns))
    var kept: [Float] = []
    kept.reserveCapacity(columns * means.height * measured.count)
    try LumaRows.forEachStrip(of: frame, rows: 8) { strip in
      band.add(strip) { row, blocks in
        evening.measure(blocks, measured, row: row, &means)
        kept += UnsafeBufferPointer(start: blocks, count: columns * measured.count)
      }
    }
    for (radius, indices) in radii {
      let differences = means.differences(radius: radius)
      let weights = evening.weights(differences)
      kept.withUnsafeBufferPointer { kept in
        weights.withUnsafeBufferPointer { weights in
          guard let first = kept.baseAddress, let weights = weights.baseAddress else { return }
          for row in 0..<kept.count / max(1, columns * measured.count) {
            let start = row * columns
            for index in indices {
              folds[index].add(
                first + start * measured.count, held: measured, times: weights + start, columns: columns,
                row: row)
            }
          }
        }
      }
      addWeighted(differences, weights, to: indices)
    }
  }

  /// Coefficients are read twice, which costs less than to keep what was made of them.
  private mutating func addEvened(
    _ frame: any CoefficientFrame, _ grid: CoefficientGrid, _ measured: BlockShape
  ) throws(MediaError) {
    var evening = BlockEvening(means)
    for row in 0..<grid.rows {
      evening.measure(try frame.lumaBlocks(row: row), steps: grid.steps, measured, row: row, &means)
    }
    for (radius, indices) in radii {
      let differences = means.differences(radius: radius)
      let weights = evening.weights(differences)
      for row in 0..<grid.rows {
        let blocks = try frame.lumaBlocks(row: row)
        weights.withUnsafeBufferPointer { weights in
          guard let line = weights.baseAddress.map({ $0 + row * grid.columns }) else { return }
          for index in indices {
            folds[index].add(blocks, steps: grid.steps, times: line, columns: grid.columns, row: row)
          }
        }
      }
      addWeighted(differences, weights, to: indices)
    }
  }

  private mutating func addWeighted(_ differences: [Float], _ weights: [Float], to indices: [Int]) {
    let weighted = CellSums.combine(differences, weights, *)
    for index in indices { folds[index].add(differences: weighted, columns: means.width) }
  }
}

extension LumaPlane {
  /// By how much each value differs from those within `radius`, smoothed twice.
  fileprivate func differences(radius: Int) -> [Float] {
    let around = BoxFilter.mean(BoxFilter.mean(self, radius: radius), radius: radius)
    return CellSums.combine(values, around.values, -)
  }

  /// Calls `body` with row `row`.
  mutating func withRow(_ row: Int, _ body: (UnsafeMutableBufferPointer<Float>) -> Void) {
    values.withUnsafeMutableBufferPointer { values in
      body(UnsafeMutableBufferPointer(rebasing: values[row * width..<(row + 1) * width]))
    }
  }
}
