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
    /// Lattices that were tried.
    var candidates = 0
    /// The strongest synchronisation seen, by any key.
    var strongestSync: Float = 0
    /// The largest statistic of a message that was not accepted.
    var strongestStatistic = 0.0
  }

  private struct Reader {
    let sync: SyncSearch
    let demodulator: Demodulator
  }

  private let readers: [Reader]
  private var transforms: [Int: PlaneTransform] = [:]
  /// Pixels a cell may be wide in the plane: what is usual first.
  private static let bands: [(low: Double, high: Double)] = [(0.78, 1.55), (0.42, 0.82), (1.5, 3.1)]
  /// Synchronisation from which on a message is read.
  private static let leastSync: Float = 4.6
  private static let latticesPerBand = 12

  init(_ codes: [TileCode]) {
    let transform = TileTransform()
    readers = codes.map { Reader(sync: SyncSearch($0, transform), demodulator: Demodulator($0, transform)) }
  }

  /// Searches `plane` of at most 1024 × 1024 pixels.
  func search(_ plane: LumaPlane, into outcome: inout Outcome) {
    var reduced: LumaPlane?
    for isWide in [false, true] {
      for level in 0..<2 {
        if level == 1, reduced == nil { reduced = plane.reduced(by: 0.4) }
        let plane = level == 0 ? plane : reduced ?? plane
        guard min(plane.width, plane.height) >= 64 else { continue }
        for band in Self.bands where level == 0 || band.low > 0.5 {
          search(plane, band, isWide: isWide, into: &outcome)
          if outcome.finding != nil { return }
        }
      }
    }
  }

  private func search(
    _ plane: LumaPlane, _ band: (low: Double, high: Double), isWide: Bool, into outcome: inout Outcome
  ) {
    let residual = Residual.of(plane, scale: (band.low * band.high).squareRoot())
    let lags = LagPlane(residual, transform(for: plane), low: band.low, high: band.high)
    let search = LatticeSearch(lags: lags, low: band.low, high: band.high)
    for candidate in search.candidates(isWide: isWide, limit: Self.latticesPerBand) {
      outcome.candidates += 1
      attempt(candidate.lattice, residual, into: &outcome)
      if outcome.finding != nil { return }
    }
  }

  private func attempt(_ lattice: Lattice, _ residual: LumaPlane, into outcome: inout Outcome) {
    let tile = Unwarp(residual, lattice).folded()
    for (key, reader) in readers.enumerated() {
      let match = reader.sync.best(tile)
      outcome.strongestSync = max(outcome.strongestSync, match.score)
      guard match.score >= Self.leastSync else { continue }
      let upright = lattice.turned(match.symmetry)
      let cells = Unwarp(residual, upright, shiftX: match.shiftX, shiftY: match.shiftY)
      guard
        let reading = reader.demodulator.read(cells, pattern: match.pattern, isNegative: match.isNegative)
      else { continue }
      let log10p = WatermarkDecision.log10p(reading.statistic, candidates: outcome.candidates)
      guard log10p < WatermarkDecision.acceptance, reading.isChecked else {
        outcome.strongestStatistic = max(outcome.strongestStatistic, reading.statistic)
        continue
      }
      outcome.finding = Finding(
        key: key, payload: reading.payload, statistic: reading.statistic, log10p: log10p, sync: match.score,
        lattice: upright, isMirrored: upright.ax * upright.by - upright.ay * upright.bx < 0,
        isNegative: match.isNegative)
      return
    }
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
