import MediaCore
import Testing

@testable import Labels

/// Laws of what keeps a mark out of silence beside sound.
@Suite struct TemporalMaskTests {
  /// Noise in every other fifth of a second, silence between.
  private static func bursts(rate: Int) -> [Float] {
    var random = PolarCodeTests.Random(state: 7)
    return (0..<rate).map { $0 * 5 / rate % 2 == 0 ? 0.1 * random.normal() : 0 }
  }

  private static func noise(_ count: Int, _ level: Float) -> [Float] {
    var random = PolarCodeTests.Random(state: 8)
    return (0..<count).map { _ in level * random.normal() }
  }

  /// Samples with sound within so many milliseconds.
  private static func isMasked(_ source: [Float], rate: Int, milliseconds: Int) -> [Bool] {
    let reach = rate * milliseconds / 1000
    var last = -source.count
    var result = [Bool](repeating: false, count: source.count)
    for index in source.indices {
      if source[index] != 0 { last = index }
      result[index] = index - last <= reach
    }
    last = 2 * source.count
    for index in source.indices.reversed() {
      if source[index] != 0 { last = index }
      result[index] = result[index] || last - index <= reach
    }
    return result
  }

  @Test(arguments: [8000, 16_000, 22_050, 44_100, 96_000])
  func silenceStaysSilentToTheLastBit(_ rate: Int) {
    let source = Self.bursts(rate: rate)
    let marked = zip(source, Self.noise(rate, 0.01)).map { $0 + $1 }
    var held = marked
    TemporalMask(rate: rate).hold(&held, source: source)
    let isMasked = Self.isMasked(source, rate: rate, milliseconds: 5)
    #expect(isMasked.contains(false))
    #expect(source.indices.allSatisfy { isMasked[$0] || held[$0].bitPattern == source[$0].bitPattern })
    #expect(source.indices.contains { isMasked[$0] && held[$0] != source[$0] })
  }

  @Test(arguments: [Float(0.001), 0.03, 0.1, 1])
  func whatIsAddedIsNeverMoreThanBefore(_ level: Float) {
    let rate = 16_000
    let source = Self.bursts(rate: rate)
    let marked = zip(source, Self.noise(rate, level)).map { $0 + $1 }
    var held = marked
    TemporalMask(rate: rate).hold(&held, source: source)
    for index in source.indices {
      let (before, after) = (marked[index] - source[index], held[index] - source[index])
      #expect(abs(after) <= abs(before) + 1e-6 && after * before >= 0)
    }
  }

  @Test(arguments: [8000, 22_050]) func aMarkIsNotHeardInPauses(_ rate: Int) throws {
    var sound = AudioWatermarkTests.speech(rate: rate, channels: 1, seconds: 4)
    for index in sound.channels[0].indices where index * 4 / rate % 4 == 3 { sound.channels[0][index] = 0 }
    let (source, marked) = (sound.channels[0], try AudioWatermarkTests.mark(sound).block.channels[0])
    let isMasked = Self.isMasked(source, rate: rate, milliseconds: 5)
    #expect(source.indices.allSatisfy { isMasked[$0] || marked[$0] == source[$0] })
    #expect(
      try AudioWatermarkTests.searchUnchanged(
        AudioBlock(sampleRate: rate, start: 0, channels: [marked])
      ).count == 1)
  }

  @Test(arguments: [[], [Float.nan, .infinity, 0.5], [Float](repeating: 0.3, count: 1000)])
  func whatIsMaskedStaysAsItIs(_ source: [Float]) {
    let marked = source.map { $0 * 1.2 }
    var held = marked
    TemporalMask(rate: 44_100).hold(&held, source: source)
    #expect(zip(held, marked).allSatisfy { $0.bitPattern == $1.bitPattern })
  }
}
