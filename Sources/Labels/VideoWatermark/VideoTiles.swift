internal import MediaCore

/// How large tiles are in video.
enum VideoTiles {
  /// Cells that a frame is wide and high on average.
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
  static let residualFloor: Float = 0.2

  /// Eighths of a pixel that a cell is wide in frames of `pixels`.
  static func eighths(_ width: Width, pixels: Double) -> Int {
    max(8, Int((8 * pixels.squareRoot() / width.cells).rounded()))
  }

  /// Tiles as they are drawn in frames of `size`, in a plane of `across` × `down` that they are reduced to; scaled with the frame
  /// where it was `factor` times as large each way.
  static func lattice(
    _ width: Width, across: Int, down: Int, of size: PixelSize, factor: Double = 1
  ) -> Lattice {
    let side = 8 * Double(eighths(width, pixels: Double(size.pixelCount) * factor * factor)) / factor
    return Lattice(
      ax: side * Double(across) / Double(size.width), ay: 0, bx: 0,
      by: side * Double(down) / Double(size.height))
  }
}
