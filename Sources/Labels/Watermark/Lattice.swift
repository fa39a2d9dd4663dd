/// Where tiles repeat: the two sides of a tile in pixels of a plane.
struct Lattice: Hashable {
  var ax: Double
  var ay: Double
  var bx: Double
  var by: Double

  /// Pixels a tile covers.
  var area: Double { abs(ax * by - ay * bx) }

  /// Pixels a cell is wide.
  var cell: Double { area.squareRoot() / Double(TileCode.side) }

  /// The same tiles in a plane with `across` and `down` pixels for each.
  func scaled(_ across: Double, _ down: Double) -> Lattice {
    Lattice(ax: ax * across, ay: ay * down, bx: bx * across, by: by * down)
  }

  /// A square tile of `side` pixels turned by `angle` radians, stretched along its first side by `aspect` and slanted by
  /// `shear`.
  init(side: Double, cosine: Double, sine: Double, aspect: Double, shear: Double) {
    let stretch = aspect.squareRoot()
    ax = side * cosine * stretch
    ay = side * sine * stretch
    bx = -side * sine / stretch + shear * ax
    by = side * cosine / stretch + shear * ay
  }

  /// A tile by its sides.
  init(ax: Double, ay: Double, bx: Double, by: Double) {
    self.ax = ax
    self.ay = ay
    self.bx = bx
    self.by = by
  }

  /// The place of tile coordinates (`i`, `j`).
  @inline(__always)
  func point(_ i: Double, _ j: Double) -> (x: Double, y: Double) { (i * ax + j * bx, i * ay + j * by) }

  /// The same tiles with `symmetry` 0 … 7 undone: quarter turns, and from 4 on mirrored before.
  func turned(_ symmetry: Int) -> Lattice {
    var result = self
    if symmetry >= 4 { (result.ax, result.ay) = (-ax, -ay) }
    for _ in 0..<symmetry % 4 {
      result = Lattice(ax: result.bx, ay: result.by, bx: -result.ax, by: -result.ay)
    }
    return result
  }
}
