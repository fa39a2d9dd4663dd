internal import MediaCore

/// The marks of a grid's blocks at one strength.
struct BlockDrawing {
  let waves: BlockWaves
  /// By block, what its waves are taken times.
  let gain: [Float]
  private let shift: [Float]
  private let signs: TileSigns
  private let columns: Int
  // Blocks along a tile's side.
  private let blocks: Int

  /// Of tiles of `blocks` × `blocks` blocks on `grid`; `gain` in grey levels, as `shift` of the blocks' means.
  init(
    _ transforms: TileTransforms, blocks: Int, _ signs: TileSigns, _ grid: CoefficientGrid, gain: [Float],
    shift: [Float]
  ) {
    (self.gain, self.signs, self.blocks, columns) = (gain, signs, blocks, grid.columns)
    self.shift = CellSums.map(shift) { 8 * $0 }
    waves = BlockWaves(
      transforms, steps: grid.steps,
      largestGain: gain.withUnsafeBufferPointer { $0.reduce(0) { $1 > $0 ? $1 : $0 } })
  }

  /// Calls `body` with the blocks of row `row`, tile by tile, and the column of the first.
  @inline(__always)
  func forEachRun(of row: Int, _ body: (_ column: Int, BlockWaves.Run) -> Void) {
    gain.withUnsafeBufferPointer { gain in
      shift.withUnsafeBufferPointer { shift in
        guard let gain = gain.baseAddress, let shift = shift.baseAddress else { return }
        for column in stride(from: 0, to: columns, by: blocks) {
          let cell = row * columns + column
          let run = BlockWaves.Run(
            place: row % blocks * blocks,
            isInverted: signs.isInverted(column / blocks, row / blocks),
            columns: min(blocks, columns - column), gains: gain + cell, shifts: shift + cell)
          body(column, run)
        }
      }
    }
  }

  /// Draws on row `row` of the blocks at `target`; `changed` says of each whether anything is another.
  func draw(
    row: Int, on target: UnsafeMutablePointer<Int16>, _ changed: UnsafeMutablePointer<UInt8>,
    _ sums: inout BlockWaves.Sums
  ) {
    forEachRun(of: row) { column, run in
      waves.add(run, to: target + 64 * column, changed + column, &sums)
    }
  }
}
