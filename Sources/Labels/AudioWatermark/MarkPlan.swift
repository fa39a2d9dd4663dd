internal import MediaCore

/// By how many decibels each tile is changed: as little as makes every bit's sum over a period what a reader needs, with what the
/// sound itself adds to that sum taken into account (informed embedding; Miller, Doërr and Cox 2004).
struct MarkPlan {
  /// What every sum over a period reaches at the normal level, in the unit of `TileStatistic.values`.
  private static let margin: Float = 1.3
  private static let rounds = 4
  /// Part of what is missing that a round makes up for, and what a decibel of a tile is worth there.
  private static let step: Float = 0.8
  private static let worth: Float = 0.45
  /// Shares of a tile's change that its neighbours in time and in frequency show, measured on marked sound.
  private static let leakTime: Float = 0.075
  private static let leakBand: Float = 0.095

  private let signs: [Float]
  private let sums: [Int]
  private let groups: Int
  private let loud: Float
  /// What the level multiplies margin and caps by.
  private let strength: Float
  private let caps: TileCaps

  init(_ code: SoundCode, _ message: SoundMessage, _ level: WatermarkLevel, loud: Float) {
    signs = code.signs(of: message)
    sums = code.sums(of: message)
    groups = message.code.length + SoundCode.syncGroups
    self.loud = loud
    caps = TileCaps(level)
    strength = caps.strength
  }

  /// The gains of `levels`, whose first row stands in row `start` of a period, in decibels; and what a reader will see.
  func gains(_ levels: TileLevels, start: Int) -> (gains: [Float], statistic: TileStatistic) {
    let bands = SoundTiles.bands
    var gains = [Float](repeating: 0, count: levels.values.count)
    let offsets = (0..<levels.count).map { (start + $0) % SoundTiles.period * bands }
    let reference = TileReference(levels, loud: loud)
    let (rise, caps) = (caps.rise, caps.caps(levels))
    for _ in 0..<Self.rounds {
      let statistic = TileStatistic(predicted(levels, gains), reference)
      let missing = missing(statistic, offsets)
      for row in 0..<levels.count {
        for band in 0..<bands {
          let index = row * bands + band
          let gain = gains[index] + signs[offsets[row] + band] * missing[index]
          gains[index] = min(max(gain, -caps[index]), min(caps[index], rise))
        }
      }
    }
    return (gains, TileStatistic(predicted(levels, gains), reference))
  }

  /// What `levels` become with `gains`.
  private func predicted(_ levels: TileLevels, _ gains: [Float]) -> TileLevels {
    let bands = SoundTiles.bands
    var result = levels
    var across = gains
    for row in 0..<levels.count {
      let line = row * bands
      for band in 0..<bands {
        let (left, right) = (gains[line + max(0, band - 1)], gains[line + min(bands - 1, band + 1)])
        across[line + band] = (1 - 2 * Self.leakBand) * gains[line + band] + Self.leakBand * (left + right)
      }
    }
    for row in 0..<levels.count {
      let (before, after) = (max(0, row - 1) * bands, min(levels.count - 1, row + 1) * bands)
      for band in 0..<bands {
        let beside = across[before + band] + across[after + band]
        result.values[row * bands + band] +=
          (1 - 2 * Self.leakTime) * across[row * bands + band] + Self.leakTime * beside
      }
    }
    return result
  }

  /// What each tile should be changed by further, towards its sign: the mean over all windows of a period that it is in.
  private func missing(_ statistic: TileStatistic, _ offsets: [Int]) -> [Float] {
    let bands = SoundTiles.bands
    var total = [Float](repeating: 0, count: statistic.values.count)
    var counts = [Float](repeating: 0, count: statistic.count)
    for window in windows(statistic.count) {
      var sum = [Float](repeating: 0, count: groups)
      var (weight, squares) = (sum, sum)
      for row in window {
        for band in 0..<bands {
          let (index, cell) = (row * bands + band, offsets[row] + band)
          let (group, own) = (sums[cell], statistic.weights[index])
          sum[group] += statistic.values[index] * signs[cell]
          weight[group] += own
          squares[group] += own * own
        }
      }
      let need = (0..<groups).map { group -> Float in
        // A sum without sound in it is nothing to work on.
        guard weight[group] >= 0.5, squares[group] > 0 else { return 0 }
        let lacking = strength * Self.margin - sum[group] / weight[group]
        return max(0, lacking) * Self.step / Self.worth * weight[group] / squares[group]
      }
      for row in window {
        counts[row] += 1
        for band in 0..<bands {
          let index = row * bands + band
          total[index] += need[sums[offsets[row] + band]] * statistic.weights[index]
        }
      }
    }
    for index in total.indices { total[index] /= max(1, counts[index / bands]) }
    return total
  }

  /// Windows of a period, each a quarter of it later, the last at the end.
  private func windows(_ count: Int) -> [Range<Int>] {
    let period = SoundTiles.period
    guard count > period else { return [0..<count] }
    var starts = Array(stride(from: 0, through: count - period, by: period / 4))
    if let last = starts.last, last + period < count { starts.append(count - period) }
    return starts.map { $0..<$0 + period }
  }
}
