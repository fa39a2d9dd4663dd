internal import MediaCore

/// By how many decibels a tile may be changed at most. Telephones and their speech coders keep 0.6 to 2.2 kHz best; there most is
/// spent, and above 3.4 kHz, where coders of music and white noise leave the most tiles, less for each.
struct TileCaps {
  /// What a level multiplies by.
  let strength: Float
  /// The most by which any tile may rise: what is added is heard sooner than what is missing.
  let rise: Float
  private let bands: [Float]

  /// Last bands, exclusive, and the caps of the normal level in decibels: below 578 Hz, 953, 2172, 3391 and 7047 Hz.
  private static let normal: [(end: Int, most: Float)] = [
    (SoundTiles.unmarked, 0), (7, 2.5), (20, 5), (33, 3.4), (SoundTiles.bands, 2.6),
  ]
  private static let normalRise: Float = 3.8
  /// Steady sound, as tones of music and held vowels are, hides a change of level least. A tile whose level moves by `steady`
  /// decibels or less from one to the next gets `least` of its cap, and one that moves by `lively` all of it; noise moves by 2.
  private static let steady: Float = 0.4
  private static let lively: Float = 1.6
  private static let least: Float = 0.35

  init(_ level: WatermarkLevel) {
    let strength: Float =
      switch level {
      case .quiet: 0.7
      case .normal: 1
      case .strong: 1.4
      }
    self.strength = strength
    rise = strength * Self.normalRise
    bands = (0..<SoundTiles.bands).map { band in
      strength * (Self.normal.first { band < $0.end }?.most ?? 0)
    }
  }

  /// The caps of the tiles of `levels`, row by row.
  func caps(_ levels: TileLevels) -> [Float] {
    let width = SoundTiles.bands
    let moves = levels.values.indices.map { index in
      index < width ? Float(0) : abs(levels.values[index] - levels.values[index - width])
    }
    return levels.values.indices.map { index in
      let row = index / width
      // Steps into this tile and the one before it, out of it, and out of the one behind.
      let steps = max(1, row - 1)..<max(2, min(levels.count, row + 3))
      guard levels.count > 1 else { return bands[index % width] }
      let sum = steps.reduce(Float(0)) { $0 + moves[$1 * width + index % width] }
      let liveliness = (sum / Float(steps.count) - Self.steady) / (Self.lively - Self.steady)
      return bands[index % width] * min(max(liveliness, Self.least), 1)
    }
  }
}
