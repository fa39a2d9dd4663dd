import MediaCore
import Testing

/// The eight orientations against matrices turned and mirrored step by step.
@Suite struct OrientationTests {
  typealias Matrix = [[Int]]

  private static func mirrored(_ m: Matrix) -> Matrix { m.map { $0.reversed() } }
  private static func turnedRight(_ m: Matrix) -> Matrix {
    guard let columns = m.first?.count else { return [] }
    return (0..<columns).map { column in m.reversed().map { $0[column] } }
  }

  /// What CIPA DC-008 says a viewer does with stored rows.
  private static func shown(_ m: Matrix, _ orientation: Orientation) -> Matrix {
    switch orientation {
    case .up: m
    case .upMirrored: mirrored(m)
    case .down: turnedRight(turnedRight(m))
    case .downMirrored: turnedRight(turnedRight(mirrored(m)))
    case .leftMirrored: turnedRight(turnedRight(turnedRight(mirrored(m))))
    case .right: turnedRight(m)
    case .rightMirrored: turnedRight(mirrored(m))
    case .left: turnedRight(turnedRight(turnedRight(m)))
    }
  }

  @Test(arguments: Orientation.allCases) func storedPointFindsEveryShownPixel(_ orientation: Orientation) {
    let stored = PixelSize(width: 5, height: 3)
    let matrix = (0..<stored.height).map { y in (0..<stored.width).map { x in y * 10 + x } }
    let expected = Self.shown(matrix, orientation)
    let display = orientation.displaySize(ofStored: stored)
    #expect(expected.count == display.height && expected[0].count == display.width)
    for y in 0..<display.height {
      for x in 0..<display.width {
        let point = orientation.storedPoint(displayX: x, y: y, display: display)
        #expect(matrix[point.y][point.x] == expected[y][x])
      }
    }
  }

  @Test(arguments: Orientation.allCases) func storedRectHoldsExactlyTheShownPixels(_ orientation: Orientation)
  {
    let display = orientation.displaySize(ofStored: PixelSize(width: 40, height: 30))
    let rect = PixelRect(x: 3, y: 5, width: 11, height: 7)
    let stored = orientation.storedRect(displayed: rect, display: display)
    var seen = Set<[Int]>()
    for y in rect.y..<rect.maxY {
      for x in rect.x..<rect.maxX {
        let point = orientation.storedPoint(displayX: x, y: y, display: display)
        seen.insert([point.x, point.y])
      }
    }
    var expected = Set<[Int]>()
    for y in stored.y..<stored.maxY { for x in stored.x..<stored.maxX { expected.insert([x, y]) } }
    #expect(seen == expected)
  }
}
