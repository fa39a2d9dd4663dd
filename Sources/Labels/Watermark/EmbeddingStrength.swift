/// How strongly each cell of a picture is marked: as much as reading it back takes, within limits of error and of visible
/// change, spent where a decoder gains most from it.
struct EmbeddingStrength {
  /// Standard deviation that the mark is given, grey levels, one a cell.
  let gain: [Float]
  /// What is added to the grey level of each cell so that the mark is not cut off at white.
  let shift: [Float]
  /// Mean square error that follows, and the structural similarity to be expected.
  let meanSquare: Double
  let similarity: Double
  /// The largest mean square error that drawing may come to: that of the limits, and a little for what is rounded, least where
  /// the error shows most.
  let largestError: Double
  /// The mark's power over the picture's and a codec's, over all cells of the pattern: what decides whether it is read.
  let deflection: Double

  /// Mean square errors of 44, 42.1 and 39.3 dB, and the similarity that the last two ask for.
  private static let errors: [(largest: Double, similarity: Double)] = [
    (255 * 255 / 25119, 0), (255 * 255 / 16218, 0.9895), (255 * 255 / 8511, 0.9945),
  ]
  /// Least structural similarity.
  private static let leastSimilarity = 0.986
  /// Deflection that is ample, and that below which the larger errors are drawn on; for a pattern of 512 × 512 cells.
  private static let ample = 0.0125 * 512 * 512
  private static let poor = 0.0075 * 512 * 512
  /// Largest standard deviation in flat places, grey levels.
  private static let flatCap: Float = 0.75
  /// How much of the activity the mark may follow.
  private static let slopes: [Float] = [0.03, 0.06, 0.1, 0.15, 0.2, 0.25, 0.32]
  private static let steepest: Float = 1.8
  /// Grey levels of what a codec adds, by the decoder's view.
  private static let codecNoise: Float = 6
  /// Constant of the similarity index: (0.03 · 255)².
  private static let stabiliser: Float = 58.5
  /// Standard deviations for which there must be room below white.
  private static let headroom: Float = 1.8

  /// `patternCells` is how many cells of the pattern the picture holds.
  init(_ map: ActivityMap, patternCells: Double) {
    let trial = Trial(map, patternCells: patternCells)
    var best: (shape: [Float], scale: Double, error: Double, deflection: Double)?
    for slope in Self.slopes {
      let shape = trial.shape(slope)
      let scale = trial.scale(shape)
      let error = trial.error(shape, scale)
      let deflection = min(trial.deflection(shape, scale), Self.ample)
      let isBetter =
        best.map {
          deflection > 1.01 * $0.deflection || (deflection > 0.99 * $0.deflection && error < $0.error)
        } ?? true
      if isBetter { best = (shape, scale, error, deflection) }
    }
    let scale = Float(best?.scale ?? 0)
    let gain = best?.shape.map { $0 * scale } ?? []
    self.gain = gain
    shift = gain.indices.map {
      -min(Self.headroom * gain[$0], max(0, map.mean[$0] + Self.headroom * gain[$0] - 255))
    }
    let error = best?.error ?? 0
    meanSquare = error
    let limit = Self.errors.firstIndex { error <= 1.001 * $0.largest } ?? Self.errors.count - 1
    largestError = Self.errors[limit].largest * (limit == Self.errors.count - 1 ? 1.08 : 1.02)
    deflection = best.map { trial.deflection($0.shape, $0.scale) } ?? 0
    similarity = best.map { trial.similarity($0.shape, $0.scale) } ?? 1
  }

  /// One picture's limits, tried with shapes.
  private struct Trial {
    private let map: ActivityMap
    private let activity: [Float]
    private let tones: [Float]
    private let patternCells: Double

    init(_ map: ActivityMap, patternCells: Double) {
      self.map = map
      self.patternCells = patternCells
      activity = map.mean.indices.map { index in
        min(40, 0.9 * map.calm[index] + 0.1 * min(map.busy[index], 2.5 * map.calm[index] + 2))
      }
      // Noise shows most in the dark, and a little on paper white.
      tones = map.mean.map { min(1, max(0.3, ($0 + 1) / 8)) * min(1, max(0.8, (257 - $0) / 6)) }
    }

    /// Gains before scaling: no cell has more than `steepest` times what any cell beside it has, for between their middles
    /// the gain goes over from one to the other, and must be small again where a smooth area begins.
    func shape(_ slope: Float) -> [Float] {
      let raw = activity.indices.map { (1 + slope * activity[$0]) * tones[$0] }
      let (columns, rows) = (map.columns, map.rows)
      var across = raw
      for row in 0..<rows {
        for column in 0..<columns {
          let index = row * columns + column
          if column > 0 { across[index] = min(across[index], steepest * raw[index - 1]) }
          if column + 1 < columns { across[index] = min(across[index], steepest * raw[index + 1]) }
        }
      }
      var result = across
      for row in 0..<rows {
        for column in 0..<columns {
          let index = row * columns + column
          if row > 0 { result[index] = min(result[index], steepest * across[index - columns]) }
          if row + 1 < rows { result[index] = min(result[index], steepest * across[index + columns]) }
        }
      }
      return result
    }

    /// The factor for `shape` that all limits allow and reading back asks for.
    func scale(_ shape: [Float]) -> Double {
      let cap = min(Double(flatCap), largest(shape, above: leastSimilarity, upTo: Double(flatCap)))
      let wanted = min(cap, (ample / deflection(shape, 1)).squareRoot())
      let needed = min(cap, (poor / deflection(shape, 1)).squareRoot())
      let square = error(shape, 1)
      var scale = 0.0
      for (index, step) in errors.enumerated() {
        let aim = index == 0 ? wanted : needed
        guard aim > scale else { break }
        let allowed = min(aim, (step.largest / square).squareRoot())
        scale = max(
          scale, step.similarity > 0 ? largest(shape, above: step.similarity, upTo: allowed) : allowed)
        if scale >= aim { break }
      }
      return scale
    }

    /// The largest factor up to `limit` that leaves `least` similarity, which falls as the factor grows.
    private func largest(_ shape: [Float], above least: Double, upTo limit: Double) -> Double {
      if similarity(shape, limit) >= least { return limit }
      var (low, high) = (0.0, limit)
      for _ in 0..<8 {
        let middle = (low + high) / 2
        if similarity(shape, middle) < least { high = middle } else { low = middle }
      }
      return low
    }

    func similarity(_ shape: [Float], _ scale: Double) -> Double {
      var lost: Float = 0
      let square = Float(scale * scale)
      for index in shape.indices {
        let added = shape[index] * shape[index] * square
        lost += added / (2 * map.variance[index] + added + stabiliser)
      }
      return 1 - Double(lost) / Double(max(1, shape.count))
    }

    func error(_ shape: [Float], _ scale: Double) -> Double {
      var sum: Float = 0
      for value in shape { sum += value * value }
      return Double(sum) * scale * scale / Double(max(1, shape.count))
    }

    func deflection(_ shape: [Float], _ scale: Double) -> Double {
      var sum: Float = 0
      for index in shape.indices {
        let noise = map.busy[index] + codecNoise
        sum += shape[index] * shape[index] / (noise * noise)
      }
      return max(1e-9, Double(sum) * scale * scale / Double(max(1, shape.count)) * patternCells)
    }
  }
}
