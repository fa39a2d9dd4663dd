internal import MediaCore

/// The pixels of a remnant in the squares that copies of a mark are drawn in, each of one value: sums that stand for all of a square's
/// pixels, and where it lies in the tiles of each copy.
struct RemnantSquares {
  /// How strong each copy is, and the squares along a side of its tiles.
  struct Copy {
    let share: Float
    let waves: SquareWaves
    /// Of each square, where it lies in its tile, row by row, and which tile of a period of signs that is.
    var places: [Int32] = []
    var tiles: [Int32] = []

    /// How strong it is in each tile of a period.
    fileprivate func shares(_ signs: [Float]?) -> [Float] {
      (signs ?? [Float](repeating: 1, count: TileCode.signPeriod * TileCode.signPeriod)).map { share * $0 }
    }
  }

  private(set) var copies: [Copy]
  /// Of each square, Σ weight and Σ weight · value.
  private(set) var weights: [Float] = []
  private(set) var values: [Float] = []

  /// Of a picture of `size` with copies of cells of `widths` eighths of a pixel, the narrow one first, and their `shares`.
  init(_ remnant: RemnantPixels, of size: PixelSize, widths: [Int], shares: [Float]) {
    let blocks = widths.map { CellWidths.block(eighths: $0) }
    copies = zip(widths, zip(blocks, shares)).map { width, copy in
      Copy(share: copy.1, waves: SquareWaves(side: 8 * width / copy.0))
    }
    // Squares of wider cells are whole squares of narrower ones.
    let block = blocks.min() ?? 1
    let columns = (size.width + block - 1) / block
    let rows = (size.height + block - 1) / block
    var sums = [SIMD2<Float>](repeating: SIMD2(), count: columns * rows)
    for pixel in remnant.pixels {
      let place = Int(pixel.y) / block * columns + Int(pixel.x) / block
      sums[place] += SIMD2(pixel.weight, pixel.weight * pixel.value)
    }
    for (index, sum) in sums.enumerated() where sum.x > 0 {
      weights.append(sum.x)
      values.append(sum.y)
      for copy in copies.indices {
        let (side, step) = (copies[copy].waves.side, blocks[copy] / block)
        let (x, y) = (index % columns / step, index / columns / step)
        copies[copy].places.append(Int32(y % side * side + x % side))
        let period = TileCode.signPeriod
        copies[copy].tiles.append(Int32(y / side % period * period + x / side % period))
      }
    }
  }

  /// The values of `waves` in each square; with the `signs` of the tiles of a period where they have any.
  func sums(of waves: [TileCode.Wave], re: [Float], im: [Float], signs: [Float]?) -> [Float] {
    var result = [Float](repeating: 0, count: weights.count)
    for copy in copies {
      let tile = copy.waves.sums(of: waves, re: re, im: im)
      let shares = copy.shares(signs)
      for index in result.indices {
        result[index] += shares[Int(copy.tiles[index])] * tile[Int(copy.places[index])]
      }
    }
    return result
  }

  /// The transpose of `sums`: what `values` of the squares come to along each of `waves`.
  func transform(
    _ values: [Float], of waves: [TileCode.Wave], signs: [Float]?
  ) -> (re: [Float], im: [Float]) {
    var (re, im) = ([Float](repeating: 0, count: waves.count), [Float](repeating: 0, count: waves.count))
    for copy in copies {
      var tile = [Float](repeating: 0, count: copy.waves.side * copy.waves.side)
      let shares = copy.shares(signs)
      for index in values.indices {
        tile[Int(copy.places[index])] += shares[Int(copy.tiles[index])] * values[index]
      }
      let part = copy.waves.transform(tile, of: waves)
      re = CellSums.combine(re, part.re, +)
      im = CellSums.combine(im, part.im, +)
    }
    return (re, im)
  }
}
