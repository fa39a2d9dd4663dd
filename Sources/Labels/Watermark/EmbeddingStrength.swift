internal import CSignal

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
    (255 * 255 / 25119, 0), (255 * 255 / 16218, 0.9895), (255 * 255 / 8511, 0.9949),
  ]
  /// The one limit of a mark that a copy in blue stands beside: 47 dB.
  private static let sparing: [(largest: Double, similarity: Double)] = [(255 * 255 / 50119, 0)]
  /// Least structural similarity.
  private static let leastSimilarity = 0.9863
  /// Deflection that is ample, and that below which the larger errors are drawn on.
  private static let ample = 2200.0
  private static let poor = 1800.0
  /// Largest standard deviation in flat places, grey levels.
  private static let flatCap: Float = 0.75
  /// How much of the activity the mark may follow.
  private static let slopes: [Float] = [0.03, 0.06, 0.1, 0.15, 0.2, 0.25, 0.32]
  private static let steepest: Float = 1.8
  /// Constant of the similarity index: (0.03 · 255)².
  private static let stabiliser: Float = 58.5
  /// Standard deviations for which there must be room below white.
  private static let headroom: Float = 0.6
  /// The grey level from which on white cuts off what is above it, and of what is drawn on white: its strength, such that what is
  /// left deviates as in flat places elsewhere, and the share of its power that is left (measured: 0.73 of 0.98 grey levels).
  private static let nearWhite: Float = 251
  private static let onWhite: Float = 1.3
  private static let leftOnWhite: Float = 0.56

  /// `patternCells` is how many cells of the pattern the picture holds.
  init(_ shapes: Shapes, patternCells: Double) {
    let (trial, errors) = (shapes.trial, shapes.trial.errors)
    var best: (shape: Shapes.Shape, scale: Double, error: Double, deflection: Double)?
    for index in Self.slopes.indices {
      let shape = shapes.shape(index)
      let scale = trial.scale(shape.power, cap: shape.cap, patternCells: patternCells)
      let error = shape.power.error * scale * scale
      let deflection = min(shape.power.deflection(patternCells) * scale * scale, Self.ample)
      let isBetter =
        best.map {
          deflection > 1.01 * $0.deflection || (deflection > 0.99 * $0.deflection && error < $0.error)
        } ?? true
      // Deflection rises with the slope, then falls (576 of 577 pictures of all kinds): what is behind the top is not looked at.
      if let best, !isBetter, deflection <= best.deflection, error >= best.error { break }
      if isBetter { best = (shape, scale, error, deflection) }
    }
    let scale = Float(best?.scale ?? 0)
    let gain = best.map { CellSums.map($0.shape.gain) { $0 * scale } } ?? []
    self.gain = gain
    shift = Self.shift(of: gain, shapes.mean, headroom: Self.headroom)
    let error = best?.error ?? 0
    meanSquare = error
    let limit = errors.firstIndex { error <= 1.001 * $0.largest } ?? errors.count - 1
    largestError = errors[limit].largest * (limit == errors.count - 1 ? 1.08 : 1.02)
    deflection = best.map { max(1e-9, $0.shape.power.deflection(patternCells) * $0.scale * $0.scale) } ?? 0
    similarity = best.map { trial.similarity($0.shape.power.cells, $0.scale) } ?? 1
  }

  /// The shapes that are tried for a picture, whatever is asked of its mark. Owned by one worker.
  final class Shapes {
    fileprivate struct Shape {
      /// Before scaling, one a cell.
      let gain: [Float]
      let power: Power
      /// The largest factor that similarity and flat places allow.
      let cap: Double
    }

    fileprivate let trial: Trial
    fileprivate let mean: [Float]
    // The first of all slopes.
    private var known: [Shape] = []

    /// `isSparing` keeps to a smaller error, where a copy in blue will do the rest.
    init(_ map: ActivityMap, isSparing: Bool = false) {
      trial = Trial(map, isSparing ? EmbeddingStrength.sparing : EmbeddingStrength.errors)
      mean = map.mean
    }

    /// That of slope `index`, made when it is first asked for.
    fileprivate func shape(_ index: Int) -> Shape {
      while known.count <= index {
        let gain = trial.shape(EmbeddingStrength.slopes[known.count])
        let power = Power(trial.squares(gain), trial)
        known.append(Shape(gain: gain, power: power, cap: trial.cap(power)))
      }
      return known[index]
    }
  }

  /// By how much more a mark of `meanSquare` that leaves `similarity` may be drawn, at most, where it is not read: up to the largest error
  /// that such similarity is drawn with, `other` of which is that of copies in blue.
  static func largestFactor(
    from meanSquare: Double, beside other: Double = 0, similarity: Double = 1
  ) -> Double {
    guard meanSquare > 0 else { return 1 }
    let factors = errors.map { step in
      let room = (1 - max(step.similarity, leastSimilarity)) / max(1 - similarity, 1e-9)
      return min(max(0, step.largest - other) / meanSquare, room)
    }
    return max(1, factors.max() ?? 1).squareRoot()
  }

  /// What makes room of `headroom` times the `gain` below white.
  static func shift(of gain: [Float], _ mean: [Float], headroom: Float) -> [Float] {
    CellSums.combine(gain, mean) { -min(headroom * $0, max(0, $1 + headroom * $0 - 255)) }
  }

  /// The share of a mark's power that is left of it, one a cell: white cuts off what is above it.
  static func left(of map: ActivityMap) -> [Float] {
    CellSums.values(map.mean.count) {
      tm_cells_left(map.mean, Int32(map.mean.count), nearWhite, leftOnWhite, $0)
    }
  }

  /// One picture's limits, tried with shapes.
  fileprivate struct Trial {
    private let map: ActivityMap
    private let activity: [Float]
    private let tones: [Float]
    // The share of the mark's power that is left of it.
    private let left: [Float]
    // What similarity and the decoder see of the picture: 2 σ² + C, and one over the noise's power.
    private let steadiness: [Float]
    private let clarity: [Float]
    private let allCells: Double
    // Those that are shown: invisible is what does not show there.
    private let cells: Double
    let errors: [(largest: Double, similarity: Double)]

    init(_ map: ActivityMap, _ errors: [(largest: Double, similarity: Double)]) {
      self.map = map
      self.errors = errors
      allCells = Double(max(1, map.mean.count))
      cells = max(1, map.shownCells)
      var constants = tm_limit_constants(
        near_white: nearWhite, on_white: onWhite, stabiliser: stabiliser,
        noise: ActivityMap.codecNoise)
      let count = map.mean.count
      var (steadiness, clarity) = ([Float](), [Float]())
      (activity, tones) = CellSums.values(count) { activity, tones in
        (steadiness, clarity) = CellSums.values(count) { steadiness, clarity in
          let limits = tm_cell_limits(
            activity: activity, tones: tones, steadiness: steadiness, clarity: clarity)
          tm_cells_limits(
            map.mean, map.calm, map.busy, map.variance, Int32(count), &constants, limits)
        }
      }
      (self.steadiness, self.clarity) = (steadiness, clarity)
      left = EmbeddingStrength.left(of: map)
    }

    /// Gains before scaling: no cell has more than `steepest` times what any cell beside it has, for between their middles
    /// the gain goes over from one to the other, and must be small again where a smooth area begins.
    func shape(_ slope: Float) -> [Float] {
      let (columns, rows) = (map.columns, map.rows)
      var which = tm_shape(slope: slope, steepest: steepest)
      return [Float](unsafeUninitializedCapacity: columns * rows) { gain, count in
        count = columns * rows
        withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { across in
          guard let gain = gain.baseAddress, let across = across.baseAddress else { return }
          tm_cells_shape(activity, tones, &which, Int32(columns), Int32(rows), across, gain)
        }
        for (index, share) in map.shown.shares.enumerated() where share == 0 { gain[index] = 0 }
      }
    }

    /// The largest factor that is asked for at all.
    func cap(_ power: Power) -> Double {
      min(Double(flatCap), largest(power.cells, above: leastSimilarity, upTo: Double(flatCap)))
    }

    /// The factor for gains of `power` (their squares) that all limits allow and reading back asks for.
    func scale(_ power: Power, cap: Double, patternCells: Double) -> Double {
      let wanted = min(cap, (ample / power.deflection(patternCells)).squareRoot())
      let needed = min(cap, (poor / power.deflection(patternCells)).squareRoot())
      var scale = 0.0
      for (index, step) in errors.enumerated() {
        let aim = index == 0 ? wanted : needed
        guard aim > scale else { break }
        let allowed = min(aim, (step.largest / power.error).squareRoot())
        scale = max(
          scale, step.similarity > 0 ? largest(power.cells, above: step.similarity, upTo: allowed) : allowed)
        if scale >= aim { break }
      }
      return scale
    }

    /// Parts of a limit that a factor is looked for in, and how often its place is guessed before it is halved.
    private static let parts = 256
    private static let guesses = 4

    /// The largest factor up to `limit`, in parts of it, that leaves `least` similarity, which falls as the factor grows: nearly by its
    /// square, so that the place is guessed between what is known.
    private func largest(_ power: [Float], above least: Double, upTo limit: Double) -> Double {
      let end = similarity(power, limit)
      if end >= least { return limit }
      var (low, high) = ((part: 0, value: 1.0), (part: Self.parts, value: end))
      var guesses = 0
      while high.part - low.part > 1 {
        let (a, b) = (Double(low.part * low.part), Double(high.part * high.part))
        let chord = (a + (b - a) * (low.value - least) / max(low.value - high.value, 1e-12)).squareRoot()
        let guess = guesses < Self.guesses ? Int(min(chord, Double(high.part))) : (low.part + high.part) / 2
        guesses += 1
        let part = min(max(guess, low.part + 1), high.part - 1)
        let value = similarity(power, limit * Double(part) / Double(Self.parts))
        if value < least { high = (part, value) } else { low = (part, value) }
      }
      return limit * Double(low.part) / Double(Self.parts)
    }

    func similarity(_ power: [Float], _ scale: Double) -> Double {
      1 - CellSums.shares(power, times: Float(scale * scale), over: steadiness) / cells
    }

    /// The mean square error of gains of `power`.
    func error(_ power: [Float]) -> Double { CellSums.sum(power) / cells }

    /// A share of the cells of the pattern.
    func readability(_ power: [Float]) -> Double { CellSums.products(power, clarity) / allCells }

    /// The squares of `gain`, by what is left of them and what of each cell is shown.
    func squares(_ gain: [Float]) -> [Float] {
      let squares = CellSums.combine(gain, left) { $0 * $0 * $1 }
      return map.shown.shares.isEmpty ? squares : CellSums.combine(squares, map.shown.shares) { $0 * $1 }
    }
  }

  /// The squares of gains before scaling, one a cell, and what they come to.
  fileprivate struct Power {
    let cells: [Float]
    let error: Double
    private let readability: Double

    init(_ cells: [Float], _ trial: Trial) {
      self.cells = cells
      error = trial.error(cells)
      readability = trial.readability(cells)
    }

    func deflection(_ patternCells: Double) -> Double { max(1e-9, readability * patternCells) }
  }
}
