import MediaCore
import Testing

@Suite struct GeometryTests {
  static let rects = [
    PixelRect(x: 0, y: 0, width: 1, height: 1), PixelRect(x: 3, y: 9, width: 17, height: 5),
    PixelRect(x: 30, y: 0, width: 2, height: 40), PixelRect(x: 8, y: 8, width: 16, height: 16),
  ]
  static let bounds = PixelSize(width: 33, height: 41)

  @Test(arguments: rects) func alignmentRoundsOutToTheGridOrTheEdge(_ rect: PixelRect) {
    let grid = PixelSize(width: 16, height: 8)
    let inside = rect.grown(by: 0, within: Self.bounds)
    let aligned = inside.aligned(to: grid, within: Self.bounds)
    #expect(aligned.intersection(inside) == inside)
    #expect(aligned.x % grid.width == 0 && aligned.y % grid.height == 0)
    #expect(aligned.maxX % grid.width == 0 || aligned.maxX == Self.bounds.width)
    #expect(aligned.maxY % grid.height == 0 || aligned.maxY == Self.bounds.height)
    #expect(aligned.width - inside.width < 2 * grid.width && aligned.height - inside.height < 2 * grid.height)
  }

  @Test(arguments: rects, rects) func unionHoldsBothAndIntersectionIsInBoth(_ a: PixelRect, _ b: PixelRect) {
    let union = a.union(b)
    #expect(union.intersection(a) == a && union.intersection(b) == b)
    let common = a.intersection(b)
    #expect(common.isEmpty || (common.intersection(a) == common && common.intersection(b) == common))
    #expect(a.intersection(b) == b.intersection(a) || common.isEmpty)
  }

  @Test func pixelCountOfALyingHeaderSaturates() {
    #expect(PixelSize(width: .max, height: 3).pixelCount == .max)
    #expect(PixelSize(width: 65_535, height: 65_535).pixelCount == 4_294_836_225)
  }
}
