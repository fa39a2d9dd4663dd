internal import CSignal

/// What is left of a picture when its own content is taken down: a high pass, divided by its local strength, clipped, and weighed.
/// Local normalisation weighs the mark where it is strong relative to the picture, clipping keeps edges and pasted
/// things from drowning it.
///
/// Normalised, noise comes to about as much everywhere but the mark does not: what adds up best is the mark over the *power* of the
/// noise, so that calm places have a weight on top. Busy ones keep a part of theirs, for there the mark is drawn stronger.
enum Residual {
  private static let clip: Float = 2
  /// The weight, beside that of calm places, that all places have.
  private static let busyShare: Float = 0.15
  /// Local strength, grey levels, that halves the weight of calm places, at least.
  private static let leastCalm: Float = 2

  /// Grey levels below which the local strength of a still is not made up for: what is fainter there is taken for noise.
  static let floor: Float = 1

  /// The residual of `plane` for cells of about `scale` pixels.
  static func of(_ plane: LumaPlane, scale: Double, floor: Float = floor) -> LumaPlane {
    // Two boxes make nearly the Gaussian of standard deviation 2.2 cells.
    let low = BoxFilter.mean(BoxFilter.mean(plane, radius: radius(2.7 * scale)), radius: radius(2.7 * scale))
    let count = plane.values.count
    var (high, squares) = CellSums.values(count) { high, squares in
      tm_residual_high(plane.values, low.values, count, high, squares)
    }
    var strength = BoxFilter.mean(
      LumaPlane(width: plane.width, height: plane.height, values: squares), radius: radius(2.5 * scale))
    var weights = tm_residual_weights(
      floor: floor, clip: clip, calm: Self.calm(&strength), busy_share: busyShare)
    tm_residual_weigh(&high, strength.values, count, &weights)
    return LumaPlane(width: plane.width, height: plane.height, values: high)
  }

  /// Makes local strengths of powers. Returns that which halves the weight of calm places: more where their harmonic mean is large, for
  /// where all of a picture is busy, as textures are, no place tells much more than another.
  private static func calm(_ power: inout LumaPlane) -> Float {
    let count = power.values.count
    var sums = [Float](repeating: 0, count: power.width)
    tm_residual_strengths(&power.values, power.width, power.height, &sums)
    let mean = sums.reduce(Float(0), +) / Float(max(1, count))
    let harmonic = 1 / max(mean, 1e-6) - 1
    return max(leastCalm, 3 * (harmonic - leastCalm))
  }

  private static func radius(_ pixels: Double) -> Int { max(1, Int(pixels.rounded())) }
}

/// Means over squares, by running sums.
enum BoxFilter {
  /// Means over (2 `radius` + 1)² values, of those that lie inside.
  static func mean(_ plane: LumaPlane, radius: Int) -> LumaPlane {
    let (width, height) = (plane.width, plane.height)
    let means = [Float](unsafeUninitializedCapacity: width * height) { means, count in
      count = width * height
      withUnsafeTemporaryAllocation(of: Float.self, capacity: Int(tm_box_scratch(Int32(width)))) { scratch in
        guard count > 0, let scratch = scratch.baseAddress, let means = means.baseAddress else { return }
        tm_box_means(plane.values, Int32(width), Int32(height), Int32(radius), scratch, means)
      }
    }
    return LumaPlane(width: width, height: height, values: means)
  }
}
