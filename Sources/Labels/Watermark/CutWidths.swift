extension ImageWatermarkEmbedder {
  /// How many times wider than a picture one may have been that it was cut from.
  static let largestCut = 2.6

  /// Eighths of a pixel that cells have in larger pictures, which one with cells of `drawn` may be cut from: the usual width
  /// comes first in `drawn`, that of flat pictures last.
  static func cut(_ drawn: [Int]) -> [Int] {
    guard let usual = drawn.first else { return [] }
    let widths = usual...Int(Double(usual) * largestCut)
    let flat = drawn.last.map { cutWhereFlat($0).filter { !widths.contains($0) } } ?? []
    return (Array(widths) + (drawn.count > 1 ? flat : [])).filter { !drawn.contains($0) }
  }

  /// The same for flat pictures, whose widths are few.
  static func cutWhereFlat(_ drawn: Int) -> [Int] {
    let widest = wholeBlocks(Int(Double(drawn) * largestCut))
    return (drawn + 1..<max(drawn, widest) + 1).filter { wholeBlocks($0) == $0 }
  }
}
