/// What tiles say of the mark, the sound's own levels taken out: each tile's level less what its neighbours let expect, bounded,
/// weighted, and matched once more to the same neighbours.
struct TileStatistic {
  /// Rows of `SoundTiles.bands`.
  let count: Int
  /// The statistic of each tile; positive where a tile is louder than its surroundings.
  private(set) var values: [Float]
  /// What each tile counts, 0 … 1.
  private(set) var weights: [Float]

  /// Share of a neighbour so many rows and bands away, by least squares over speech and music.
  private static let share: [[Float]] = [
    [0, 0.34, 0.13], [0.369, -0.111, -0.063], [0.051, -0.025, -0.005],
  ]
  /// 1 + the sum of the squares of all shares.
  static let energy: Float = {
    var sum: Float = 1
    for (row, line) in share.enumerated() {
      for (band, share) in line.enumerated() {
        sum += share * share * (row > 0 ? 2 : 1) * (band > 0 ? 2 : 1)
      }
    }
    return sum
  }()
  /// Decibels beyond which a tile tells no more.
  private static let bound: Float = 5
  /// A tile so many decibels below the loud ones counts nothing, and `slope` decibels above it all.
  private static let quiet: Float = 62
  private static let slope: Float = 30
  /// A tile at its band's floor counts `least`, and `rise` decibels above it all: noise of a level with a tile hides the mark.
  private static let least: Float = 0.3
  private static let rise: Float = 6

  init(_ levels: TileLevels, _ reference: TileReference) {
    count = levels.count
    weights = Self.weights(of: levels, reference)
    var bounded = Self.whitened(levels.values, count)
    for index in bounded.indices { bounded[index] = Self.soft(bounded[index]) * weights[index] }
    values = Self.whitened(bounded, count)
    let scale = 1 / Self.energy
    for index in values.indices { values[index] *= scale }
  }

  /// Takes rows out of all sums.
  mutating func clear(_ rows: Range<Int>) {
    let place = (rows.lowerBound * SoundTiles.bands..<rows.upperBound * SoundTiles.bands)
      .clamped(to: values.indices)
    for index in place { (values[index], weights[index]) = (0, 0) }
  }

  /// 5 tanh(x / 5), by its continued fraction.
  @inline(__always)
  private static func soft(_ value: Float) -> Float {
    let x = min(max(value / bound, -3), 3)
    return bound * x * (27 + x * x) / (27 + 9 * x * x)
  }

  /// By the mean level of the four neighbours, which hardly moves with the mark.
  private static func weights(of levels: TileLevels, _ reference: TileReference) -> [Float] {
    let bands = SoundTiles.bands
    let (loud, floors) = (reference.loud, reference.floors)
    let padded = padded(levels.values, levels.count)
    let width = bands + 4
    var result = levels.values
    for row in 0..<levels.count {
      for band in 0..<SoundTiles.unmarked { result[row &* bands &+ band] = 0 }
      for band in SoundTiles.unmarked..<bands {
        let place = (row &+ 2) &* width &+ band &+ 2
        let mean =
          (padded[place &- 1] + padded[place &+ 1] + padded[place &- width] + padded[place &+ width]) / 4
        let heard = min(max((mean - loud + quiet) / slope, 0), 1)
        result[row &* bands &+ band] = heard * min(max((mean - floors[band]) / rise, least), 1)
      }
    }
    return result
  }

  /// Two more on each side, those at the edges again.
  private static func padded(_ values: [Float], _ count: Int) -> [Float] {
    let bands = SoundTiles.bands
    guard count > 0 else { return [] }
    var result: [Float] = []
    result.reserveCapacity((count + 4) * (bands + 4))
    for row in -2..<count + 2 {
      let line = min(max(row, 0), count - 1) * bands
      for band in -2..<bands + 2 { result.append(values[line + min(max(band, 0), bands - 1)]) }
    }
    return result
  }

  /// `values` less the shares of the 24 neighbours.
  private static func whitened(_ values: [Float], _ count: Int) -> [Float] {
    let bands = SoundTiles.bands
    let width = bands + 4
    let (s01, s02) = (share[0][1], share[0][2])
    let (s10, s11, s12) = (share[1][0], share[1][1], share[1][2])
    let (s20, s21, s22) = (share[2][0], share[2][1], share[2][2])
    let padded = padded(values, count)
    return [Float](unsafeUninitializedCapacity: values.count) { result, initialized in
      initialized = values.count
      padded.withUnsafeBufferPointer { padded in
        guard let base = padded.baseAddress, let target = result.baseAddress else { return }
        for row in 0..<count {
          let here = base + ((row &+ 2) &* width &+ 2)
          let (up, down, up2, down2) = (here - width, here + width, here - 2 * width, here + 2 * width)
          let line = target + row &* bands
          for b in 0..<bands {
            let near = s01 * (here[b - 1] + here[b + 1]) + s02 * (here[b - 2] + here[b + 2])
            let next =
              s10 * (up[b] + down[b]) + s11 * (up[b - 1] + up[b + 1] + down[b - 1] + down[b + 1])
              + s12 * (up[b - 2] + up[b + 2] + down[b - 2] + down[b + 2])
            let far =
              s20 * (up2[b] + down2[b]) + s21 * (up2[b - 1] + up2[b + 1] + down2[b - 1] + down2[b + 1])
              + s22 * (up2[b - 2] + up2[b + 2] + down2[b - 2] + down2[b + 2])
            line[b] = here[b] - near - next - far
          }
        }
      }
    }
  }
}
