import Foundation
import MediaCore
import Testing

@testable import Labels

/// Bounds on chance, against what signs of fair coins do.
@Suite struct SoundDecisionTests {
  /// Sizes of values whose sums are nearly normal, of few that are larger, and of one that is as large as all others.
  static let shapes: [(name: String, sizes: [Float])] = [
    ("equal", [Float](repeating: 0.7, count: 64)),
    ("normal", normal(count: 64)),
    ("heavy", normal(count: 64).map { $0 * $0 * $0 }),
    ("few", (0..<64).map { $0 < 6 ? 3 : 0.2 }),
    ("one", (0..<64).map { $0 == 0 ? 8 : 1 }),
  ]

  static func normal(count: Int) -> [Float] {
    var random = PolarCodeTests.Random(state: 3)
    return (0..<count).map { _ in abs(random.normal()) }
  }

  /// Signs drawn `draws` times: their sums with `sizes`, the largest first, and the signs themselves.
  static func drawn(_ sizes: [Float], _ draws: Int, seed: UInt64) -> [(sum: Float, signs: UInt64)] {
    var random = PolarCodeTests.Random(state: seed)
    return (0..<draws).map { _ in
      let signs = random.next()
      var sum: Float = 0
      for (index, size) in sizes.enumerated() { sum += signs >> UInt64(index) & 1 == 0 ? size : -size }
      return (sum, signs)
    }.sorted { $0.sum > $1.sum }
  }

  static func signs(_ bits: UInt64, _ count: Int) -> [Float] {
    (0..<count).map { bits >> UInt64($0) & 1 == 0 ? 1 : -1 }
  }

  /// Of 8000 draws the k-th largest sum is reached by about k in 8000: no bound may say less, but for what k itself varies by.
  @Test(arguments: shapes) func noTailIsSmallerThanItIs(_ name: String, _ sizes: [Float]) {
    let draws = 8000
    let drawn = Self.drawn(sizes, draws, seed: 5)
    for rank in [16, 80, 400] {
      let symbols = Self.signs(drawn[rank - 1].signs, sizes.count)
      let seen = log(Double(rank) * (1 - 3.5 / Double(rank).squareRoot()) / Double(draws))
      let counted = WatermarkDecision.countedTail(sizes, symbols)
      #expect(counted >= seen, "\(name) \(rank)")
      #expect(WatermarkDecision.normalTail(sizes, symbols) >= seen, "\(name) \(rank)")
      #expect(counted <= WatermarkDecision.chance(sizes, symbols))
    }
  }

  /// Of messages as long as a picture's: values of any size, bounded, of which more and more signs are wrong.
  @Test(arguments: [0.5, 1, 2]) func countingAddsNoMoreThanIsSaid(_ power: Double) {
    var random = PolarCodeTests.Random(state: 17)
    let values = WatermarkDecision.bounded(
      (0..<512).map { _ in Float(pow(Double(abs(random.normal())), power)) })
    var gains: [Double] = []
    for wrong in stride(from: 40, through: 200, by: 8) {
      let symbols = values.indices.map { $0 * 37 % 512 < wrong ? Float(-1) : 1 }
      let gain =
        WatermarkDecision.normalTail(values, symbols) - WatermarkDecision.countedTail(values, symbols)
      gains.append(gain)
      guard WatermarkDecision.statistic(values, symbols) <= 16 else { continue }
      #expect(gain <= WatermarkDecision.mostCounted, "\(wrong)")
    }
    #expect(gains.contains { $0 > 2 })
  }

  /// Equal values make a binomial distribution.
  @Test func theCountedTailIsTheBinomial() {
    var choose = 1.0
    var sum = 0.0
    for wrong in 0..<24 {
      sum += choose
      choose = choose * Double(64 - wrong) / Double(wrong + 1)
      let symbols = (0..<64).map { $0 < wrong ? Float(-1) : 1 }
      let tail = WatermarkDecision.countedTail([Float](repeating: 0.3, count: 64), symbols)
      let exact = log(sum) - 64 * log(2)
      #expect(tail >= exact - 1e-9 && tail < exact + 0.3, "\(wrong): \(tail), \(exact)")
    }
    #expect(WatermarkDecision.countedTail([0, 0], [1, 1]) == 0)
    #expect(WatermarkDecision.countedTail([-1, -1], [1, 1]) == 0)
  }

  /// By Markov's inequality exp(evidence) of a mean of 1 reaches x in one of x cases at most; and a message beside it p x in one of 1 / p.
  @Test(arguments: shapes) func evidenceHasAMeanOfOne(_ name: String, _ sizes: [Float]) {
    let draws = 8000
    let drawn = Self.drawn(sizes, draws, seed: 8)
    for rank in [16, 80, 400] {
      let evidence = SoundDecision.evidence(sizes, Self.signs(drawn[rank - 1].signs, sizes.count))
      let seen = log(Double(rank) * (1 - 3.5 / Double(rank).squareRoot()) / Double(draws))
      #expect(-evidence >= seen, "\(name) \(rank)")
    }
    // What is large is rarely drawn, so that the mean of those drawn is 1 at most but for chance.
    let some = Self.drawn(sizes, 500, seed: 9)
    let mean =
      some.reduce(0) { $0 + exp(SoundDecision.evidence(sizes, Self.signs($1.signs, sizes.count))) } / 500
    #expect(mean < 1.5, "\(name) \(mean)")
    #expect(SoundDecision.evidence([0, 0], [1, 1]) == 0)
  }

  /// Tail and evidence of independent signs, added up as the bound adds them.
  @Test func bothTogetherAreNoLikelierThanTheBound() {
    let (sizes, draws) = (Self.normal(count: 64), 6000)
    let (messages, syncs) = (Self.drawn(sizes, draws, seed: 11), Self.drawn(sizes, draws, seed: 12))
    var order = PolarCodeTests.Random(state: 13)
    // Sums too small to come to anything are not worth the time.
    let bounds = messages.map { message -> Double in
      let sync = syncs[Int(order.next() % UInt64(draws))]
      guard message.sum > 0, message.sum + sync.sum > 10 else { return 0 }
      let symbols = Self.signs(message.signs, 64)
      return SoundDecision.log10p(
        WatermarkDecision.normalTail(sizes, symbols), payloadBits: 0, share: 1,
        evidence: SoundDecision.evidence(sizes, Self.signs(sync.signs, 64)), decodings: 1)
    }.sorted()
    for rank in [16, 60, 300] {
      let seen = log10(Double(rank) * (1 - 3.5 / Double(rank).squareRoot()) / Double(draws))
      #expect(bounds[rank - 1] >= seen, "\(rank): \(bounds[rank - 1]), \(seen)")
    }
  }

  /// Whatever is looked at in a file of any length, the shares of all of it come to 1 at most, and little is given away.
  @Test(arguments: [nil, 24]) func sharesComeToOne(_ windows: Int?) {
    var sum = 0.0
    for number in 0..<(windows ?? 1) {
      for offset in 0..<SoundTiles.period {
        for phase in WindowSearch.phases {
          let share = { (look: SoundDecision.Look, isAligned: Bool) in
            SoundDecision.share(
              look, window: windows == nil ? nil : number, offset: offset, phase: phase, isAligned: isAligned)
          }
          let geometries = Double(WindowSearch.geometryCount)
          sum += share(.unchanged, true) + geometries * share(.known, number == 0)
          if WindowSearch.fewPhases.contains(phase) { sum += geometries * share(.changed, number == 0) }
          if number == 0 { sum += share(.together, true) }
        }
      }
    }
    // Two lengths of message; the windows that may still come have 15/16 of 1 / 25.
    let all = 2 * sum + (windows == nil ? 0 : 15.0 / 16 / 25)
    #expect(abs(all - 1) < 1e-9, "\(all)")
  }

  @Test func theWaysToJudgeComeToOne() {
    let both = 2 * SoundDecision.byBits
    #expect(abs(both + SoundDecision.byTiles + SoundDecision.byWeightedTiles - 1) < 1e-12)
  }

  @Test func moreDecodingsAndSmallerSharesAskForMore() {
    let of = { (tail: Double, share: Double, evidence: Double, decodings: Int) in
      SoundDecision.log10p(tail, payloadBits: 32, share: share, evidence: evidence, decodings: decodings)
    }
    #expect(of(0, 1, 50, 1) == 0)
    #expect(of(-40, 0.1, 5, 1) > WatermarkDecision.acceptance)
    #expect(of(-40, 0.1, 10, 1) < WatermarkDecision.acceptance)
    #expect(of(-40, 0.001, 10, 1) > of(-40, 0.1, 10, 1))
    #expect(of(-50, 1e-9, 0, 1) < of(-50, 1e-9, 0, 40))
    // A place that synchronisation speaks against is judged by its number alone.
    #expect(abs(of(-50, 1e-9, 0, 1) - of(-50, 1e-9, -100, 1)) < 1e-3)
  }

  /// A word that is nearly another is that one read badly, and its time is the other's; one that is not stays.
  @Test func misreadingsAreNoMarks() {
    func finding(_ bits: UInt64, isShort: Bool, _ start: Double, _ log10p: Double, key: Int = 0)
      -> SoundSearch.Finding
    {
      SoundSearch.Finding(
        key: key, message: SoundMessage(bits: bits, isShort: isShort), start: start, end: start + 10,
        log10p: log10p, statistic: 12, tempo: 1, pitch: 1, windows: 1, isBelieved: true)
    }
    // Read in the suite: the second in one window, where the first stands in all.
    let (right, wrong) = (
      finding(0xD0F8_8D3A_7C77_DD97, isShort: false, 0, -60),
      finding(0xD0F8_81EC_6C68_0228, isShort: false, 10, -12.8)
    )
    let (other, otherKey) = (
      finding(7, isShort: true, 40, -20), finding(0xD0F8_81EC_6C68_0228, isShort: false, 10, -12.8, key: 1)
    )
    let kept = SoundSearch.withoutMisreadings([wrong, right, other, otherKey])
    #expect(kept.map(\.message) == [right, other, otherKey].map(\.message))
    #expect(kept.first?.start == 0 && kept.first?.end == 20)
    #expect(right.message.differences(from: right.message) == 0)
    #expect(right.message.differences(from: wrong.message) == 56)
    #expect(right.message.differences(from: other.message) == 120)
  }
}
