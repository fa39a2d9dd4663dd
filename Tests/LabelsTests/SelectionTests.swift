import Testing

@testable import Labels

@Suite struct SelectionTests {
  @Test func everyRankIsThatOfTheSortedList() {
    var state: UInt64 = 1
    for count in [1, 2, 3, 7, 40, 333] {
      for levels in [1, 2, 5, 1000] {
        let values = (0..<count).map { _ -> Float in
          state = state &* 6_364_136_223_846_793_005 &+ 1
          return Float(Int(state >> 33) % levels)
        }
        for list in [values, values.sorted(), Array(values.sorted().reversed())] {
          for rank in 0..<count {
            var copy = list
            #expect(Selection.value(atRank: rank, of: &copy) == list.sorted()[rank])
          }
        }
      }
    }
  }
}
