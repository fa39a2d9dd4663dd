internal import MediaCore

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Looks for the mark of one or more keys in a plane, from likely to unlikely geometry. Owned by one worker.
final class WatermarkSearch {
  /// What reads the marks of one code.
  struct Reader {
    let sync: SyncSearch
    let tracker: TileTracker
    let demodulator: Demodulator
  }

  /// What this searches for.
  let codes: [TileCode]
  /// One a code. Made when something is searched: most labelled pictures are read by an `AlignedReader`.
  private(set) lazy var readers: [Reader] = {
    let transform = TileTransform()
    return codes.map {
      Reader(
        sync: SyncSearch($0), tracker: TileTracker($0, transform),
        demodulator: Demodulator($0, transform, sent: sent))
    }
  }()
  private let isDeep: Bool
  let sent: WatermarkPayload?
  private var transforms: [Int: PlaneTransform] = [:]
  /// Pixels a cell may be wide in the plane reduced by 2 ^ `level`: what is usual first.
  private static let bands: [(level: Int, low: Double, high: Double)] = [
    (0, 0.78, 1.55), (0, 0.42, 0.82), (1, 0.75, 1.55), (2, 0.75, 1.95),
  ]
  /// The same where a key's waves are looked for, which takes one look for each size of the plane.
  private static let lineBands: [(level: Int, low: Double, high: Double)] = [
    (0, 0.42, 1.55), (1, 0.75, 1.55), (2, 0.75, 1.95),
  ]
  /// Lattices tried in each of these, and how far their waves must stand out.
  private static let latticesByLines = 4
  private static let uprightByLines = 10
  private static let leastLines: Float = 3.8
  private static let leastUprightLines: Float = 1.5
  /// Lattices tried in each band: of further ones hardly any was ever read.
  private static let latticesPerBand = 3
  /// Lattices tried in each part of a picture, and the part's share of its sides.
  private static let latticesPerPart = 5
  private static let partShare = 0.45
  /// Nearby lattices that are followed, the best first, where they show synchronisation at all.
  private static let nearbyFollowed = 15
  /// Tiles each way of a group that a lattice is tried with where it may not hold for the whole picture.
  private static let nearbyTiles = 4

  /// `isDeep` looks in more places and at more lattices. Of no other message than the one `sent`, where that is known.
  init(_ codes: [TileCode], isDeep: Bool = false, sent: WatermarkPayload? = nil) {
    self.isDeep = isDeep
    self.sent = sent
    self.codes = codes
  }

  /// Reads the mark that `size` and key would be given, where it would be drawn; nil where that is not read.
  func readAsDrawn(_ plane: LumaPlane, of size: PixelSize, scale: Double) -> Finding? {
    var outcome = Outcome()
    searchUpright(
      SearchPyramid(plane), of: size, drawn: CellWidths(size).drawn, cut: [], into: &outcome)
    return outcome.finding
  }

  /// The same of the copies in blue, in place.
  func readAsDrawn(blueness plane: LumaPlane, of size: PixelSize) -> Finding? {
    var outcome = Outcome()
    readInPlace(
      SearchPyramid(plane),
      lattices: Self.placed(plane.width, plane.height, of: [size], drawn: \.blue), into: &outcome)
    return outcome.finding
  }

  /// Tries `lattices`, pixels of the whole plane, turned any way.
  func search(_ pyramid: SearchPyramid, lattices: [Lattice], into outcome: inout Outcome) {
    for lattice in lattices {
      attempt(lattice, pyramid, into: &outcome)
      if outcome.finding != nil { return }
    }
  }

  /// Searches `plane` of at most 1024 × 1024 pixels, a picture of `size` reduced by `scale`. What is tried is counted with what
  /// `outcome` counts already: one bound holds for all planes. Returns how the picture looks, where that had to be known.
  @discardableResult
  func search(
    _ pyramid: SearchPyramid, of size: PixelSize, scale: Double, into outcome: inout Outcome
  ) -> ActivityMap? {
    let (widths, plane) = (CellWidths(size), pyramid.level(0).lumas[0])
    readInPlace(pyramid, of: size, drawn: \.drawn, into: &outcome)
    if outcome.finding != nil { return nil }
    let map = widths.seen(plane, scale: scale)
    search(
      pyramid, of: size, scale: scale, drawn: widths.drawn, cut: widths.cut,
      nearby: widths.nearby(map), into: &outcome)
    return map
  }

  /// Searches the blue, less luma, of a picture of `size` reduced by `scale`: only flat ones are marked there. Cells of `nearby` eighths of
  /// a pixel are looked for in parts as well.
  func search(
    blueness pyramid: SearchPyramid, of size: PixelSize, scale: Double, nearby: [Int],
    into outcome: inout Outcome
  ) {
    let widths = CellWidths(size)
    readInPlace(pyramid, of: size, drawn: \.blue, into: &outcome)
    if outcome.finding != nil { return }
    search(
      pyramid, of: size, scale: scale, drawn: widths.blue,
      cut: widths.cutInBlue, nearby: isDeep ? widths.blue : nearby, isBlue: true,
      into: &outcome)
  }

  /// Searches both at once: the copy in blue is of the same tiles, and what is too faint in either may be read of both.
  func search(
    _ luma: LumaPlane, blueness plane: LumaPlane, of size: PixelSize, scale: Double,
    into outcome: inout Outcome
  ) {
    let pyramid = SearchPyramid(plane, isSeparate: true)
    pyramid.add(luma.reduced(to: (plane.width, plane.height)))
    let widths = CellWidths(size)
    readInPlace(pyramid, of: size, drawn: \.both, into: &outcome)
    if outcome.finding != nil { return }
    search(
      pyramid, of: size, scale: scale, drawn: widths.both, cut: widths.cutWhereFlat,
      nearby: [], isBlue: true, into: &outcome)
  }

  /// Searches all pictures of `pyramid` at once, whose cells would be `drawn` eighths of a pixel wide, usually the first of these.
  func search(
    _ pyramid: SearchPyramid, of size: PixelSize, scale: Double, drawn: [Int], into outcome: inout Outcome
  ) {
    guard let least = drawn.min(), let most = drawn.max() else { return }
    let cut = (least...Int(Double(most) * CellWidths.largestCut)).filter { !drawn.contains($0) }
    search(
      pyramid, of: size, scale: scale, drawn: drawn, cut: cut, nearby: Array(drawn.prefix(1)), into: &outcome)
  }

  private func search(
    _ pyramid: SearchPyramid, of size: PixelSize, scale: Double, drawn: [Int], cut: [Int], nearby: [Int],
    isBlue: Bool = false, into outcome: inout Outcome
  ) {
    searchUpright(pyramid, of: size, drawn: drawn, cut: cut, into: &outcome)
    if outcome.finding != nil { return }
    // Lines are for single pictures: of frames added up, only what is drawn is looked for here, and of luma and blue only what is
    // upright besides, for what is turned shows in one of them if at all.
    for band in Self.lineBands
    where pyramid.isLargeEnough(band.level) && (pyramid.count == 1 || isBlue) && (band.level < 2 || !isBlue) {
      searchLines(pyramid, band, isBlue: isBlue, isUpright: pyramid.count > 1, into: &outcome)
      if outcome.finding != nil { return }
    }
    for eighths in nearby where outcome.finding == nil {
      searchNearby(pyramid, side: 8 * Double(eighths) * scale, into: &outcome)
    }
    // Luma is what else is looked for by where it repeats.
    if outcome.finding != nil || isBlue && !isDeep { return }
    for band in Self.bands where pyramid.isLargeEnough(band.level) {
      searchBand(pyramid, band, into: &outcome)
      if outcome.finding != nil { return }
    }
  }

  /// Tries tiles with cells of `drawn` eighths of a pixel, then of `cut`: upright, whole eighths of a pixel to a cell.
  private func searchUpright(
    _ pyramid: SearchPyramid, of size: PixelSize, drawn: [Int], cut: [Int], into outcome: inout Outcome
  ) {
    let (across, down) = (
      Double(pyramid.width) / Double(size.width), Double(pyramid.height) / Double(size.height)
    )
    for eighths in drawn + cut {
      let side = 8 * Double(eighths)
      guard side < Double(2 * size.shortestSide) else { continue }
      let lattice = Lattice(ax: side * across, ay: 0, bx: 0, by: side * down)
      let isDrawn = drawn.contains(eighths)
      attempt(
        lattice, pyramid, isDrawn ? SyncSearch.anyTurn : SyncSearch.upright, isExact: !isDrawn,
        into: &outcome)
      if outcome.finding != nil { return }
    }
  }

  /// Looks for nearly upright tiles of nearly `side` pixels in parts of the picture, each with a lattice of its own: a picture seen
  /// at a slight angle, or bent.
  private func searchNearby(
    _ pyramid: SearchPyramid, side: Double, into outcome: inout Outcome
  ) {
    var index = 0
    let cell = side / Double(TileCode.side)
    while index < 2, cell / Double(1 << index) > 1.6, pyramid.isLargeEnough(index + 1) { index += 1 }
    let level = pyramid.level(index)
    var trials: [Trial] = []
    // A part must hold two tiles each way; where it does not, all of the picture is one.
    let isWhole = Self.partShare * Double(min(pyramid.width, pyramid.height)) < 2 * side
    let share = isWhole ? 1 : Self.partShare
    let rest = 1 - share
    for (left, top) in [(0.5, 0.5), (0, 0), (1, 0), (0, 1), (1, 1)].prefix(isWhole ? 1 : 5) {
      let spectrum = pyramid.spectrum(
        index, left: left * rest, top: top * rest, across: share, down: share,
        transform(for:))
      let place = (
        x: (left - 0.5) * rest * Double(pyramid.width), y: (top - 0.5) * rest * Double(pyramid.height)
      )
      for (key, reader) in readers.enumerated() {
        let search = WaveSearch(
          spectrum, codes[key].sync[0], low: cell * level.across, high: cell * level.across)
        for candidate in search.nearby(
          side: side * level.across, limit: isDeep ? 3 * Self.latticesPerPart : Self.latticesPerPart)
        {
          let lattice = candidate.lattice.scaled(1 / level.across, 1 / level.down)
          let match = reader.sync.best(fold(pyramid, lattice, around: place), SyncSearch.upright)
          outcome.strongestSync = max(outcome.strongestSync, match.score)
          trials.append(Trial(key: key, lattice: lattice, turns: 1, match: match))
        }
      }
    }
    // The best are picked by synchronisation, so all of them count in the bound.
    outcome.lattices.add(trials.count)
    trials.sort { $0.match.score > $1.match.score }
    for trial in trials.prefix(Self.nearbyFollowed) where trial.match.score >= SyncThreshold.read {
      follow(trial, pyramid, into: &outcome)
      if outcome.finding != nil { return }
    }
  }

  private func searchBand(
    _ pyramid: SearchPyramid, _ band: (level: Int, low: Double, high: Double), into outcome: inout Outcome
  ) {
    let spectrum = pyramid.spectrum(band.level, transform(for:))
    let scale = spectrum.across * Double(1 << band.level)
    let lags = LagPlane(spectrum.flat, low: band.low * scale, high: band.high * scale)
    let search = LatticeSearch(lags: lags, low: band.low * scale, high: band.high * scale)
    for candidate in search.candidates(limit: isDeep ? 3 * Self.latticesPerBand : Self.latticesPerBand) {
      attempt(candidate.lattice.scaled(1 / spectrum.across, 1 / spectrum.down), pyramid, into: &outcome)
      if outcome.finding != nil { return }
    }
  }

  /// Tries the lattices whose lines in the spectrum each key's waves stand out of.
  private func searchLines(
    _ pyramid: SearchPyramid, _ band: (level: Int, low: Double, high: Double), isBlue: Bool, isUpright: Bool,
    into outcome: inout Outcome
  ) {
    let spectrum = pyramid.spectrum(band.level, transform(for:))
    let scale = spectrum.across * Double(1 << band.level)
    for code in codes {
      let search = WaveSearch(spectrum.flat, code.sync[0], low: band.low * scale, high: band.high * scale)
      let limit = isDeep ? 3 * Self.latticesByLines : Self.latticesByLines
      let isStretched = band.level == 0 || isBlue
      let turned = isUpright ? [] : search.turned(limit: limit)
      let candidates = turned + (isStretched && !isUpright ? search.stretched(limit: limit) : [])
      for candidate in candidates.sorted(by: { $0.score > $1.score }).prefix(limit)
      where candidate.score >= Self.leastLines {
        attempt(
          candidate.lattice.scaled(1 / spectrum.across, 1 / spectrum.down), pyramid, SyncSearch.halfTurns,
          into: &outcome)
        if outcome.finding != nil { return }
      }
      for candidate in search.upright(
        aspect: spectrum.across / spectrum.down, limit: isDeep ? 3 * Self.uprightByLines : Self.uprightByLines
      )
      where candidate.score >= Self.leastUprightLines {
        attempt(
          candidate.lattice.scaled(1 / spectrum.across, 1 / spectrum.down), pyramid, SyncSearch.upright,
          into: &outcome)
        if outcome.finding != nil { return }
      }
    }
  }

  /// Looks for each key's tiles in `lattice` (pixels of the whole plane) over the whole picture.
  func attempt(
    _ lattice: Lattice, _ pyramid: SearchPyramid, _ symmetries: [Int] = SyncSearch.anyTurn,
    patterns: Range<Int> = 0..<TileCode.patterns, isExact: Bool = false, into outcome: inout Outcome
  ) {
    var tiles = [fold(pyramid, lattice)]
    if !isExact && isDeep { tiles.append(fold(pyramid, lattice, around: (0, 0))) }
    for (key, reader) in readers.enumerated() {
      outcome.lattices.add(tiles.count)
      let matches = tiles.map { reader.sync.best($0, symmetries, patterns) }
      guard let match = matches.max(by: { $0.score < $1.score }) else { continue }
      outcome.strongestSync = max(outcome.strongestSync, match.score)
      guard match.score >= SyncThreshold.read else { continue }
      follow(
        Trial(key: key, lattice: lattice, turns: symmetries.count, match: match), pyramid, into: &outcome)
      if outcome.finding != nil { return }
    }
  }

  /// The tiles of `lattice` added up, over the whole picture, or around `place`, where a lattice that is not quite right
  /// misses least.
  func fold(
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
  struct Trial {
    let key: Int
    let lattice: Lattice
    /// Ways it was looked for in.
    let turns: Int
    let match: SyncSearch.Match
  }

  /// Reads the message where `trial` saw synchronisation: as the lattice is, then as the tiles are followed.
  private func follow(_ trial: Trial, _ pyramid: SearchPyramid, into outcome: inout Outcome) {
    let (reader, match) = (readers[trial.key], trial.match)
    let (level, residuals, sum) = pyramid.reading(cell: trial.lattice.cell)
    let upright = trial.lattice.scaled(level.across, level.down).turned(match.symmetry)
    var map = TileMap(upright, shiftX: match.shiftX, shiftY: match.shiftY)
    if read(map, .none, residuals, level, trial, into: &outcome) { return }
    let base = map
    if match.score >= SyncThreshold.sharpened {
      let (sharper, fit) = sharpened(trial, pyramid)
      let upright = sharper.lattice.scaled(level.across, level.down).turned(match.symmetry)
      map = TileMap(upright, shiftX: sharper.match.shiftX, shiftY: sharper.match.shiftY)
      if sharper.match.score > match.score,
        read(map, fit, residuals, level, sharper, into: &outcome)
      {
        return
      }
    }
    guard
      let refined = reader.tracker.refine(
        map, in: sum, pattern: match.pattern, isNegative: match.isNegative),
      let (snapped, bits) = refined.snapped(to: base, width: sum.width, height: sum.height)
    else { return }
    _ = read(snapped, .tracked(bits: bits), residuals, level, trial, into: &outcome)
  }

  private func read(
    _ map: TileMap, _ fit: ErrorShare.Fit, _ residuals: [LumaPlane], _ level: SearchPyramid.Level,
    _ trial: Trial,
    into outcome: inout Outcome
  ) -> Bool {
    let match = trial.match
    let reading = readers[trial.key].demodulator.read(
      residuals.map { Unwarp($0, map) }, pattern: match.pattern, isNegative: match.isNegative)
    outcome.readings.add()
    let pose = ErrorShare.Pose(
      turns: trial.turns, isTurned: match.symmetry != 0, isNegative: match.isNegative, fit: fit)
    let log10p = WatermarkDecision.log10p(
      reading.evidence, sync: reading.syncEvidence, readings: outcome.readings, lattices: outcome.lattices,
      pose: pose, isOfFirstPlace: reading.isOfFirstPlace)
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
    let (width, height) = (PlaneTransform.length(for: plane.width), PlaneTransform.length(for: plane.height))
    let key = width << 16 | height
    if let known = transforms[key] { return known }
    let made = PlaneTransform(width: width, height: height)
    transforms[key] = made
    return made
  }
}
