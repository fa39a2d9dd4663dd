internal import MediaCore

/// The means of a picture's luma over a grid, read by the shortest way that the frame offers.
enum FingerprintMeans {
  /// At most `side` means each way, of all that they stand for.
  static func plane(of frame: any Frame, side: Int) throws(MediaError) -> LumaPlane {
    if let blocks = frame as? any CoefficientFrame, let grid = blocks.lumaGrid {
      return try readsFirst(frame.size, side)
        ? first(of: blocks, grid, side) : samples(of: blocks, grid, side)
    }
    let size = frame.size
    if let packed = frame as? any PackedFrame, let channels = packed.packedChannels, !channels.hasAlpha {
      var reducer = PackedReducer(size, channels, to: side)
      try packed.readPackedRows(0..<size.height) { y, row in reducer.add(row, y: y) }
      return reducer.plane
    }
    var reducer = LumaReducer(width: size.width, height: size.height, to: (side, side))
    try LumaRows.forEach(of: frame) { y, luma in reducer.add(luma, y: y) }
    return reducer.plane
  }

  /// Whether a picture of `size` that is held as coefficients has whole blocks for all means.
  static func readsFirst(_ size: PixelSize, _ side: Int) -> Bool { size.shortestSide / 8 >= side }

  /// The first coefficient of a block is eight times its mean: no pixel need be decoded. Blocks that reach beyond the picture
  /// are left out.
  private static func first(
    of frame: any CoefficientFrame, _ grid: CoefficientGrid, _ side: Int
  ) throws(MediaError) -> LumaPlane {
    let (columns, rows) = (frame.size.width / 8, frame.size.height / 8)
    let scale = (grid.steps.first ?? 0) / 8
    var reducer = LumaReducer(width: columns, height: rows, to: (side, side))
    let first = UnsafeMutablePointer<Int16>.allocate(capacity: grid.columns)
    let line = UnsafeMutablePointer<Float>.allocate(capacity: columns)
    defer {
      first.deallocate()
      line.deallocate()
    }
    for row in 0..<rows {
      try frame.readFirst(row: row, into: first)
      for column in 0..<columns { line[column] = Float(first[column]) * scale + 128 }
      reducer.add(line, y: row)
    }
    return reducer.plane
  }

  /// Without the other components.
  private static func samples(
    of frame: any CoefficientFrame, _ grid: CoefficientGrid, _ side: Int
  ) throws(MediaError) -> LumaPlane {
    let (size, pitch) = (frame.size, 8 * grid.columns)
    var reducer = LumaReducer(width: size.width, height: size.height, to: (side, side))
    let samples = UnsafeMutablePointer<UInt16>.allocate(capacity: 8 * pitch)
    let line = UnsafeMutablePointer<Float>.allocate(capacity: size.width)
    defer {
      samples.deallocate()
      line.deallocate()
    }
    for row in 0..<grid.rows {
      try frame.readLuma(row: row, into: samples)
      for y in 8 * row..<min(8 * row + 8, size.height) {
        let source = samples + (y - 8 * row) * pitch
        for x in 0..<size.width { line[x] = Float(source[x]) }
        reducer.add(line, y: y)
      }
    }
    return reducer.plane
  }
}
