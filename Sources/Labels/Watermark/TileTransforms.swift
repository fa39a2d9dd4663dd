/// The cosine transforms of a tile's blocks of 8 × 8 pixels: their first `width` coefficients in natural order, whole rows of eight, where all
/// others are nothing.
struct TileTransforms {
  let width: Int
  /// Block by block, of the tile in both signs of its message.
  let plus: [Float]
  let minus: [Float]
  /// The largest of each coefficient over all blocks.
  let largest: [Float]

  init(_ squares: TileSquares) {
    if squares.block % 8 == 0 {
      // One value a block has nothing but its mean.
      let (plus, minus) = (
        CosineTransform.means(ofBlocks: squares.plus), CosineTransform.means(ofBlocks: squares.minus)
      )
      self.init(
        plus: Self.means(plus, squares), minus: Self.means(minus, squares), width: 8,
        largest: [(plus + minus).reduce(0) { max($0, abs($1)) }] + [Float](repeating: 0, count: 7))
    } else {
      let pattern = TilePattern(squares)
      self.init(
        plus: CosineTransform.blocks(of: pattern.plus, side: pattern.side),
        minus: CosineTransform.blocks(of: pattern.minus, side: pattern.side), width: 64)
    }
  }

  /// Of blocks that were transformed, `width` coefficients each.
  init(plus: [Float], minus: [Float], width: Int) {
    self.init(plus: plus, minus: minus, width: width, largest: Self.largest(plus, minus, width))
  }

  private init(plus: [Float], minus: [Float], width: Int, largest: [Float]) {
    (self.plus, self.minus, self.width, self.largest) = (plus, minus, width, largest)
  }

  /// The first row of coefficients of blocks that have nothing but one of `coefficients` each.
  private static func means(_ coefficients: [Float], _ squares: TileSquares) -> [Float] {
    let (blocks, squaresAcross, blocksAcross) = (
      squares.side / 8, squares.side / squares.block, squares.block / 8
    )
    return [Float](unsafeUninitializedCapacity: 8 * blocks * blocks) { means, count in
      count = 8 * blocks * blocks
      means.initialize(repeating: 0)
      for row in 0..<blocks {
        for column in 0..<blocks {
          let square = row / blocksAcross * squaresAcross + column / blocksAcross
          means[8 * (row * blocks + column)] = coefficients[square]
        }
      }
    }
  }

  private static func largest(_ plus: [Float], _ minus: [Float], _ width: Int) -> [Float] {
    var rows = [SIMD8<Float>](repeating: SIMD8(), count: width / 8)
    for values in [plus, minus] {
      values.withUnsafeBytes { values in
        for row in rows.indices {
          var largest = rows[row]
          for start in stride(from: 32 * row, to: values.count, by: 4 * width) {
            let value = values.loadUnaligned(fromByteOffset: start, as: SIMD8<Float>.self)
            largest.replace(with: value, where: value .> largest)
            largest.replace(with: -value, where: -value .> largest)
          }
          rows[row] = largest
        }
      }
    }
    return rows.flatMap { row in row.indices.map { row[$0] } }
  }
}
