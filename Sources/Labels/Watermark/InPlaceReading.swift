internal import MediaCore

extension WatermarkSearch {
  /// Synchronisation in place from which on a message is read: chance reaches it once in some 700 looks at a key's four patterns.
  static let leastInPlace = 4.0

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
        let (level, residuals, _) = pyramid.reading(cell: lattice.cell)
        let map = TileMap(
          lattice.scaled(level.across, level.down), shiftX: middle.x, shiftY: middle.y)
        let reading = reader.demodulator.read(
          residuals.map { Unwarp($0, map) }, pattern: sight.pattern, isNegative: false, isInPlace: true)
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

  /// Reads in place what would be drawn in a picture of `size`, and in those that it is usually made from.
  func readInPlace(
    _ pyramid: SearchPyramid, of size: PixelSize, drawn: (CellWidths) -> [Int], into outcome: inout Outcome
  ) {
    readInPlace(
      pyramid, lattices: Self.placed(pyramid.width, pyramid.height, of: size, drawn: drawn), into: &outcome)
  }

  /// Tiles in a plane of `width` × `height` that shows a picture of `size`, with cells of `drawn` eighths of a pixel in the pictures it
  /// may have been scaled from, the likeliest first.
  static func placed(
    _ width: Int, _ height: Int, of size: PixelSize, drawn: (CellWidths) -> [Int]
  ) -> [Lattice] {
    var lattices: [Lattice] = []
    for factor in factors(of: size) {
      let source = PixelSize(
        width: Int((Double(size.width) / factor).rounded()),
        height: Int((Double(size.height) / factor).rounded()))
      guard source.shortestSide >= ImageWatermarkEmbedder.shortestSide else { continue }
      for eighths in drawn(CellWidths(source)) {
        let side = 8 * Double(eighths)
        let lattice = Lattice(
          ax: side * Double(width) / Double(source.width), ay: 0, bx: 0,
          by: side * Double(height) / Double(source.height))
        // Pictures whose sizes are multiples of one another mostly have the same tiles.
        guard lattice.ax >= leastTile, lattice.ax < Double(2 * min(width, height)),
          lattices.allSatisfy({ abs($0.ax / lattice.ax - 1) > sameTile })
        else { continue }
        lattices.append(lattice)
      }
    }
    return lattices
  }

  /// What a picture of `size` is usually scaled by: not at all, by what people and programs choose, and from the sizes that generators and
  /// screens have.
  private static func factors(of size: PixelSize) -> [Double] {
    var factors = [1.0]
    for factor in usualFactors + usualSides.map({ Double(size.shortestSide) / $0 })
    where factors.allSatisfy({ abs($0 / factor - 1) > sameFactor }) { factors.append(factor) }
    return factors
  }

  private static let usualFactors = [0.5, 0.75, 0.8, 2, 1.5, 0.25, 0.9, 2.0 / 3, 1.25, 0.6, 0.4, 0.7]
  private static let usualSides = [1024.0, 512, 768, 1536, 2048, 1080, 720, 832, 1280, 1440, 2160]
  /// By how much the sides of one picture may seem to be scaled differently, for they are whole.
  private static let sameFactor = 0.004
  /// By how much tiles may differ from others that are not looked at then: a quarter of a cell over a picture.
  private static let sameTile = 0.0006
  /// Pixels of the plane below which tiles show no mark.
  private static let leastTile = 24.0
}
