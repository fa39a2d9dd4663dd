import MediaCore
import Testing

@testable import Labels

/// Flat pictures held as cosine transforms have the copies in blue in the transforms of their blueness.
@Suite struct BluenessMarkingTests {
  private static let steps = [Float](repeating: 3, count: 64)

  /// Boxes of black, with some of grey.
  private static func picture(reduction: Int, colorStep: Float = 4) -> ColorBlockFrame {
    ColorBlockFrame(
      PixelSize(width: 512, height: 384), reduction: reduction, lumaSteps: steps,
      colorSteps: [Float](repeating: colorStep, count: 64)
    ) { column, row in column / 6 % 5 == 4 && row / 7 % 3 == 1 ? 90 : 0 }
  }

  @Test(arguments: [1, 2]) func onBlackTheCopyInBlueIsReadAndLumaIsLeftAlone(_ reduction: Int) throws {
    let (marked, source) = (Self.picture(reduction: reduction), Self.picture(reduction: reduction))
    _ = try FlatGraphicsMarkTests.mark(marked)
    #expect(try FlatGraphicsMarkTests.payloads(in: marked) == [WatermarkTests.payload.description])
    let plane = try #require(try WorkingPlane(bluenessOf: marked))
    let search = WatermarkSearch([TileCode(WatermarkTests.key)])
    #expect(
      search.readAsDrawn(blueness: plane.luma, of: marked.size)?.payload == WatermarkTests.payload.bits)
    // Black is 8 · -128 in steps of 3.
    for block in stride(from: 0, to: source.luma.count, by: 64) where source.luma[block] == -341 {
      #expect(marked.luma[block] == -341)
    }
  }

  @Test(arguments: [1, 2]) func aMarkedPictureIsLeftAsItIs(_ reduction: Int) throws {
    let marked = Self.picture(reduction: reduction)
    _ = try FlatGraphicsMarkTests.mark(marked)
    let once = (Array(marked.luma), Array(marked.blueness))
    let embedding = try FlatGraphicsMarkTests.mark(marked)
    #expect(embedding.fields.contains { $0.name == "present" })
    #expect(Array(marked.luma) == once.0 && Array(marked.blueness) == once.1)
  }

  /// A colour step that nothing reaches leaves no mark anywhere: the picture is refused, and is what it was.
  @Test func aRefusedPictureIsWhatItWas() throws {
    let (refused, source) = (
      ColorBlockFrame(
        PixelSize(width: 512, height: 384), reduction: 2, lumaSteps: Self.steps,
        colorSteps: [Float](repeating: 255, count: 64)
      ) { _, _ in 0 },
      ColorBlockFrame(
        PixelSize(width: 512, height: 384), reduction: 2, lumaSteps: Self.steps,
        colorSteps: [Float](repeating: 255, count: 64)
      ) { _, _ in 0 }
    )
    #expect(throws: MediaError.self) { try FlatGraphicsMarkTests.mark(refused) }
    #expect(Array(refused.luma) == Array(source.luma))
    #expect(Array(refused.blueness) == Array(source.blueness))
  }

  /// Windows of activity all reach over it: a block that is nearly black between bright ones showed as a grey one.
  @Test func aDimBlockBetweenBrightOnesStaysDim() throws {
    let marked = ColorBlockFrame(
      PixelSize(width: 512, height: 384), reduction: 2, lumaSteps: Self.steps,
      colorSteps: [Float](repeating: 4, count: 64)
    ) { column, row in column > 24 || row > 20 ? 0 : (column + row) % 2 == 0 ? 200 : 2.5 }
    let before = Array(marked.luma)
    let dim = Int16((8 * (2.5 - 128) / 3).rounded())
    _ = try FlatGraphicsMarkTests.mark(marked)
    var changes = 0
    for block in stride(from: 0, to: before.count, by: 64) where before[block] == dim {
      #expect(abs(marked.luma[block] - dim) <= 2)
    }
    for (index, value) in before.enumerated() where marked.luma[index] != value { changes += 1 }
    #expect(changes > 0)
  }

  @Test func coarseStepsOfColourAreHeldToTheError() throws {
    for step: Float in [2, 8, 17, 30] {
      let marked = Self.picture(reduction: 2, colorStep: step)
      let embedding = try FlatGraphicsMarkTests.mark(marked)
      let field = try #require(embedding.fields.first { $0.name == "psnr" })
      #expect(Double("\(field.value)").map { $0 > 41.9 } ?? false, "\(step): \(field.value)")
    }
  }
}
