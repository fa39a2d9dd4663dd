internal import MediaCore

/// Cuts rendered lines to their ink.
enum InkBox {
  /// The part of `coverage` that holds all pixels above zero, nil when there are none.
  static func cut(_ coverage: UnsafeBufferPointer<UInt8>, width: Int, height: Int) -> TextMask? {
    var strongest = [UInt8](repeating: 0, count: height)
    var left = width
    var right = -1
    for y in 0..<height {
      let row = UnsafeBufferPointer(rebasing: coverage[y * width..<(y + 1) * width])
      guard let first = row.firstIndex(where: { $0 > 0 }), let last = row.lastIndex(where: { $0 > 0 }) else {
        continue
      }
      left = min(left, first)
      right = max(right, last)
      strongest[y] = row.max() ?? 0
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
