internal import MediaCore

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Looks for the mark of one or more keys in a plane, from likely to unlikely geometry. Owned by one worker.
final class WatermarkSearch {
  /// A mark that was read.
  struct Finding {
    /// Which key.
    let key: Int
    let payload: UInt64
    let statistic: Double
    let log10p: Double
    /// How far the synchronisation stood out.
    let sync: Float
    /// Pixels of the searched plane that a tile's sides have.
    let lattice: Lattice
    let isMirrored: Bool
    let isNegative: Bool
  }

  /// What a search ended with.
  struct Outcome {
    var finding: Finding?
    /// Lattices that were tried, and messages decoded.
    var candidates = 0
    var decodings = 0
    /// The strongest synchronisation seen, by any key.
    var strongestSync: Float = 0
    /// The largest statistic of a message that was not accepted.
    var strongestStatistic = 0.0
  }

  private struct Reader {
    let sync: SyncSearch
    let tracker: TileTracker
    let demodulator: Demodulator
  }

  /// What this searches for.
  let codes: [TileCode]
  // Made when something is searched: most labelled pictures are read by an `AlignedReader`.
  private lazy var readers: [Reader] = {
    let transform = TileTransform()
    return codes.map {
      Reader(
        sync: SyncSearch($0), tracker: TileTracker($0, transform), demodulator: Demodulator($0, transform))
    }
  }()
  private let isDeep: Bool
  private var transforms: [Int: PlaneTransform] = [:]
  /// Pixels a cell may be wide in the plane reduced by 2 ^ `level`: what is usual first.
  private static let bands: [(level: Int, low: Double, high: Double)] = [
    (0, 0.78, 1.55), (0, 0.42, 0.82), (1, 0.75, 1.55), (2, 0.75, 1.95),
  ]
  /// Synchronisation from which on a message is read.
  private static let leastSync: Float = 5.0
  /// Lattices tried in each band: of further ones hardly any was ever read.
  private static let latticesPerBand = 5
  /// How many times larger than this picture one may have been that it was cut from.
  private static let largestCut = 2.6
  /// Nearby lattices that are followed, the best first, where they show synchronisation at all.
  private static let nearbyFollowed = 9
  /// Tiles each way of a group that a lattice is tried with where it may not hold for the whole picture.
  private static let nearbyTiles = 4

  /// `isDeep` looks in more places and at more lattices.
  init(_ codes: [TileCode], isDeep: Bool = false) {
    self.isDeep = isDeep
    self.codes = codes
  }

  /// Reads the mark that `size` and key would be given, where it would be drawn; nil where that is not read.
  func readAsDrawn(_ plane: LumaPlane, of size: PixelSize, scale: Double) -> Finding? {
    var outcome = Outcome()
    searchUpright(SearchPyramid(plane), of: size, drawn: Self.drawn(size), largestCut: nil, into: &outcome)
    return outcome.finding
  }

  /// Tries `lattices`, pixels of the whole plane, turned any way.
  func search(_ pyramid: SearchPyramid, lattices: [Lattice], into outcome: inout Outcome) {
    for lattice in lattices {
      attempt(lattice, pyramid, into: &outcome)
      if outcome.finding != nil { return }
    }
  }

  /// Searches `plane` of at most 1024 × 1024 pixels, a picture of `size` reduced by `scale`, whose tiles are `growth` times as wide
  /// as those of luma. What is tried is counted with what `outcome` counts already: one bound holds for all planes.
  func search(
    _ plane: LumaPlane, of size: PixelSize, scale: Double, growth: Int = 1, into outcome: inout Outcome
  ) {
    search(
      SearchPyramid(plane), of: size, scale: scale, drawn: Self.drawn(size), growth: growth, into: &outcome)
  }

  /// Searches all pictures of `pyramid` at once, whose cells would be `drawn` eighths of a pixel wide, usually the first of these.
  func search(
    _ pyramid: SearchPyramid, of size: PixelSize, scale: Double, drawn: [Int], into outcome: inout Outcome
  ) {
    search(pyramid, of: size, scale: scale, drawn: drawn, growth: 1, into: &outcome)
  }

  private func search(
    _ pyramid: SearchPyramid, of size: PixelSize, scale: Double, drawn: [Int], growth: Int,
    into outcome: inout Outcome
  ) {
    searchUpright(pyramid, of: size, drawn: drawn, growth: growth, into: &outcome)
    if outcome.finding != nil { return }
    // A copy of the tiles is for codecs: luma is what warps and small scales are looked for in.
    let isCopy = growth > 1 && !isDeep
    if !isCopy, let usual = drawn.first {
      searchNearby(pyramid, side: 8 * Double(usual * growth) * scale, into: &outcome)
    }
    if outcome.finding != nil { return }
    for band in Self.bands where pyramid.isLargeEnough(band.level) && (band.level == 0 || !isCopy) {
      searchBand(pyramid, band, into: &outcome)
      if outcome.finding != nil { return }
    }
  }

  /// Eighths of a pixel that cells are drawn wide in a picture of `size`: usually, then where it is flat.
  private static func drawn(_ size: PixelSize) -> [Int] {
    [false, true].map { ImageWatermarkEmbedder.eighths(for: size, isFlat: $0) }
  }

  /// Tries tiles with cells of `drawn` eighths of a pixel, and those of larger pictures that this one may be cut from, if at all:
  /// upright, whole eighths of a pixel to a cell.
  private func searchUpright(
    _ pyramid: SearchPyramid, of size: PixelSize, drawn: [Int], growth: Int = 1,
    largestCut: Double? = largestCut, into outcome: inout Outcome
  ) {
    let (across, down) = (
      Double(pyramid.width) / Double(size.width), Double(pyramid.height) / Double(size.height)
    )
    var widths = drawn
    if let largestCut, let least = drawn.min(), let most = drawn.max() {
      widths += (least...Int(Double(most) * largestCut)).filter { !drawn.contains($0) }
    }
    for eighths in widths {
      let side = 8 * Double(eighths * growth)
      guard side < Double(2 * size.shortestSide) else { continue }
      let lattice = Lattice(ax: side * across, ay: 0, bx: 0, by: side * down)
      let isDrawn = drawn.contains(eighths)
      attempt(
        lattice, pyramid, isDrawn ? SyncSearch.anyTurn : SyncSearch.upright, isExact: !isDrawn,
        into: &outcome)
      if outcome.finding != nil { return }
    }
  }

  /// Tries nearly upright tiles of nearly the size drawn in a few places: a picture seen at a slight angle, or bent.
  private func searchNearby(
    _ pyramid: SearchPyramid, side: Double, into outcome: inout Outcome
  ) {
    var trials: [Trial] = []
    let reach = (x: Double(pyramid.width) / 5, y: Double(pyramid.height) / 5)
    let places = [
      (0.0, 0.0), (reach.x, reach.y), (-reach.x, -reach.y), (reach.x, -reach.y), (-reach.x, reach.y),
    ]
    for place in places {
      for growth in stride(from: -0.06, through: 0.061, by: isDeep ? 0.012 : 0.02) {
        for degrees in stride(from: -2.4, through: 2.41, by: isDeep ? 0.8 : 1.2) {
          let turn = degrees * .pi / 180
          let lattice = Lattice(
            side: side * (1 + growth), cosine: cos(turn), sine: sin(turn), aspect: 1, shear: 0)
          let tile = fold(pyramid, lattice, around: place)
          for (key, reader) in readers.enumerated() {
            let match = reader.sync.best(tile, SyncSearch.upright)
            outcome.strongestSync = max(outcome.strongestSync, match.score)
            trials.append(Trial(key: key, lattice: lattice, match: match))
          }
        }
      }
    }
    // The best were picked by synchronisation, so all of them count in the bound.
    outcome.candidates += trials.count
    trials.sort { $0.match.score > $1.match.score }
    for trial in trials.prefix(Self.nearbyFollowed) where trial.match.score >= Self.leastSync {
      follow(trial, pyramid, into: &outcome)
      if outcome.finding != nil { return }
    }
  }

  private func searchBand(
    _ pyramid: SearchPyramid, _ band: (level: Int, low: Double, high: Double), into outcome: inout Outcome
  ) {
    let lags = LagPlane(pyramid.spectrum(band.level, transform(for:)), low: band.low, high: band.high)
    let search = LatticeSearch(lags: lags, low: band.low, high: band.high)
    let level = pyramid.level(band.level)
    for candidate in search.candidates(limit: isDeep ? 3 * Self.latticesPerBand : Self.latticesPerBand) {
      attempt(candidate.lattice.scaled(1 / level.across, 1 / level.down), pyramid, into: &outcome)
      if outcome.finding != nil { return }
    }
  }

  /// Looks for each key's tiles in `lattice` (pixels of the whole plane) over the whole picture.
  private func attempt(
    _ lattice: Lattice, _ pyramid: SearchPyramid, _ symmetries: [Int] = SyncSearch.anyTurn,
    patterns: Range<Int> = 0..<TileCode.patterns, isExact: Bool = false, into outcome: inout Outcome
  ) {
    outcome.candidates += 1
    var tiles = [fold(pyramid, lattice)]
    if !isExact && isDeep { tiles.append(fold(pyramid, lattice, around: (0, 0))) }
    for (key, reader) in readers.enumerated() {
      let matches = tiles.map { reader.sync.best($0, symmetries, patterns) }
      guard let match = matches.max(by: { $0.score < $1.score }) else { continue }
      outcome.strongestSync = max(outcome.strongestSync, match.score)
      guard match.score >= Self.leastSync else { continue }
      follow(Trial(key: key, lattice: lattice, match: match), pyramid, into: &outcome)
      if outcome.finding != nil { return }
    }
  }

  /// The tiles of `lattice` added up, over the whole picture, or around `place`, where a lattice that is not quite right
  /// misses least.
  private func fold(
    _ pyramid: SearchPyramid, _ lattice: Lattice, around place: (x: Double, y: Double)? = nil
  ) -> [Float] {
    let (level, residual, offset) = pyramid.trial(cell: lattice.cell)
    let scaled = lattice.scaled(level.across, level.down)
    guard let place else { return TileFold.of(residual, scaled, offset: offset) }
    return TileFold.of(
      residual, scaled, offset: offset, limit: Self.nearbyTiles,
      around: (place.x * level.across, place.y * level.down))
  }

  /// A lattice with what was seen in it of a key.
  private struct Trial {
    let key: Int
    let lattice: Lattice
    let match: SyncSearch.Match
  }

  /// Reads the message where `trial` saw synchronisation: as the lattice is, then as the tiles are followed.
  private func follow(_ trial: Trial, _ pyramid: SearchPyramid, into outcome: inout Outcome) {
    let (reader, match) = (readers[trial.key], trial.match)
    let (level, residual) = pyramid.reading(cell: trial.lattice.cell)
    let upright = trial.lattice.scaled(level.across, level.down).turned(match.symmetry)
    let map = TileMap(upright, shiftX: match.shiftX, shiftY: match.shiftY)
    if read(map, isTracked: false, residual, level, trial, into: &outcome) { return }
    guard
      let refined = reader.tracker.refine(
        map, in: residual, pattern: match.pattern, isNegative: match.isNegative)
    else { return }
    _ = read(refined, isTracked: true, residual, level, trial, into: &outcome)
  }

  private func read(
    _ map: TileMap, isTracked: Bool, _ residual: LumaPlane, _ level: SearchPyramid.Level, _ trial: Trial,
    into outcome: inout Outcome
  ) -> Bool {
    let match = trial.match
    let reading = readers[trial.key].demodulator.read(
      Unwarp(residual, map), pattern: match.pattern, isNegative: match.isNegative)
    outcome.decodings += Demodulator.decodes
    let log10p = WatermarkDecision.log10p(
      reading.statistic, sync: reading.syncStatistic, decodings: outcome.decodings,
      candidates: outcome.candidates, isTracked: isTracked)
    guard log10p < WatermarkDecision.acceptance, reading.isChecked else {
      outcome.strongestStatistic = max(outcome.strongestStatistic, reading.statistic)
      return false
    }
    let lattice = map.lattice.scaled(1 / level.across, 1 / level.down)
    outcome.finding = Finding(
      key: trial.key, payload: reading.payload, statistic: reading.statistic, log10p: log10p,
      sync: match.score,
      lattice: lattice, isMirrored: lattice.ax * lattice.by - lattice.ay * lattice.bx < 0,
      isNegative: match.isNegative)
    return true
  }

  private func transform(for plane: LumaPlane) -> PlaneTransform {
    func power(_ length: Int) -> Int {
      var power = 128
      while power < length { power *= 2 }
      return power
    }
    let (width, height) = (power(plane.width), power(plane.height))
    let key = width << 16 | height
    if let known = transforms[key] { return known }
    let made = PlaneTransform(width: width, height: height)
    transforms[key] = made
    return made
  }
}
