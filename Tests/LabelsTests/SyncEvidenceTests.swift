import Testing

@testable import Labels

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The e-value of what waves of uniform phases come to.
@Suite struct SyncEvidenceTests {
  private typealias Wave = (re: Float, im: Float)

  /// Waves of sizes around 1 with phases of `spread` turns around nothing; 1 for uniform ones.
  private func waves(_ count: Int, spread: Float, _ random: inout PolarCodeTests.Random) -> [Wave] {
    (0..<count).map { _ in
      let size = 0.3 + abs(random.normal())
      let angle = 2 * Float.pi * spread * (Float(random.next() >> 40) / Float(1 << 24) - 0.5)
      return (size * cos(angle), size * sin(angle))
    }
  }

  @Test(arguments: [2, 5, 20, 96]) func uniformPhasesPassNoMoreOftenThanItSays(count: Int) {
    var random = PolarCodeTests.Random(state: UInt64(count))
    let draws = 20_000
    let evidence = (0..<draws).map { _ in
      WatermarkDecision.syncEvidence(waves(count, spread: 1, &random))
    }
    // Large values are too rare to be drawn, so that the mean of what is drawn is well below 1.
    #expect(evidence.reduce(0) { $0 + exp($1) } / Double(draws) < 1.1)
    for bound in [0.5, 0.1, 0.01, 0.001] {
      let passed = Double(evidence.filter { $0 >= -log(bound) }.count)
      #expect(passed <= bound * Double(draws) + 3 * (bound * Double(draws)).squareRoot(), "\(bound)")
    }
  }

  /// Where a mark is hard to read, little is lost beside the normal bound of one place alone.
  @Test func aMarkIsEvident() {
    var random = PolarCodeTests.Random(state: 7)
    for _ in 0..<200 {
      let waves = waves(96, spread: 0.72, &random)
      let statistic = WatermarkDecision.syncStatistic(waves)
      guard (4.5...12).contains(statistic) else { continue }
      #expect(WatermarkDecision.syncEvidence(waves) > statistic * statistic / 2 - 2.5, "\(statistic)")
    }
  }

  @Test func nothingSaysNothing() {
    #expect(WatermarkDecision.syncEvidence([]) == 0)
    #expect(WatermarkDecision.syncEvidence([Wave](repeating: (0, 0), count: 8)) == 0)
    #expect(WatermarkDecision.syncEvidence([Wave](repeating: (-1, 0), count: 8)) < 0)
  }
}
