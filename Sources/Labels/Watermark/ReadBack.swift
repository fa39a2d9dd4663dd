internal import MediaCore

/// Reads what a label would draw, or has drawn, the way whoever verifies the picture will. Owned by one worker.
final class ReadBack {
  private let payload: WatermarkPayload
  private let search: WatermarkSearch
  private let aligned: AlignedReader

  /// What was seen of a mark in place.
  private struct Look {
    /// Of the synchronising waves.
    let sync: Float
    /// Of the message, read or not.
    let statistic: Double
    /// The bound of what was read, 0 where it was not.
    let log10p: Double
  }

  /// What reading back a drawn mark comes to.
  enum Verdict {
    case read
    /// Where it was not, the message's statistic: 0 where not even synchronisation was seen.
    case unread(statistic: Double)
  }

  init(_ code: TileCode, _ payload: WatermarkPayload) {
    self.payload = payload
    search = WatermarkSearch([code], sent: payload)
    aligned = AlignedReader([code], sent: payload)
  }

  /// Decimal logarithm of the bound from which on a mark that is read at first sight counts as one that can be read: of one that could be
  /// drawn stronger, and of one that could not. What verifies asks for -9.
  static let ample = -30.0
  private static let ampleAtMost = -14.0
  /// The statistic that goes with the first.
  static let ampleStatistic = 13.0
  /// Looks in place that whoever reads a picture may have taken before the one that finds the mark.
  private static let looksBefore = 10

  /// Whether the very payload is read where it would be drawn, as it is or turned, in `frame`, whose `folds` have no signs.
  func isPresent(
    in frame: any Frame, _ folds: BlockFolds, isTextured: Bool
  ) throws(MediaError) -> Bool {
    var seen = look(folds)
    if seen.sync >= SyncThreshold.readInPlace { seen = look(try BlockFolds(frame)) }
    if seen.log10p < WatermarkDecision.acceptance { return true }
    // Evened out, the same shows more: a second reading, for pictures that chance would hardly have look marked.
    if seen.sync >= SyncThreshold.evened,
      look(try BlockFolds(frame, isEven: true)).log10p < WatermarkDecision.acceptance
    {
      return true
    }
    if try readsElsewhere(frame) { return true }
    guard isTextured, let textured = CellWidths(frame.size).ownTextured else { return false }
    for isEven in [false, true] {
      let seen = look(
        try BlockFolds(frame, only: textured, isEven: isEven),
        after: Self.looksBefore(frame.size, cells: textured, isEven: isEven))
      if seen.log10p < WatermarkDecision.acceptance { return true }
    }
    return try readsElsewhere(frame)
  }

  /// Whether the payload is read anywhere, where the folds that were looked at last suggest that it lies there turned or shifted.
  private func readsElsewhere(_ frame: any Frame) throws(MediaError) -> Bool {
    let sync = aligned.strongestSync(pattern: TileCode.pattern(of: payload))
    return sync >= SyncThreshold.searched ? try readsFully(frame) : false
  }

  /// Whether the payload is read from a frame that was marked with cells of `eighths` / 8 pixels, a flat picture's where it `isFlat`. Where
  /// that `isLast` of all strengths, less has to show, copies in blue will do unless luma `isAlone`, and the whole plane is read in any case.
  /// Tiles elsewhere and of other widths are not looked for: where they were drawn shows the most of them.
  func read(
    _ frame: any Frame, cells eighths: Int, isFlat: Bool, isAlone: Bool, isLast: Bool
  ) throws(MediaError) -> Verdict {
    var statistic = 0.0
    for (isEven, limit) in Self.looks(isFlat: isFlat, isLast: isLast) {
      let folds = try BlockFolds(frame, only: eighths, isEven: isEven)
      let seen = look(
        folds, after: Self.looksBefore(frame.size, cells: eighths, isEven: isEven), limit: limit)
      if seen.log10p < limit { return .read }
      statistic = max(statistic, seen.statistic)
    }
    if isLast, !isAlone, try readsInBlue(frame) { return .read }
    if !isFlat || isLast, try readsOfPlane(frame, cells: eighths) { return .read }
    return .unread(statistic: statistic)
  }

  /// Looks that whoever reads a picture of `size` has taken before the one that finds the mark in its own cells: those at others count all the
  /// same.
  private static func looksBefore(_ size: PixelSize, cells eighths: Int, isEven: Bool) -> Int {
    let mostly = CellWidths(size).drawnMostly
    guard let place = mostly.firstIndex(of: eighths) else { return 3 * mostly.count + (isEven ? 1 : 0) }
    return (isEven ? 1 : 2) * mostly.count + place
  }

  /// The looks in place, with or without blocks evened out, and what they have to show. Photographs show more as they are, so that less will
  /// do there.
  private static func looks(isFlat: Bool, isLast: Bool) -> [(isEven: Bool, limit: Double)] {
    if isLast { return [(true, ampleAtMost), (false, ampleAtMost)] }
    return isFlat ? [(true, ample)] : [(false, ampleAtMost), (true, ample)]
  }

  /// Whether it is read of the whole plane, in cells of `eighths` / 8 pixels that lie where they were drawn.
  private func readsOfPlane(_ frame: any Frame, cells eighths: Int) throws(MediaError) -> Bool {
    guard let plane = try WorkingPlane(frame)?.luma else { return false }
    let (across, down) = (
      Double(plane.width) / Double(frame.size.width), Double(plane.height) / Double(frame.size.height)
    )
    let side = 8 * Double(eighths)
    var looks = WatermarkSearch.Outcome().placedLooks
    looks.add(Self.looksBefore + 1)
    return search.readsSent(
      SearchPyramid(plane), Lattice(ax: side * across, ay: 0, bx: 0, by: side * down), looks: looks)
  }

  /// Looks at `folds`, as though `looks` had been taken before, for a bound of less than `limit`.
  private func look(
    _ folds: BlockFolds, after looks: Int = 0, limit: Double = WatermarkDecision.acceptance
  ) -> Look {
    var outcome = WatermarkSearch.Outcome()
    outcome.placedLooks.add(looks)
    let pattern = TileCode.pattern(of: payload)
    aligned.read(folds, patterns: pattern..<pattern + 1, limit: limit, into: &outcome)
    guard let finding = outcome.finding, finding.payload == payload.bits else {
      return Look(sync: outcome.strongestSync, statistic: outcome.strongestStatistic, log10p: 0)
    }
    return Look(sync: finding.sync, statistic: finding.statistic, log10p: finding.log10p)
  }

  private func readsFully(_ frame: any Frame) throws(MediaError) -> Bool {
    guard let plane = try WorkingPlane(frame) else { return false }
    let finding = search.readAsDrawn(plane.luma, of: frame.size, scale: plane.scale)
    return finding?.payload == payload.bits
  }

  /// The same of what blue alone shows.
  func readsInBlue(_ frame: any Frame) throws(MediaError) -> Bool {
    guard let plane = try WorkingPlane(bluenessOf: frame) else { return false }
    let finding = search.readAsDrawn(blueness: plane.luma, of: frame.size)
    return finding?.payload == payload.bits
  }
}
