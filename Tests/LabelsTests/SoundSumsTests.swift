import MediaCore
import Testing

@testable import Labels

/// What is added up over periods, and what bands and windows are worth in it.
@Suite struct SoundSumsTests {
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
