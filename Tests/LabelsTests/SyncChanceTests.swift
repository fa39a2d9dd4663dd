import Testing

@testable import Labels

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Chernoff's bound on what waves of uniform phases come to.
@Suite struct SyncChanceTests {
  private typealias Wave = (re: Float, im: Float)

  /// Waves of sizes around 1 with phases of `spread` turns around nothing; 1 for uniform ones.
  private func waves(_ count: Int, spread: Float, _ random: inout PolarCodeTests.Random) -> [Wave] {
    (0..<count).map { _ in
      let size = 0.3 + abs(random.normal())
      let angle = 2 * Float.pi * spread * (Float(random.next() >> 40) / Float(1 << 24) - 0.5)
      return (size * cos(angle), size * sin(angle))
    }
  }

  @Test(arguments: [2, 5, 20]) func uniformPhasesPassNoMoreOftenThanItSays(count: Int) {
    var random = PolarCodeTests.Random(state: UInt64(count))
    let draws = 20_000
    let chances = (0..<draws).map { _ in WatermarkDecision.syncChance(waves(count, spread: 1, &random)) }
    for bound in [0.5, 0.1, 0.01, 0.001] {
      let passed = Double(chances.filter { $0 <= log(bound) }.count)
      #expect(passed <= bound * Double(draws) + 3 * (bound * Double(draws)).squareRoot(), "\(bound)")
    }
  }

  @Test(arguments: [Float(0.9), 0.6, 0.3, 0.1]) func itIsNeverWeakerThanTheNormalBound(spread: Float) {
    var random = PolarCodeTests.Random(state: 7)
    for _ in 0..<200 {
      let waves = waves(96, spread: spread, &random)
      let statistic = max(0, WatermarkDecision.syncStatistic(waves))
      #expect(WatermarkDecision.syncChance(waves) <= -statistic * statistic / 2 + 1e-6)
    }
  }

  @Test func nothingSaysNothing() {
    #expect(WatermarkDecision.syncChance([]) == 0)
    #expect(WatermarkDecision.syncChance([Wave](repeating: (0, 0), count: 8)) == 0)
    #expect(WatermarkDecision.syncChance([Wave](repeating: (-1, 0), count: 8)) == 0)
  }
}
