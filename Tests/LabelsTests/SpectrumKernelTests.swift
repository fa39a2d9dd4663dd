import Testing

@testable import Labels

/// The values between frequencies against plain ones.
@Suite struct SpectrumKernelTests {
  private let spectrum = FlatSpectrum(
    MarkingKernelTests.plane(120, 60, seed: 5), PlaneTransform(width: 128, height: 64))

  /// The value at a frequency: the plane holds columns of no and positive frequency, rows of both signs.
  private func plain(_ across: Float, _ down: Float) -> Float {
    let power = spectrum.power
    let (width, height) = (Float(128), Float(64))
    let column = abs(across) * width
    let line = (across < 0 ? -down : down) * height
    guard column < width / 2, abs(line) < height / 2 else { return 1 }
    let row = line < 0 ? line + height : line
    let (left, top) = (Int(column), Int(row))
    func value(_ x: Int, _ y: Int) -> Float { power.values[(y < 64 ? y : 0) * power.width + x] }
    func mean(_ a: Float, _ b: Float, _ part: Float) -> Float { a + (b - a) * part }
    let (u, v) = (column - Float(left), row - Float(top))
    return mean(
      mean(value(left, top), value(left + 1, top), u),
      mean(value(left, top + 1), value(left + 1, top + 1), u),
      v)
  }

  @Test(arguments: [1, 7, 8, 9, 333]) func valuesAreThosePlainlyRead(_ count: Int) {
    var random = PolarCodeTests.Random(state: UInt64(count))
    let places = (0..<count).map { _ in (random.normal() / 4, random.normal() / 4) }
    expectPlain(places.map { ($0.0, $0.1) })
  }

  @Test func edgesAndWhatIsNoFrequencyAreRead() {
    let odd: [Float] = [
      0, -0, 0.5, -0.5, 0.499_999_97, -0.499_999_97, 1e-9, -1e-9, 0.7, -3, .infinity, -.infinity, .nan,
      .greatestFiniteMagnitude,
    ]
    expectPlain(odd.flatMap { x in odd.map { (x, $0) } })
  }

  @Test(arguments: [1, 8, 19, 64]) func sumsAreThoseOfValues(_ count: Int) {
    var random = PolarCodeTests.Random(state: UInt64(count))
    let (x, y) = (
      (0..<count).map { _ in 20 * random.normal() }, (0..<count).map { _ in 20 * random.normal() }
    )
    let units: [Float] = [0.011, -0.002, 0.003, 0.009]
    let sum = zip(x, y).reduce(Float(0)) {
      $0 + plain($1.0 * units[0] + $1.1 * units[1], $1.0 * units[2] + $1.1 * units[3])
    }
    #expect(abs(spectrum.sum(x, y, by: units) - sum) < 1e-4 * sum)
  }

  private func expectPlain(_ places: [(x: Float, y: Float)]) {
    var values = [Float](repeating: -1, count: places.count + 1)
    spectrum.read(places.map(\.x), places.map(\.y), count: places.count, into: &values)
    for (place, value) in zip(places, values) { #expect(value == plain(place.x, place.y), "\(place)") }
    #expect(values[places.count] == -1)
  }
}
