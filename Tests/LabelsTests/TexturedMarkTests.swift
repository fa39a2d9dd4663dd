import MediaCore
import Testing

@testable import Labels

/// Textured pictures have cells of a width of their own, which are read in place as others are.
@Suite struct TexturedMarkTests {
  static let side = 512

  /// Noise, as cloth and gravel have it.
  static func picture(_ width: Int = side, _ height: Int = side, seed: UInt64 = 11) -> PlaneFrame {
    var random = PolarCodeTests.Random(state: seed)
    return PlaneFrame(
      size: PixelSize(width: width, height: height), model: .gray,
      planes: [
        SamplePlane(
          width: width, height: height,
          samples: (0..<width * height).map { _ in UInt16(min(max(128 + 30 * random.normal(), 0), 255)) })
      ])
  }

  /// What a look at cells of textures shows of the mark.
  private func look(_ frame: any Frame, isEven: Bool) throws -> WatermarkSearch.Outcome {
    let textured = try #require(CellWidths(frame.size).ownTextured)
    var outcome = WatermarkSearch.Outcome()
    AlignedReader([TileCode(WatermarkTests.key)]).read(
      try BlockFolds(frame, only: textured, isEven: isEven), into: &outcome)
    return outcome
  }

  @Test(arguments: [false, true]) func itIsReadInPlaceFromSamples(_ isEven: Bool) throws {
    let frame = Self.picture()
    #expect(try look(frame, isEven: isEven).finding == nil)
    _ = try WatermarkTests.mark(frame)
    let found = try look(frame, isEven: isEven).finding
    #expect(found?.payload == WatermarkTests.payload.bits)
    #expect(found?.lattice.ax == 8 * Double(CellWidths(frame.size).textured))
    #expect(try WatermarkTests.payloads(in: frame) == [WatermarkTests.payload.description])
  }

  @Test(arguments: [false, true]) func itIsReadInPlaceFromCoefficients(_ isEven: Bool) throws {
    let steps: [Float] = (0..<64).map { (place: Int) -> Float in 2 + Float(place / 8 + place % 8) }
    let frame = BlockFrame(Self.picture(), steps: steps)
    _ = try ImageWatermarkEmbedder(TileCode(WatermarkTests.key), WatermarkTests.payload).embed(in: frame)
    #expect(try look(frame, isEven: isEven).finding?.payload == WatermarkTests.payload.bits)
  }

  /// Neither as it is nor turned, shifted and mirrored.
  @Test func itIsNotMarkedTwice() throws {
    let frame = Self.picture()
    _ = try WatermarkTests.mark(frame)
    let samples = frame.planes[0].samples
    for turn in 0..<3 {
      frame.planes[0].samples = samples.indices.map { place in
        let (x, y) = (place % Self.side, place / Self.side)
        return switch turn {
        case 0: samples[place]
        case 1: samples[(Self.side - 1 - x) * Self.side + y]
        default: samples[(y + 5) % Self.side * Self.side + (Self.side - 1 - x)]
        }
      }
      let before = frame.planes
      #expect(try WatermarkTests.mark(frame).fields.contains { $0.name == "present" }, "\(turn)")
      #expect(frame.planes == before)
    }
  }

  @Test func itsWidthIsOneThatIsDrawn() {
    for side in stride(from: 128, through: 4000, by: 36) {
      let widths = CellWidths(PixelSize(width: side * 4 / 3, height: side))
      guard let textured = widths.ownTextured else {
        #expect(widths.drawnMostly.contains(widths.textured) || side < 480)
        continue
      }
      #expect(textured == widths.textured && widths.drawn.contains(textured))
      #expect(!widths.drawnMostly.contains(textured))
    }
  }
}
