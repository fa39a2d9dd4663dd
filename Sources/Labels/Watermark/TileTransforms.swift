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
      self.init(plus: Self.means(squares.plus, squares), minus: Self.means(squares.minus, squares), width: 8)
    } else {
      let pattern = TilePattern(squares)
      self.init(
        plus: CosineTransform.blocks(of: pattern.plus, side: pattern.side),
        minus: CosineTransform.blocks(of: pattern.minus, side: pattern.side), width: 64)
    }
  }

  /// Of blocks that were transformed, `width` coefficients each.
  init(plus: [Float], minus: [Float], width: Int) {
    (self.plus, self.minus, self.width) = (plus, minus, width)
    largest = Self.largest(plus, minus, width)
  }

  /// The first row of coefficients of blocks of one of `values` each.
  private static func means(_ values: [Float], _ squares: TileSquares) -> [Float] {
    let (blocks, squaresAcross, blocksAcross) = (
      squares.side / 8, squares.side / squares.block, squares.block / 8
    )
    return [Float](unsafeUninitializedCapacity: 8 * blocks * blocks) { means, count in
      count = 8 * blocks * blocks
      means.initialize(repeating: 0)
      for row in 0..<blocks {
        for column in 0..<blocks {
          let value = values[row / blocksAcross * squaresAcross + column / blocksAcross]
          means[8 * (row * blocks + column)] = CosineTransform.mean(ofBlock: value)
        }
      }
    }
  }

  private static func largest(_ plus: [Float], _ minus: [Float], _ width: Int) -> [Float] {
    var largest = [Float](repeating: 0, count: width)
    for values in [plus, minus] {
      values.withUnsafeBufferPointer { values in
        largest.withUnsafeMutableBufferPointer { largest in
          for start in stride(from: 0, to: values.count, by: width) {
            for k in 0..<width {
              let value = abs(values[start &+ k])
              largest[k] = value > largest[k] ? value : largest[k]
            }
          }
        }
      }
    }
    return largest
  }
}
