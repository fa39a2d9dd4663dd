internal import MediaCore

/// Cuts rendered lines to their ink.
enum InkBox {
  /// The part of `coverage` that holds all pixels above zero, nil when there are none.
  static func cut(_ coverage: UnsafeBufferPointer<UInt8>, width: Int, height: Int) -> TextMask? {
    guard let pixels = coverage.baseAddress, width > 0 else { return nil }
    var strongest = [UInt8](repeating: 0, count: height)
    var left = width
    var right = -1
    for y in 0..<height {
      let row = pixels + y * width
      var most: UInt8 = 0
      var x = 0
      // Not `for`: without optimisation a range's iterator costs ten times the comparison.
      while x < width {
        let value = row[x]
        if value > 0 {
          if value > most { most = value }
          if x < left { left = x }
          if x > right { right = x }
        }
        x &+= 1
      }
      strongest[y] = most
    }
    guard let top = strongest.firstIndex(where: { $0 > 0 }),
      let bottom = strongest.lastIndex(where: { $0 > 0 })
    else { return nil }
    var cut: [UInt8] = []
    cut.reserveCapacity((right - left + 1) * (bottom - top + 1))
    for y in top...bottom { cut.append(contentsOf: coverage[y * width + left...y * width + right]) }
    return TextMask(
      width: right - left + 1, height: bottom - top + 1, coverage: cut, inkHeight: inkHeight(strongest))
  }

  /// Rows from the first to the last that is covered by half or more somewhere.
  private static func inkHeight(_ strongest: [UInt8]) -> Int {
    guard let first = strongest.firstIndex(where: { $0 >= 128 }),
      let last = strongest.lastIndex(where: { $0 >= 128 })
    else { return 0 }
    return last - first + 1
  }
}
