/// The power of a wave over that of its surroundings, which counts for `most` times that at most: by chance exponentially
/// distributed with mean 1 before it is cut off.
enum ClippedPower {
  static let most: Float = 4
  /// 1 - e⁻⁴ and √(1 - 8 e⁻⁴ - e⁻⁸), rounded.
  static let mean: Float = 0.98
  static let deviation: Float = 0.92

  /// How many standard deviations a sum of `count` stands above chance.
  static func deviations(_ sum: Float, count: Int) -> Float {
    (sum - mean * Float(count)) / (deviation * Float(count).squareRoot())
  }
}
