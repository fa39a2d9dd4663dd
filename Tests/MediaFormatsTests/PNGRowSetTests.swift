import Testing

@testable import MediaFormats

/// Rows that were inserted, in any order, are what a set of them holds, as ranges that do not touch.
@Suite struct PNGRowSetTests {
  @Test(arguments: [
    [0..<1, 1..<2, 2..<3], [5..<6, 0..<1, 1..<2, 2..<5], [0..<4, 6..<8, 3..<5, 5..<6], [2..<9, 3..<4, 0..<2],
    [8..<9, 4..<5, 0..<1, 3..<6, 0..<9], [4..<6, 0..<4, 6..<6], [0..<2, 4..<5, 2..<3, 3..<4, 5..<6],
  ]) func rowsAreThoseInserted(_ inserted: [Range<Int>]) {
    var rows = PNGRowSet(0..<0)
    var expected: Set<Int> = []
    for range in inserted {
      rows.insert(range)
      expected.formUnion(range)
      #expect(rows.ranges.flatMap { Array($0) } == expected.sorted())
      #expect(zip(rows.ranges, rows.ranges.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
    }
  }
}
