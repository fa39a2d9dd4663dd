import MediaCore
import Testing

@testable import Labels

/// Smooth pictures that are not flat have cells of a width of their own.
@Suite struct SmoothPictureMarkTests {
  /// A sky: a gradient with noise of `amplitude` grey levels, and a darker, busy band of `busy` rows below it.
  private func sky(_ width: Int, _ height: Int, amplitude: Int, busy: Int) -> PackedPicture {
    PackedPicture(width, height, .rgb) { x, y, channel in
      let noise = (x &* 2_654_435 ^ y &* 40_503 ^ x &* y &* 977) >> 3
      guard y < height - busy else { return UInt8(60 + noise % 60 + (x / 6 + y / 6) % 2 * 30) }
      return UInt8(110 + 40 * y / height + channel * 20 + (amplitude > 0 ? noise % (amplitude + 1) : 0))
    }
  }

  private func map(_ frame: any Frame) throws -> ActivityMap {
    let eighths = CellWidths(frame.size).usual
    return ActivityMap(try PictureSurvey(frame, eighths: eighths).moments)
  }

  @Test func faintNoiseTellsSmoothFromFlat() throws {
    #expect(try map(sky(400, 320, amplitude: 1, busy: 80)).isSmooth)
    #expect(try !map(sky(400, 320, amplitude: 0, busy: 80)).isSmooth)
    #expect(try !map(sky(400, 320, amplitude: 1, busy: 240)).isSmooth)
    #expect(try !map(sky(400, 320, amplitude: 8, busy: 80)).isSmooth)
  }

  @Test func itsWidthIsLookedForWhereverMarksAre() {
    for side in stride(from: 128, through: 4000, by: 36) {
      let size = PixelSize(width: side * 4 / 3, height: side)
      let widths = CellWidths(size)
      let (usual, smooth, flat) = (widths.usual, widths.smooth, widths.flat)
      #expect(usual <= smooth && smooth <= flat)
      for drawn in [widths.drawn, widths.drawnMostly] {
        #expect(drawn.contains(smooth) && drawn.first == usual && drawn.last == flat)
        #expect(Set(drawn).count == drawn.count || flat == usual)
      }
      // Half as wide and high, cut out of one of `size`.
      let half = PixelSize(width: size.width / 2, height: size.height / 2)
      guard half.shortestSide >= 200 else { continue }
      let halves = CellWidths(half)
      #expect(halves.drawn.contains(smooth) || halves.cut.contains(smooth), "\(size)")
    }
  }

  @Test func itIsReadInPlaceAndNotMarkedTwice() throws {
    let frame = sky(560, 440, amplitude: 1, busy: 110)
    _ = try FlatGraphicsMarkTests.mark(frame)
    var outcome = WatermarkSearch.Outcome()
    AlignedReader([TileCode(WatermarkTests.key)]).read(try BlockFolds(frame), into: &outcome)
    #expect(outcome.finding?.payload == WatermarkTests.payload.bits)
    let side = 8 * Double(CellWidths(frame.size).smooth)
    #expect(outcome.finding?.lattice.ax == side)
    let before = frame.samples
    let again = try FlatGraphicsMarkTests.mark(frame)
    #expect(again.fields.contains { $0.name == "present" })
    #expect(frame.samples == before)
  }
}
