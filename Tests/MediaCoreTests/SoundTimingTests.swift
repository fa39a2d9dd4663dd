import MediaCore
import Testing

@Suite struct SoundTimingTests {
  /// Ten seconds of samples; two of nothing in front of the third second, one in front of the eighth.
  private let info = AudioInfo(
    sampleRate: 100, channels: 1, count: 1000,
    gaps: [SoundGap(before: 300, length: 200), SoundGap(before: 800, length: 100)])

  @Test(arguments: [(0, 0.0), (299, 2.99), (300, 5.0), (799, 9.99), (800, 11.0), (1000, 13.0)])
  func samplesAreHeardAfterTheGapsInFrontOfThem(_ sample: Int, _ time: Double) {
    #expect(abs(info.time(of: Double(sample)) - time) < 1e-9)
    #expect(info.sample(at: time + 1e-9) == sample)
  }

  @Test(arguments: [(3.5, 300), (4.99, 300), (10.5, 800)])
  func inAGapTheNextSampleIsNamed(_ time: Double, _ sample: Int) {
    #expect(info.sample(at: time) == sample)
  }

  @Test func withoutGapsSamplesAndTimeAreOne() {
    let plain = AudioInfo(sampleRate: 100, channels: 1, count: 1000)
    for sample in stride(from: 0, through: 1000, by: 50) {
      #expect(plain.time(of: Double(sample)) == Double(sample) / 100)
      #expect(plain.uninterrupted(100, near: min(sample, 900)) == min(sample, 900))
    }
  }

  /// Wanted place, length, and where it is put.
  @Test(arguments: [
    (0, 100, 0), (250, 100, 200), (280, 100, 300), (780, 100, 800), (290, 400, 300), (900, 100, 900),
    (900, 400, 400),
  ])
  func aPieceIsPutWhereNoGapIs(_ wanted: Int, _ length: Int, _ place: Int) {
    #expect(info.uninterrupted(length, near: wanted) == place)
  }

  @Test func aPieceLongerThanEveryStretchHasNoPlace() { #expect(info.uninterrupted(501, near: 0) == nil) }
}
