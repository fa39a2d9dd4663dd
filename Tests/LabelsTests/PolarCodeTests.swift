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

  /// Doubts are probabilities: among many words, with doubts of all sizes, as many are wrong as the doubts come to. A short code with a
  /// short checksum, or wrong words would be too few to count.
  @Test(arguments: [4, 16]) func asManyWordsAreWrongAsDoubtsSay(paths: Int) {
    let code = PolarCode(levels: 6, payloadBits: 16, checksumBits: 8)
    let decoder = PolarDecoder(code)
    var random = Random(state: UInt64(paths))
    var (wrong, doubts, checked) = (0, 0.0, 0)
    for round in 0..<6000 {
      let payload = random.next() & 0xFFFF
      let deviation = Float(1.1 + 0.1 * Double(round % 8))
      let channel = code.encode(payload).map {
        (($0 == 0 ? Float(1) : -1) + deviation * random.normal()) * 2 / (deviation * deviation)
      }
      guard let best = decoder.decode(channel, paths: paths, isToScale: true).first, best.isChecked else {
        continue
      }
      checked += 1
      doubts += best.doubt
      if best.payload != payload { wrong += 1 }
    }
    #expect(wrong > 60 && checked > 2000)
    #expect(
      abs(Double(wrong) - doubts) < 0.35 * Double(wrong), "\(wrong) wrong, \(doubts) doubted of \(checked)")
  }

  @Test func whatIsClearIsNotDoubtedAndWhatIsNoiseIs() throws {
    var random = Random(state: 4)
    let payload = random.next()
    let clear = PolarCode.picture.encode(payload).map { 2 * (($0 == 0 ? Float(1) : -1) + random.normal()) }
    let best = try #require(PolarDecoder().decode(clear, paths: 32, isToScale: true).first)
    #expect(best.payload == payload && best.doubt < 1e-9)
    #expect(PolarDecoder().decode(clear, paths: 32).first?.doubt == 1)
    for _ in 0..<20 {
      let noise = (0..<512).map { _ in random.normal() }
      let candidates = PolarDecoder().decode(noise, paths: 32, isToScale: true)
      #expect(candidates.allSatisfy { $0.doubt > WatermarkDecision.largestDoubt })
    }
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
      pose: ErrorShare.Pose(turns: 1, isTurned: false, isNegative: false, fit: .none),
      isOfFirstPlace: true)
    #expect(log10p > WatermarkDecision.acceptance)
  }
}
