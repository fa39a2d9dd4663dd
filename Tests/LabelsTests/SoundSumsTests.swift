import MediaCore
import Testing

@testable import Labels

/// What is added up over periods, and what bands and windows are worth in it.
@Suite struct SoundSumsTests {
  /// Levels of `periods` periods of noise that carry `message` in bands below `end` alone.
  private static func sums(
    _ code: SoundCode, _ message: SoundMessage, below end: Int, gain: Float, periods: Int, seed: UInt64
  ) -> SoundSums {
    var random = PolarCodeTests.Random(state: seed)
    let (bands, signs) = (SoundTiles.bands, code.signs(of: message))
    let rows = periods * SoundTiles.period
    let values = (0..<rows * bands).map { index -> Float in
      let sign = index % bands < end ? signs[index % SoundCode.cells] : 0
      return -30 + 3 * random.normal() + gain * sign
    }
    let levels = TileLevels(count: rows, values: values)
    return SoundSums(TileStatistic(levels, TileReference(levels)), start: 0)
  }

  @Test func bandsCountByWhatTheyShow() throws {
    let code = SoundCode(try AudioWatermarkTests.key(1))
    let message = SoundMessage(bits: 0x89AB_CDEF, isShort: true)
    let sums = Self.sums(code, message, below: 30, gain: 0.8, periods: 3, seed: 2)
    let gains = sums.bandGains(code, offset: 0)
    let (marked, others) = (gains[5..<25], gains[38...])
    let mean = { (part: ArraySlice<Float>) in part.reduce(0, +) / Float(part.count) }
    #expect(mean(marked) > 2 * mean(others), "\(gains)")
    #expect(gains.allSatisfy { $0 >= 0 })
    let symbols = message.word.map { $0 == 0 ? Float(1) : -1 }
    let bounds = [nil, gains].map { gains -> Double in
      let soft = sums.softBits(code, SoundCode.short, offset: 0, gains: gains)
      return WatermarkDecision.chance(WatermarkDecision.bounded(soft), symbols)
    }
    #expect(bounds[1] < 1.2 * bounds[0], "\(bounds)")
  }

  /// Weights say nothing of the message: for one that is not there the bound of chance holds with them as without.
  @Test func bandsThatCountMoreFavourNoMessage() throws {
    let code = SoundCode(try AudioWatermarkTests.key(1))
    let message = SoundMessage(bits: 0x89AB_CDEF, isShort: true)
    var statistics: [Double] = []
    for seed in 0..<24 as Range<UInt64> {
      let sums = Self.sums(code, message, below: 0, gain: 0, periods: 1, seed: 100 + seed)
      let gains = sums.bandGains(code, offset: 0)
      let soft = WatermarkDecision.bounded(sums.softBits(code, SoundCode.short, offset: 0, gains: gains))
      statistics.append(WatermarkDecision.statistic(soft, message.word.map { $0 == 0 ? Float(1) : -1 }))
    }
    let mean = statistics.reduce(0, +) / Double(statistics.count)
    #expect(abs(mean) < 0.7, "\(statistics)")
    #expect(statistics.allSatisfy { abs($0) < 4 })
  }

  @Test func bandsOfSoundWithoutTheMarkCountAlike() throws {
    let code = SoundCode(try AudioWatermarkTests.key(1))
    #expect(SoundSums().bandGains(code, offset: 7) == [Float](repeating: 1, count: SoundTiles.bands))
  }

  /// Of a mark that can just be read, words near to its own pass the checksum and the bounds; none of them is believed.
  @Test func whatIsReadBadlyIsDoubted() throws {
    let code = SoundCode(try AudioWatermarkTests.key(1))
    var (believed, all) = (0, 0)
    for (isShort, bits) in [(true, UInt64(0x89AB_CDEF)), (false, 0x0123_4567_89AB_CDEF)] {
      let message = SoundMessage(bits: bits, isShort: isShort)
      for seed in 0..<UInt64(40) {
        let gain = (isShort ? 0.35 : 0.5) + 0.01 * Float(seed)
        let sums = Self.sums(code, message, below: SoundTiles.bands, gain: gain, periods: 1, seed: seed)
        var reader = SoundReader(code)
        for candidate in reader.candidates(sums, most: 1, share: { _ in 0.1 }) {
          guard let reading = reader.read(candidate) else { continue }
          all += 1
          guard reading.doubt <= SoundDecision.largestDoubt else { continue }
          believed += 1
          #expect(reading.message == message, "\(gain), \(reading)")
        }
      }
    }
    #expect(believed > 0 && believed < all, "\(believed) of \(all)")
  }

  /// Windows are added up to the very end of the sound, also where the last is no whole one.
  @Test func theSumReachesTheEnd() throws {
    let marked = try AudioWatermarkTests.mark(AudioWatermarkTests.speech(rate: 8000, channels: 1, seconds: 9))
    let info = AudibleLabelTests.info(marked.block)
    var analyzer = SpectrumAnalyzer(for: info)
    var spectra: [Float] = []
    analyzer.add(marked.block, to: &spectra)
    analyzer.finish(into: &spectra)
    var search = WindowSearch(SoundCode(try AudioWatermarkTests.key(1)), points: analyzer.points, rate: 8000)
    let count = spectra.count / analyzer.points
    let middle = SoundTiles.period * SoundTiles.hops
    search.begin(spectra[..<(middle * analyzer.points)], at: 0)
    _ = search.unchanged()
    search.remember()
    let isSum = search.together() != nil
    #expect(!isSum)
    search.begin(spectra[(middle * analyzer.points)...], at: search.rememberedEnd)
    search.rememberRest()
    #expect(search.rememberedEnd == count)
    let sum = search.together()
    let mark = try #require(sum)
    #expect(mark.span == 0..<count)
    #expect(mark.reading.message.description == "88888888")
  }
}
