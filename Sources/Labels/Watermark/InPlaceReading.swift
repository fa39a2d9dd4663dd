extension WatermarkSearch {
  /// Synchronisation in place from which on a message is read: chance reaches it once in some 700 looks at a key's four patterns.
  private static let leastInPlace = 4.0

  /// Reads the marks of `lattices`, pixels of the whole plane, where they were drawn: upright, the first tile in the corner. So few
  /// places are open then that much less synchronisation will do than anywhere else.
  func readInPlace(_ pyramid: SearchPyramid, lattices: [Lattice], into outcome: inout Outcome) {
    let cells = Double(TileCode.side)
    for lattice in lattices {
      let tile = fold(pyramid, lattice)
      let middle = (
        x: Double(pyramid.width) / 2 / lattice.ax * cells, y: Double(pyramid.height) / 2 / lattice.by * cells
      )
      for (key, reader) in readers.enumerated() {
        outcome.placedLooks.add()
        let sight = reader.sync.inPlace(tile, shiftX: middle.x, shiftY: middle.y)
        guard sight.statistic >= Self.leastInPlace else { continue }
        let (level, residual) = pyramid.reading(cell: lattice.cell)
        let map = TileMap(
          lattice.scaled(level.across, level.down), shiftX: middle.x, shiftY: middle.y)
        let reading = reader.demodulator.read(
          Unwarp(residual, map), pattern: sight.pattern, isNegative: false, isInPlace: true)
        let log10p = WatermarkDecision.log10pInPlace(
          reading.evidence, sync: reading.syncEvidence, looks: outcome.placedLooks)
        guard log10p < WatermarkDecision.acceptance, reading.isChecked else { continue }
        outcome.finding = Finding(
          key: key, payload: reading.payload, statistic: reading.statistic, log10p: log10p,
          sync: Float(sight.statistic), lattice: lattice, isMirrored: false, isNegative: false)
        return
      }
    }
  }
}
