import Foundation
import MediaCore
import Testing

@testable import Labels

@Suite struct PolarCodeTests {
  /// Numbers that repeat from run to run.
  struct Random {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
    /// Nearly normal, of deviation 1.
    mutating func normal() -> Float {
      (0..<12).reduce(Float(-6)) { sum, _ in sum + Float(next() >> 40) / Float(1 << 24) }
    }
  }

  @Test func checksumIsThatOfThePublishedTestVector() {
    // CRC-16/CCITT-FALSE of "12345678".
    #expect(PolarCode.picture.checksum(0x3132_3334_3536_3738) == 0xA12B)
  }

  @Test func everyWordOfTheCodeIsItsMessage() {
    var random = Random(state: 1)
    for _ in 0..<20 {
      let payload = random.next()
      let channel = PolarCode.picture.encode(payload).map { $0 == 0 ? Float(1) : -1 }
      let best = PolarDecoder().decode(channel)[0]
      #expect(best.payload == payload)
      #expect(best.isChecked)
    }
  }

  @Test(arguments: [(deviation: Float(1.4), least: 58), (1.6, 50), (1.8, 30)])
  func noiseIsCorrected(_ deviation: Float, _ least: Int) {
    var random = Random(state: 2)
    var right = 0
    for _ in 0..<60 {
      let payload = random.next()
      let channel = PolarCode.picture.encode(payload).map {
        ($0 == 0 ? Float(1) : -1) + deviation * random.normal()
      }
      let best = PolarDecoder().decode(channel)[0]
      if best.payload == payload, best.isChecked { right += 1 }
    }
    #expect(right >= least, "\(right) of 60")

  }

  @Test func ranksCountLikelierPaths() {
    var random = Random(state: 4)
    let channel = PolarCode.picture.encode(random.next()).map {
      ($0 == 0 ? Float(1) : -1) + 2.4 * random.normal()
    }
    let candidates = PolarDecoder().decode(channel, paths: 32)
    #expect(candidates.map(\.rank).sorted() == Array(0..<candidates.count))
    // Those with the right checksum stand before all others, each of both by rank.
    for isChecked in [true, false] {
      let ranks = candidates.filter { $0.isChecked == isChecked }.map(\.rank)
      #expect(ranks == ranks.sorted())
    }
  }

  /// A checksum of 16 bits is right by chance for one of 65,536 words: the further down a list, the more of a message is asked.
  @Test func furtherDownAListMoreEvidenceIsAsked() {
    #expect(WatermarkDecision.leastEvidence(rank: 0) == WatermarkDecision.leastEvidence)
    let asked = [0, 1, 3, 15, 255, 1023].map { WatermarkDecision.leastEvidence(rank: $0) }
    #expect(zip(asked, asked.dropFirst()).allSatisfy { $0 < $1 })
    #expect(abs(asked[5] - asked[0] - 10 * log(2.0) / 3) < 1e-9)
  }

  @Test func noiseAloneStaysBelowTheThreshold() {
    var random = Random(state: 3)
    var largest = 0.0
    var sum = 0.0
    for _ in 0..<60 {
      let values = WatermarkDecision.bounded((0..<512).map { _ in random.normal() })
      let best = PolarDecoder().decode(values)[0]
      let symbols = PolarCode.picture.encode(best.payload).map { $0 == 0 ? Float(1) : -1 }
      let statistic = WatermarkDecision.statistic(values, symbols)
      largest = max(largest, statistic)
      sum += statistic
    }
    var looks = LookCount(usual: 1)
    looks.add()
    let log10p = WatermarkDecision.log10p(
      largest * largest / 2, readings: looks, lattices: looks,
      pose: ErrorShare.Pose(turns: 1, isTurned: false, isNegative: false, isTracked: false),
      isOfFirstPlace: true)
    #expect(log10p > WatermarkDecision.acceptance)
  }
}
