/// How strongly each cell of a picture is marked: the most that a limit of error and of visible change allow, spent
/// where a decoder gains most from it.
struct EmbeddingStrength {
  /// Standard deviation that the mark is given, grey levels, one a cell.
  let gain: [Float]
  /// Mean square error that follows, and the structural similarity to be expected.
  let meanSquare: Double
  let similarity: Double

  /// Largest mean square error: 43.4 dB; 39.3 dB where the picture is so busy that it hides more.
  static let usualError = 255.0 * 255.0 / 21878
  static let busyError = 255.0 * 255.0 / 8511
  /// Least structural similarity, and that from which on a picture counts as busy.
  static let leastSimilarity = 0.986
  static let busySimilarity = 0.9945
  /// Largest standard deviation in flat places, grey levels.
  static let flatCap: Float = 0.75
  /// How much of the activity the mark may follow.
  static let slopes: [Float] = [0.03, 0.06, 0.1, 0.15, 0.2, 0.25, 0.32]
  /// Grey levels of what a codec adds, by the decoder's view.
  private static let codecNoise: Float = 6
  /// Constant of the similarity index: (0.03 · 255)².
  private static let stabiliser: Float = 58.5

  init(_ map: ActivityMap) {
    let activity = map.mean.indices.map { index -> Float in
      min(40, 0.9 * map.calm[index] + 0.1 * min(map.busy[index], 2.5 * map.calm[index] + 2))
    }
    let guardTones = map.mean.map { mean in
      min(1, max(0.3, (mean + 1) / 8)) * min(1, max(0.5, (257 - mean) / 6))
    }
    var best: (score: Double, gain: [Float], error: Double, similarity: Double)?
    for slope in Self.slopes {
      let shape = activity.indices.map { (1 + slope * activity[$0]) * guardTones[$0] }
      let scale = Self.scale(shape, map)
      let gain = shape.map { $0 * scale }
      let outcome = Self.outcome(gain, map)
      if outcome.score > best?.score ?? -1 { best = (outcome.score, gain, outcome.error, outcome.similarity) }
    }
    gain = best?.gain ?? []
    meanSquare = best?.error ?? 0
    similarity = best?.similarity ?? 1
  }

  /// The largest factor for `shape` under all limits.
  private static func scale(_ shape: [Float], _ map: ActivityMap) -> Float {
    let square = shape.reduce(0.0) { $0 + Double($1 * $1) } / Double(max(1, shape.count))
    var scale = min(flatCap, Float((busyError / square).squareRoot()))
    // Similarity falls steadily as the scale grows: halve the interval.
    var (low, high) = (Float(0), scale)
    if similarity(shape, scale, map) < leastSimilarity {
      for _ in 0..<8 {
        let middle = (low + high) / 2
        if similarity(shape, middle, map) < leastSimilarity { high = middle } else { low = middle }
      }
      scale = low
    }
    let usual = Float((usualError / square).squareRoot())
    guard scale > usual else { return scale }
    // Beyond the usual error only as far as the picture stays busy enough to hide it.
    if similarity(shape, usual, map) < busySimilarity { return usual }
    (low, high) = (usual, scale)
    for _ in 0..<6 {
      let middle = (low + high) / 2
      if similarity(shape, middle, map) < busySimilarity { high = middle } else { low = middle }
    }
    return low
  }

  private static func similarity(_ shape: [Float], _ scale: Float, _ map: ActivityMap) -> Double {
    var lost: Float = 0
    for index in shape.indices {
      let added = shape[index] * shape[index] * scale * scale
      lost += added / (2 * map.variance[index] + added + stabiliser)
    }
    return 1 - Double(lost) / Double(max(1, shape.count))
  }

  private static func outcome(_ gain: [Float], _ map: ActivityMap) -> (
    score: Double, error: Double, similarity: Double
  ) {
    var (score, error) = (0.0, 0.0)
    for index in gain.indices {
      let noise = map.busy[index] + codecNoise
      score += Double(gain[index] * gain[index] / (noise * noise))
      error += Double(gain[index] * gain[index])
    }
    let count = Double(max(1, gain.count))
    return (score / count, error / count, similarity(gain, 1, map))
  }
}
