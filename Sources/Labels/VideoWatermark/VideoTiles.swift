internal import MediaCore

/// How large tiles are in video.
enum VideoTiles {
  /// Cells that a frame of 16 : 9 is wide and high on average.
  enum Width: CaseIterable {
    /// Half of a still's: video is scaled down and coded more coarsely than pictures are, and what is left of it then are slow
    /// waves. At 360p the finest is 7 pixels long, which a coarse quantiser keeps.
    case wide
    /// For texture everywhere, such as grass: its own slow waves are stronger than the mark's, and a quantiser keeps more of it.
    case narrow

    fileprivate var cells: Double { self == .wide ? 260 : 400 }

    /// The width for a clip by one of its frames.
    init(_ map: BlockActivity) {
      let mean = map.calm.reduce(0, +) / Float(max(1, map.calm.count))
      self = mean < Self.textured ? .wide : .narrow
    }

    /// Mean of `BlockActivity.calm` from which on a frame counts as textured: of 17 clips four had 4.3 to 8.9, the others at most 1.7.
    private static let textured: Float = 3
  }

  /// Pixels of the planes searched at most: two for a cell, so that a mark shown at half its size is still resolved.
  static let searchedPixels = 200_000.0
  /// As in `Residual`: a codec leaves of flat places steps of less than a grey level, and the mark decides which way they go.
  static let residualFloor: Float = 0.1

  /// Eighths of a pixel that a cell is wide in frames of `across` × `down` pixels. Copies are scaled to a height: in 360 lines an upright
  /// picture has a third of a wide one's pixels, and cells that followed its area would be too small for a codec. They follow the
  /// height of 16 : 9 as far as enough tiles are left: with all of it one frame of a busy upright clip was not read any more.
  static func eighths(_ width: Width, across: Double, down: Double) -> Int {
    let side = (across * down).squareRoot()
    return max(8, Int((8 * max(side, min(4 * down / 3, mostWidened * side)) / width.cells).rounded()))
  }

  private static let mostWidened = 1.25

  static func eighths(_ width: Width, of size: PixelSize) -> Int {
    eighths(width, across: Double(size.width), down: Double(size.height))
  }

  /// Tiles as they are drawn in frames of `size`, in a plane of `across` × `down` that they are reduced to; scaled with the frame
  /// where it was `factor` times as large each way.
  static func lattice(
    _ width: Width, across: Int, down: Int, of size: PixelSize, factor: Double = 1
  ) -> Lattice {
    let side =
      8 * Double(eighths(width, across: Double(size.width) * factor, down: Double(size.height) * factor))
      / factor
    return Lattice(
      ax: side * Double(across) / Double(size.width), ay: 0, bx: 0,
      by: side * Double(down) / Double(size.height))
  }
}
