import Testing

@testable import Labels

/// What is taken of a picture to look for a mark in.
@Suite struct ResidualTests {
  private static let side = 256

  /// A picture that is calm in its left `share` and textured in the rest, and the pattern that is added to it: stronger where it is
  /// textured, as marks are.
  private static func pictures(calm share: Double, seed: UInt64) -> (plane: LumaPlane, pattern: [Float]) {
    var random = PolarCodeTests.Random(state: seed)
    var plane = LumaPlane(width: side, height: side)
    var pattern: [Float] = []
    for index in plane.values.indices {
      let isCalm = Double(index % side) < share * Double(side)
      let value = random.normal()
      pattern.append(value)
      plane.values[index] =
        128 + (isCalm ? 0.7 : 18) * random.normal() + (isCalm ? 0.75 : 1.5) * value
    }
    return (plane, pattern)
  }

  /// The normalised high pass, one value after the other and without a weight.
  private static func plain(_ plane: LumaPlane, scale: Double, floor: Float) -> (
    values: [Float], strength: [Float]
  ) {
    func radius(_ cells: Double) -> Int { max(1, Int((cells * scale).rounded())) }
    func mean(_ plane: LumaPlane, _ radius: Int) -> LumaPlane { BoxFilter.mean(plane, radius: radius) }
    let low = mean(mean(plane, radius(2.7)), radius(2.7))
    var squares = plane
    for index in plane.values.indices {
      let value = plane.values[index] - low.values[index]
      squares.values[index] = value * value
    }
    let strength = mean(squares, radius(2.5)).values.map { max($0, 0).squareRoot() }
    let values = plane.values.indices.map {
      min(max((plane.values[$0] - low.values[$0]) / (strength[$0] + floor), -2), 2)
    }
    return (values, strength)
  }

  /// Deviations by which `values` agree with `pattern`, were their signs those of fair coins.
  private static func deflection(_ values: [Float], _ pattern: [Float]) -> Float {
    var (sum, squares) = (Float(0), Float(0))
    for (value, part) in zip(values, pattern) {
      sum += value * part
      squares += value * value * part * part
    }
    return sum / squares.squareRoot()
  }

  @Test(arguments: [Float(1), 0.1]) func eachValueIsWeighedByHowCalmItsPlaceIs(_ floor: Float) {
    let (plane, _) = Self.pictures(calm: 0.4, seed: 3)
    let residual = Residual.of(plane, scale: 1.25, floor: floor)
    let (values, strength) = Self.plain(plane, scale: 1.25, floor: floor)
    let harmonic = Float(strength.count) / strength.reduce(Float(0)) { $0 + 1 / ($1 + 1) } - 1
    let calm = max(2, 3 * (harmonic - 2))
    for index in values.indices {
      let expected = values[index] * (calm / (strength[index] + calm) + 0.15)
      #expect(abs(residual.values[index] - expected) < 1e-3)
    }
  }

  /// Where all of a picture is as busy, a weight changes nothing; where parts of it are calm, more is seen of the mark.
  @Test(arguments: [0.4, 0.55, 0.7]) func moreIsSeenOfAMarkWherePartsAreCalm(_ share: Double) {
    for seed: UInt64 in 1...3 {
      let (plane, pattern) = Self.pictures(calm: share, seed: seed)
      let weighed = Self.deflection(Residual.of(plane, scale: 1.25).values, pattern)
      let plain = Self.deflection(Self.plain(plane, scale: 1.25, floor: Residual.floor).values, pattern)
      #expect(weighed > 1.15 * plain, "\(weighed), \(plain)")
    }
  }

  @Test(arguments: [0.0, 1]) func nothingIsLostWhereAllPlacesAreAlike(_ share: Double) {
    let (plane, pattern) = Self.pictures(calm: share, seed: 9)
    let weighed = Self.deflection(Residual.of(plane, scale: 1.25).values, pattern)
    let plain = Self.deflection(Self.plain(plane, scale: 1.25, floor: Residual.floor).values, pattern)
    #expect(weighed > 0.98 * plain, "\(weighed), \(plain)")
  }
}
