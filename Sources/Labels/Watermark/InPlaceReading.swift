internal import MediaCore

extension WatermarkSearch {
  /// Synchronisation in place from which on a message is read: chance reaches it once in some 700 looks at a key's four patterns.
  static let leastInPlace = 4.0

  /// Reads the marks of `lattices`, pixels of the whole plane, where they were drawn: upright, the first tile in the corner. So few
  /// places are open then that much less synchronisation will do than anywhere else.
  func readInPlace(_ pyramid: SearchPyramid, lattices: [Lattice], into outcome: inout Outcome) {
    for lattice in lattices {
      read([PlacedTiles(pyramid, lattice)], into: &outcome)
      if outcome.finding != nil { return }
    }
  }

  /// Reads luma and the copies in blue of a picture of `size` together, in place: codecs leave a little of each, and those of other
  /// widths, each in its own tiles, add to one another.
  func readInPlace(
    _ luma: SearchPyramid, blueness: SearchPyramid, of size: PixelSize, into outcome: inout Outcome
  ) {
    for source in Self.sources(of: size) {
      let widths = CellWidths(source)
      let blue = widths.blue.compactMap { Self.lattice(blueness, source, eighths: $0) }
      guard let flat = Self.lattice(luma, source, eighths: widths.flat), blue.count == widths.blue.count
      else { continue }
      // Packed rows have all copies, transforms the widest alone.
      for copies in blue.count > 1 ? [blue, Array(blue.suffix(1))] : [blue] {
        read([PlacedTiles(luma, flat)] + copies.map { PlacedTiles(blueness, $0) }, into: &outcome)
        if outcome.finding != nil { return }
      }
    }
  }

  /// The tiles of one copy where they were drawn, the first in the corner.
  private struct PlacedTiles {
    let pyramid: SearchPyramid
    let lattice: Lattice
    /// Where the middle of the plane lies, cells.
    let middle: (x: Double, y: Double)

    init(_ pyramid: SearchPyramid, _ lattice: Lattice) {
      (self.pyramid, self.lattice) = (pyramid, lattice)
      let cells = Double(TileCode.side)
      middle = (
        Double(pyramid.width) / 2 / lattice.ax * cells, Double(pyramid.height) / 2 / lattice.by * cells
      )
    }

    var cells: [Unwarp] {
      let (level, residuals, _) = pyramid.reading(cell: lattice.cell)
      let map = TileMap(lattice.scaled(level.across, level.down), shiftX: middle.x, shiftY: middle.y)
      return residuals.map { Unwarp($0, map) }
    }
  }

  /// Synchronisation that a message is read with from which on another look at the same tiles, of half as many cells, would show no less
  /// than what `leastInPlace` asks for.
  private static let clearInPlace = 8.0

  /// Whether the message that was sent with the first key is read of the tiles of `lattice` where it was drawn. No more is made of the plane
  /// than its reading takes.
  func readsSent(_ pyramid: SearchPyramid, _ lattice: Lattice, looks: LookCount) -> Bool {
    guard let sent, let reader = readers.first else { return false }
    let (tiles, pattern) = (PlacedTiles(pyramid, lattice), TileCode.pattern(of: sent))
    let reading = reader.demodulator.read(tiles.cells, pattern: pattern, isNegative: false, isInPlace: true) {
      WatermarkDecision.evidenceInPlace(for: WatermarkDecision.acceptance, sync: $0, looks: looks)
    }
    let log10p = WatermarkDecision.log10pInPlace(
      reading.evidence, sync: reading.syncEvidence, looks: looks)
    guard log10p < WatermarkDecision.acceptance, reading.isChecked else { return false }
    if reading.sync >= Self.clearInPlace { return true }
    let shown = statistics(tiles)[0]
    return shown[pattern] >= Self.leastInPlace && shown[pattern] == shown.max()
  }

  /// By key, how much of each pattern `tiles` show.
  private func statistics(_ tiles: PlacedTiles) -> [[Double]] {
    if let known = tiles.pyramid.placed[tiles.lattice] { return known }
    let fold = fold(tiles.pyramid, tiles.lattice)
    let made = readers.map {
      $0.sync.inPlace(fold, shiftX: tiles.middle.x, shiftY: tiles.middle.y)
    }
    tiles.pyramid.placed[tiles.lattice] = made
    return made
  }

  /// Reads what all `copies` of one mark show.
  private func read(_ copies: [PlacedTiles], into outcome: inout Outcome) {
    let sights = copies.map(statistics)
    for (key, reader) in readers.enumerated() {
      outcome.placedLooks.add()
      let statistics = (0..<TileCode.patterns).map { pattern in
        sights.reduce(0) { $0 + $1[key][pattern] } / Double(copies.count).squareRoot()
      }
      let pattern = statistics.indices.max { statistics[$0] < statistics[$1] } ?? 0
      guard statistics[pattern] >= Self.leastInPlace else { continue }
      let reading = reader.demodulator.read(
        copies.flatMap(\.cells), pattern: pattern, isNegative: false, isInPlace: true)
      let log10p = WatermarkDecision.log10pInPlace(
        reading.evidence, sync: reading.syncEvidence, looks: outcome.placedLooks)
      guard log10p < WatermarkDecision.acceptance, reading.isChecked else { continue }
      outcome.finding = Finding(
        key: key, payload: reading.payload, statistic: reading.statistic, log10p: log10p,
        sync: Float(statistics[pattern]), lattice: copies[0].lattice, isMirrored: false, isNegative: false)
      return
    }
  }

  /// Reads in place what would be drawn in a picture of `size`, and in those that it is usually made from.
  func readInPlace(
    _ pyramid: SearchPyramid, of size: PixelSize, drawn: (CellWidths) -> [Int], into outcome: inout Outcome
  ) {
    let sources = Self.sources(of: size)
    readInPlace(
      pyramid, lattices: Self.placed(pyramid.width, pyramid.height, of: sources, drawn: drawn),
      into: &outcome)
  }

  /// Tiles in a plane of `width` × `height` that shows a picture which had the size of one of `sources` when it was marked with cells of
  /// `drawn` eighths of a pixel, the likeliest first.
  static func placed(
    _ width: Int, _ height: Int, of sources: [PixelSize], drawn: (CellWidths) -> [Int]
  ) -> [Lattice] {
    var lattices: [Lattice] = []
    for source in sources {
      for eighths in drawn(CellWidths(source)) {
        let lattice = lattice(width, height, source, eighths: eighths)
        // Pictures whose sizes are multiples of one another mostly have the same tiles.
        guard isSeen(lattice, width, height),
          lattices.allSatisfy({ abs($0.ax / lattice.ax - 1) > sameTile })
        else { continue }
        lattices.append(lattice)
      }
    }
    return lattices
  }

  /// Tiles with cells of `eighths` of a pixel of `source`, in a plane of `width` × `height` that shows it.
  private static func lattice(_ width: Int, _ height: Int, _ source: PixelSize, eighths: Int) -> Lattice {
    let side = 8 * Double(eighths)
    return Lattice(
      ax: side * Double(width) / Double(source.width), ay: 0, bx: 0,
      by: side * Double(height) / Double(source.height))
  }

  /// The same in a pyramid's plane; nil where they show no mark.
  private static func lattice(_ pyramid: SearchPyramid, _ source: PixelSize, eighths: Int) -> Lattice? {
    let lattice = lattice(pyramid.width, pyramid.height, source, eighths: eighths)
    return isSeen(lattice, pyramid.width, pyramid.height) ? lattice : nil
  }

  private static func isSeen(_ lattice: Lattice, _ width: Int, _ height: Int) -> Bool {
    lattice.ax >= leastTile && lattice.ax < Double(2 * min(width, height))
  }

  /// The sizes that a picture of `size` may have been scaled from, the likeliest first.
  static func sources(of size: PixelSize) -> [PixelSize] {
    factors(of: size).map {
      PixelSize(
        width: Int((Double(size.width) / $0).rounded()), height: Int((Double(size.height) / $0).rounded()))
    }.filter { $0.shortestSide >= ImageWatermarkEmbedder.shortestSide }
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
