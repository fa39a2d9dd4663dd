import Testing

@testable import Labels

/// Laws of what keeps marked sound within full scale.
@Suite struct PeakLimiterTests {
  /// Noise around zero, with peaks.
  private static func noise(_ count: Int, loud: Float) -> [Float] {
    var random = PolarCodeTests.Random(state: 5)
    return (0..<count).map { _ in loud * random.normal() }
  }

  @Test(arguments: [(8000, Float(0.3)), (16_000, 0.5), (44_100, 0.4), (96_000, 2)])
  func nothingIsLouderThanFullScaleOrTheSource(_ rate: Int, _ loud: Float) {
    let source = Self.noise(rate / 2, loud: loud)
    let ceiling = max(1, source.map(abs).max() ?? 0)
    let marked = source.map { $0 * 1.25 }
    var held = marked
    PeakLimiter(rate: rate).limit(&held, source: source)
    #expect(marked.contains { abs($0) > ceiling })
    #expect(held.allSatisfy { abs($0) <= ceiling })
    #expect(zip(held, marked).allSatisfy { $0.sign == $1.sign && abs($0) <= abs($1) })
  }

  @Test func onlyMillisecondsAroundAPeakAreTurnedDown() {
    let rate = 48_000
    let source = [Float](repeating: 0.5, count: rate)
    var held = source
    held[20_000] = 1.25
    let marked = held
    PeakLimiter(rate: rate).limit(&held, source: source)
    let changed = held.indices.filter { held[$0] != marked[$0] }
    #expect(held[20_000] == 1)
    #expect(changed.allSatisfy { abs($0 - 20_000) < rate * 6 / 1000 + 2 })
    let steps = zip(held, held.dropFirst()).enumerated().filter { $0.offset != 19_999 && $0.offset != 20_000 }
    #expect(steps.allSatisfy { abs($0.element.0 - $0.element.1) < 0.002 })
  }

  @Test(arguments: [[], [Float.nan, .infinity, 0.5], [1, -1, 1], [Float](repeating: 3, count: 100)])
  func soundThatIsNotTooLoudStaysAsItIs(_ source: [Float]) {
    var held = source
    PeakLimiter(rate: 44_100).limit(&held, source: source)
    #expect(zip(held, source).allSatisfy { $0.bitPattern == $1.bitPattern })
  }
}
