import MediaCore
import Testing

@testable import Labels

/// What a picture's cells are taken to hide.
@Suite struct ActivityMapTests {
  /// Noise of `amplitude` grey levels, with one cell of `level` in its middle.
  private static func map(cell: Int, isCoarse: Bool, amplitude: Float, level: Float) -> ActivityMap {
    let side = 9 * cell
    var random = PolarCodeTests.Random(state: 21)
    let values = (0..<side * side).map { index -> Float in
      let (x, y) = (index % side, index / side)
      return x / cell == 4 && y / cell == 4 ? level : 120 + amplitude * random.normal()
    }
    let plane = LumaPlane(width: side, height: side, values: values)
    return ActivityMap(CellMoments(plane, cell: cell), isCoarse: isCoarse)
  }

  /// Windows of two by two cells all reach over busy ones.
  @Test(arguments: [(8, true), (8, false), (16, false)])
  func aCalmWideCellIsCalmBetweenBusyOnes(_ cell: Int, _ isCoarse: Bool) {
    let map = Self.map(cell: cell, isCoarse: isCoarse, amplitude: 30, level: 4)
    #expect(map.calm[4 * 9 + 4] <= 1)
    #expect(map.calm[4 * 9 + 2] > 10)
  }

  /// What is as busy as its surroundings hides as much as they do.
  @Test(arguments: [(4, false), (8, true), (8, false), (16, false)])
  func aCellLikeThoseAroundIsAsBusy(_ cell: Int, _ isCoarse: Bool) {
    for amplitude: Float in [0.5, 3, 12] {
      let map = Self.map(cell: cell, isCoarse: isCoarse, amplitude: amplitude, level: 120)
      #expect(map.calm[0] > 0.7 * amplitude && map.calm[0] < 1.3 * amplitude)
    }
  }
}
