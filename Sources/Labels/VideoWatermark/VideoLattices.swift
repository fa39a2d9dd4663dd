internal import MediaCore

extension VideoTiles {
  /// Lattices looked at in place in one picture, or sum of pictures, for each key.
  static let mostInPlace = 10

  /// Tiles as they would be drawn in pictures of `size`, and in those that it is usually made from, in a plane of `across` × `down`.
  static func drawn(across: Int, down: Int, of size: PixelSize) -> [Lattice] {
    let (shortest, longest) = (Double(size.shortestSide), Double(max(size.width, size.height)))
    var factors = [1.0]
    for factor in usualSides.map({ $0 / shortest }) + usualLengths.map({ $0 / longest })
    where factors.allSatisfy({ abs($0 / factor - 1) > sameFactor }) { factors.append(factor) }
    var lattices: [Lattice] = []
    for factor in factors {
      for width in Width.allCases {
        let lattice = Self.lattice(width, across: across, down: down, of: size, factor: factor)
        // Sizes that are multiples of one another mostly have the same tiles.
        guard lattice.ax >= leastTile, lattice.ax < Double(2 * min(across, down)),
          lattices.allSatisfy({ abs($0.ax / lattice.ax - 1) > sameTile })
        else { continue }
        lattices.append(lattice)
      }
    }
    return lattices
  }

  /// By how much the tiles of one lattice may differ from those of another that is not looked at then: a fifth of a cell over a picture.
  private static let sameTile = 0.0007

  private static let usualSides = [1080.0, 720, 2160, 1440, 540, 480, 360]
  /// Longest sides, for pictures of other shapes.
  private static let usualLengths = [1280.0, 1920]
  /// By how much the sides of one picture may seem to be scaled differently, for they are whole.
  private static let sameFactor = 0.006
  private static let leastTile = 24.0

  /// Cells of pictures that one of `size` may have been cut from, with a third of their area or more: eighths of a pixel.
  static func cut(_ size: PixelSize) -> [Int] {
    var widths: Set<Int> = []
    for width in Width.allCases {
      let own = eighths(width, of: size)
      widths.formUnion(own...Int(largestCut * Double(own)))
    }
    return widths.sorted()
  }

  private static let largestCut = 1.7
}
