import MediaCore
import Testing

@testable import Labels

/// A payload that was made for a picture just now is not looked for in it, which changes nothing of what is drawn.
@Suite struct NewPayloadTests {
  static let side = 512

  enum Content: CaseIterable, Sendable {
    case photograph, drawing, texture
  }

  private func grey(_ content: Content) -> PlaneFrame {
    switch content {
    case .photograph: return WatermarkTests.picture(Self.side, Self.side)
    case .drawing:
      let drawing = FlatGraphicsMarkTests.picture(Self.side, Self.side)
      return frame { UInt16(drawing.samples[3 * $0]) }
    case .texture:
      var random = PolarCodeTests.Random(state: 11)
      return frame { _ in UInt16(min(max(128 + 30 * random.normal(), 0), 255)) }
    }
  }

  private func frame(_ sample: (Int) -> UInt16) -> PlaneFrame {
    PlaneFrame(
      size: PixelSize(width: Self.side, height: Self.side), model: .gray,
      planes: [
        SamplePlane(
          width: Self.side, height: Self.side, samples: (0..<Self.side * Self.side).map(sample))
      ])
  }

  private func mark(_ frame: any Frame, isNew: Bool) throws -> Embedding {
    try ImageWatermarkEmbedder(TileCode(WatermarkTests.key), WatermarkTests.payload, isNew: isNew)
      .embed(in: frame)
  }

  @Test(arguments: Content.allCases) func samplesAreMarkedAlike(_ content: Content) throws {
    let (one, other) = (grey(content), grey(content))
    let (known, new) = (try mark(one, isNew: false), try mark(other, isNew: true))
    #expect(known.fields == new.fields)
    #expect(one.planes == other.planes && one.planes != grey(content).planes)
  }

  @Test(arguments: Content.allCases) func coefficientsAreMarkedAlike(_ content: Content) throws {
    let steps: [Float] = (0..<64).map { (place: Int) -> Float in 2 + 0.5 * Float(place / 8 + place % 8) }
    let (one, other) = (BlockFrame(grey(content), steps: steps), BlockFrame(grey(content), steps: steps))
    let source = one.coefficients
    let (known, new) = (try mark(one, isNew: false), try mark(other, isNew: true))
    #expect(known.fields == new.fields)
    #expect(one.coefficients == other.coefficients && one.coefficients != source)
  }

  @Test func coloursAreMarkedAlike() throws {
    let (one, other) = (
      FlatGraphicsMarkTests.picture(Self.side, Self.side), FlatGraphicsMarkTests.picture(Self.side, Self.side)
    )
    _ = try mark(one, isNew: false)
    _ = try mark(other, isNew: true)
    #expect(one.samples == other.samples)
  }

  /// What it saves: whoever says that a payload is new is believed.
  @Test func itIsNotLookedFor() throws {
    let picture = grey(.photograph)
    _ = try mark(picture, isNew: true)
    #expect(try mark(picture, isNew: false).fields.contains { $0.name == "present" })
    #expect(try !mark(picture, isNew: true).fields.contains { $0.name == "present" })
  }
}
