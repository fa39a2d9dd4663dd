/// Follows the tiles of a mark over a picture: where each group of tiles agrees best with the synchronisation tells how the
/// map is off there. What a lattice only approximates, such as perspective, is found this way. Owned by one worker.
final class TileTracker {
  private let code: TileCode
  private let transform: TileTransform
  /// How far out of the noise a group must stand to count.
  private static let leastScore: Float = 4.2
  /// How far off a group may be in each round, cells, and the tiles along its side: large groups stand out while the map is rough,
  /// small ones say more exactly where they are.
  private static let rounds: [(reach: Int, tiles: Int)] = [(10, 3), (10, 3), (7, 2), (4, 2), (3, 2)]

  init(_ code: TileCode, _ transform: TileTransform) {
    self.code = code
    self.transform = transform
  }

  /// `map` corrected over all of `residual`; nil where too little of the mark is seen to go by.
  func refine(_ map: TileMap, in residual: LumaPlane, pattern: Int, isNegative: Bool) -> TileMap? {
    let start = map
    var map = map
    for (index, round) in Self.rounds.enumerated() {
      let cells = Unwarp(residual, map)
      let spectra = TileSpectra(cells, code, pattern: pattern, withMessage: false, transform)
      let sightings = sightings(spectra, cells.origin, map, round, sign: isNegative ? -1 : 1)
      guard sightings.count >= 3 else {
        // Too few large groups: the small ones are more.
        if round.tiles > 2 && index == 0 { continue }
        return index < 2 ? nil : map
      }
      let isProjective = index > 0 && sightings.count >= 8
      guard let next = TileMap.fit(sightings, around: map, isProjective: isProjective),
        Self.isLikely(next, from: start, width: residual.width, height: residual.height)
      else { return map }
      map = next
    }
    return map
  }

  /// Whether `map` may be what `start` was a rough guess of. Sightings of chance fit perspectives in which a corner is as far as the
  /// horizon, and all tiles up to there would be read.
  static func isLikely(_ map: TileMap, from start: TileMap, width: Int, height: Int) -> Bool {
    guard map.isFinite else { return false }
    let before = Unwarp.extent(of: start, width: width, height: height)
    let after = Unwarp.extent(of: map, width: width, height: height)
    return after.columns <= 2 * before.columns && after.rows <= 2 * before.rows
  }

  /// What groups of tiles say.
  private func sightings(
    _ spectra: TileSpectra, _ origin: (column: Int, row: Int), _ map: TileMap,
    _ round: (reach: Int, tiles: Int), sign: Float
  ) -> [TileMap.Sighting] {
    var result: [TileMap.Sighting] = []
    var re = [Float](repeating: 0, count: TileTransform.count)
    var im = re
    var groups: [(column: Int, row: Int)] = []
    let side = round.tiles
    for row in 1 - side..<spectra.rows {
      for column in 1 - side..<spectra.columns
      where 2 * Self.members(spectra, column, row, side).count >= side * side {
        groups.append((column, row))
      }
    }
    for start in stride(from: 0, to: groups.count, by: 2) {
      for index in re.indices { (re[index], im[index]) = (0, 0) }
      let pair = groups[start..<min(start + 2, groups.count)]
      for (part, group) in pair.enumerated() {
        place(
          spectra, Self.members(spectra, group.column, group.row, side), into: &re, &im, isSecond: part == 1)
      }
      transform.run(&re, &im)
      for (part, group) in pair.enumerated() {
        guard let peak = Self.peak(part == 0 ? re : im, reach: round.reach, sign: sign),
          peak.score >= Self.leastScore
        else { continue }
        // The middle of the group, where the pattern is off by the peak's place.
        let half = Double(side) / 2
        let (u, v) = (Double(origin.column + group.column) + half, Double(origin.row + group.row) + half)
        let point = map.point(u, v)
        result.append(
          .init(
            u: u + peak.x / Double(TileCode.side), v: v + peak.y / Double(TileCode.side), x: point.x,
            y: point.y,
            weight: Double(min(peak.score, 12) - 3)))
      }
    }
    return result
  }

  private static func members(_ spectra: TileSpectra, _ column: Int, _ row: Int, _ side: Int) -> [Int] {
    var result: [Int] = []
    for y in max(0, row)..<max(0, row, min(spectra.rows, row + side)) {
      for x in max(0, column)..<max(0, column, min(spectra.columns, column + side))
      where spectra.isFilled[y * spectra.columns + x] { result.append(y * spectra.columns + x) }
    }
    return result
  }

  /// Puts the synchronising waves of some tiles, added up and evened out, where a transform makes their correlation of them.
  private func place(
    _ spectra: TileSpectra, _ tiles: [Int], into re: inout [Float], _ im: inout [Float], isSecond: Bool
  ) {
    let count = spectra.waves.count
    for index in 0..<spectra.syncCount {
      var (x, y) = (Float(0), Float(0))
      for tile in tiles {
        x += spectra.re[tile * count + index]
        y += spectra.im[tile * count + index]
      }
      // The root of the magnitude keeps strong waves of the picture from deciding.
      let scale = 1 / max((x * x + y * y).squareRoot().squareRoot(), 1e-6)
      (x, y) = (x * scale, y * scale)
      let wave = spectra.waves[index]
      let (a, b) = (TileTransform.index(wave.x, wave.y), TileTransform.index(-wave.x, -wave.y))
      if isSecond {
        re[a] -= y
        im[a] += x
        re[b] += y
        im[b] += x
      } else {
        re[a] += x
        im[a] += y
        re[b] += x
        im[b] -= y
      }
    }
  }

  private static func peak(_ plane: [Float], reach: Int, sign: Float) -> (x: Double, y: Double, score: Float)?
  {
    var squares: Float = 0
    for value in plane { squares += value * value }
    let deviation = max((squares / Float(plane.count)).squareRoot(), 1e-9)
    func value(_ x: Int, _ y: Int) -> Float { sign * plane[TileTransform.index(x, y)] }
    var best = (x: 0, y: 0, value: -Float.infinity)
    for y in -reach...reach {
      for x in -reach...reach where value(x, y) > best.value { best = (x, y, value(x, y)) }
    }
    func offset(_ before: Float, _ at: Float, _ after: Float) -> Double {
      let curve = before - 2 * at + after
      return curve < 0 ? Double(min(max(0.5 * (before - after) / curve, -0.5), 0.5)) : 0
    }
    let x = Double(best.x) + offset(value(best.x - 1, best.y), best.value, value(best.x + 1, best.y))
    let y = Double(best.y) + offset(value(best.x, best.y - 1), best.value, value(best.x, best.y + 1))
    return (x, y, best.value / deviation)
  }
}
