/// How strongly each block of a frame is marked: what the error allows, spent where a codec leaves most of it.
struct FrameStrength {
  /// Standard deviation that the mark is given, grey levels 0 … 255, one a block.
  let gain: [Float]

  /// Mean square error of 46.3 dB, whole grey levels for fractions included.
  static let largestError: Float = 255 * 255 / 42658
  /// Largest standard deviation where nothing else goes on, grey levels.
  private static let flatCap: Float = 0.9
  /// How much of the activity the mark may follow.
  private static let slopes: [Float] = [0.04, 0.1, 0.2, 0.32]

  /// `rounding` is the mean square of what is lost to whole samples, in grey levels.
  init(_ map: BlockActivity, rounding: Float) {
    let activity = map.busy.indices.map {
      min(40, 0.9 * map.calm[$0] + 0.1 * min(map.busy[$0], 2.5 * map.calm[$0] + 2))
    }
    // Noise shows most in the dark, where codecs leave none of it either.
    let tones = map.mean.map { min(1, max(0.3, ($0 - 8) / 16)) }
    var best: (gain: [Float], deflection: Float) = ([], -1)
    for slope in Self.slopes {
      let shape = activity.indices.map { (1 + slope * activity[$0]) * tones[$0] }
      let scale = min(Self.flatCap, Self.scale(shape, rounding))
      var deflection: Float = 0
      for index in shape.indices {
        let noise = map.busy[index] + ActivityMap.codecNoise
        deflection += shape[index] * shape[index] / (noise * noise)
      }
      deflection *= scale * scale
      if deflection > best.deflection { best = (shape.map { $0 * scale }, deflection) }
    }
    gain = best.gain
  }

  /// `old` on its way to `new`, of which blocks in motion have their share alone: no block changes by more than a sixth at once, nor at
  /// all for less than a quarter, so that the mark of a scene at rest is the same to the last bit and costs an encoder nothing but
  /// its first picture. Motion hides that its blocks lose what they lose at once. The error keeps its limit.
  static func approach(_ old: [Float], _ new: [Float], shares: [Float], rounding: Float) -> [Float] {
    let next = old.indices.map { index in
      let (old, new, share) = (old[index], new[index] * shares[index], shares[index])
      if new > old * Self.kept && old > new * Self.kept { return old }
      return min(max(new, share < 1 ? 0 : old * Self.leastShare), old / Self.leastShare)
    }
    // `old` keeps the limit, so what is nowhere more than it does.
    return scale(next, rounding) < 1 ? zip(old, next).map { min($0, $1) } : next
  }

  private static let leastShare: Float = 0.86
  private static let kept: Float = 0.75

  /// The factor by which `shape` reaches the largest error.
  private static func scale(_ shape: [Float], _ rounding: Float) -> Float {
    var sum: Float = 0
    for value in shape { sum += value * value }
    let mean = sum / Float(max(1, shape.count))
    return ((largestError - rounding) / max(mean, 1e-6)).squareRoot()
  }
}
