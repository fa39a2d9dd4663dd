import MediaCore
import Testing

@testable import Labels

/// The mark where everything is textured.
@Suite struct TexturedMarkTests {
  @Test func texturesHaveSmallerCellsAndAreMarkedOnce() throws {
    let side = 512
    var random = PolarCodeTests.Random(state: 9)
    let grain = SamplePlane(
      width: side, height: side, maxValue: 255,
      samples: (0..<side * side).map { _ in UInt16(min(max(128 + 24 * random.normal(), 0), 255)) })
    let frame = PlaneFrame(
      size: PixelSize(width: side, height: side), model: .gray, planes: [grain], alpha: nil)
    _ = try WatermarkTests.mark(frame)
    let marked = frame.planes[0].samples
    let detector = ImageWatermarkDetector(
      [WatermarkTests.key], WatermarkSearch([TileCode(WatermarkTests.key)]))
    try detector.observe(frame)
    let detection = try #require(try detector.finish().first)
    #expect(detection["payload"] == WatermarkTests.payload.description)
    #expect(detection["cell"] == "0.875")
    _ = try WatermarkTests.mark(frame)
    #expect(frame.planes[0].samples == marked)
  }

  @Test(arguments: [PixelSize(width: 512, height: 512), PixelSize(width: 720, height: 1152)])
  func widthsThatAreDrawnAreSearched(size: PixelSize) {
    let drawn = ImageWatermarkEmbedder.drawn(size)
    #expect(drawn.contains(ImageWatermarkEmbedder.eighthsWhereTextured(for: size)))
    #expect(drawn.first == ImageWatermarkEmbedder.eighths(for: size))
    #expect(drawn.last == ImageWatermarkEmbedder.eighths(for: size, isFlat: true))
    #expect(Set(ImageWatermarkEmbedder.drawnMostly(size)).isSubset(of: drawn))
  }

  /// Of a picture of 768 pixels a seventh may be left, whose own cells would be a third as wide as those drawn.
  @Test func widthsOfFlatPicturesThatAreCutAreSearched() {
    let whole = ImageWatermarkEmbedder.eighths(for: PixelSize(width: 768, height: 768), isFlat: true)
    let part = ImageWatermarkEmbedder.eighths(for: PixelSize(width: 297, height: 297), isFlat: true)
    #expect(ImageWatermarkEmbedder.cutWhereFlat(part).contains(whole))
  }
}
