import MediaCore
import Testing

@testable import Labels

@Suite struct CuePlanTests {
  /// Twelve seconds of samples, with eight of nothing in front of the eighth second.
  private let info = AudioInfo(
    sampleRate: 1000, channels: 1, count: 12_000, gaps: [SoundGap(before: 8000, length: 8000)])

  @Test(arguments: [(CuePlace.start, 150), (.middle, 6000), (.end, 9850)])
  func theCueStandsWhereNoGapInterruptsIt(_ place: CuePlace, _ start: Int) throws {
    let plan = try CuePlan(place, length: 2000, in: info)
    // The middle of twenty seconds falls into the gap; in front of it there is room.
    #expect(plan.cue == start..<start + 2000)
  }

  @Test func soundThatNeverLastsAsLongAsTheCueIsRefused() {
    let torn = AudioInfo(
      sampleRate: 1000, channels: 1, count: 12_000,
      gaps: (1..<12).map { SoundGap(before: $0 * 1000, length: 500) })
    let error = #expect(throws: MediaError.self) { try CuePlan(.end, length: 2000, in: torn) }
    #expect(error?.code == .insufficientCapacity)
  }
}
