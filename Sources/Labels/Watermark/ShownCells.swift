internal import CSignal
internal import MediaCore

/// How much of each cell of a picture is shown: a pixel that is fully transparent is not marked, so that what lies under it tells
/// nothing of how well a mark can be read, nor how visible it is.
struct ShownCells {
  /// Shares of the cells, 0 … 1, row by row; empty where all of the picture is shown.
  let shares: [Float]
  /// The share of the picture.
  let total: Double

  /// All of a picture.
  static let all = ShownCells(shares: [], total: 1)

  private init(shares: [Float], total: Double) {
    self.shares = shares
    self.total = total
  }

  /// Of `frame`, on the grid of `moments`.
  init(_ frame: any Frame, on moments: CellMoments) throws(MediaError) {
    guard var count = try Count(frame, moments) else {
      self = .all
      return
    }
    try count.add(frame)
    let sum = count.pixels.reduce(0) { $0 + Int($1) }
    let shares = count.pixels.map { Float($0) / Float(Count.rows * moments.cell) }
    let all = Count.rows * moments.cell * shares.count
    self.init(shares: sum == all ? [] : shares, total: Double(sum) / Double(max(1, all)))
  }

  /// Pixels that are not fully transparent in two rows of each cell: the edge of what is shown need not be known to the pixel.
  private struct Count {
    static let rows = 2
    private(set) var pixels: [Int32]
    private let cell: Int
    private let columns: Int
    private let lines: Int

    /// Nil for a frame without transparency.
    init?(_ frame: any Frame, _ moments: CellMoments) throws(MediaError) {
      let packed = frame as? any PackedFrame
      if let channels = packed?.packedChannels {
        guard channels.hasAlpha else { return nil }
      } else {
        if let frame = frame as? any CoefficientFrame, frame.lumaGrid != nil { return nil }
        let size = frame.size
        let first = PixelRect(x: 0, y: 0, width: size.width, height: min(LumaBand.rows, size.height))
        guard try frame.readRegion(first).alpha != nil else { return nil }
      }
      (cell, columns, lines) = (moments.cell, moments.columns, moments.rows)
      pixels = [Int32](repeating: 0, count: moments.columns * moments.rows)
    }

    mutating func add(_ frame: any Frame) throws(MediaError) {
      if let packed = frame as? any PackedFrame, let channels = packed.packedChannels {
        for y in wanted(0..<frame.size.height) {
          try packed.readPackedRow(y) { row in
            pixels.withUnsafeMutableBufferPointer { pixels in
              guard let line = pixels.baseAddress.map({ $0 + y / cell * columns }) else { return }
              tm_pixels_shown(row, Int32(channels.rawValue), Int32(cell), Int32(columns), line)
            }
          }
        }
        return
      }
      for y in stride(from: 0, to: frame.size.height, by: LumaBand.rows) {
        let height = min(LumaBand.rows, frame.size.height - y)
        let region = try frame.readRegion(PixelRect(x: 0, y: y, width: frame.size.width, height: height))
        guard region.rect.y == y, let alpha = region.alpha else { continue }
        for row in wanted(y..<y + height) {
          let line = (row - y) * alpha.width
          alpha.samples.withUnsafeBufferPointer { samples in add(row) { samples[line &+ $0] != 0 } }
        }
      }
    }

    /// Rows at a quarter and three quarters of their cells.
    private func wanted(_ rows: Range<Int>) -> [Int] {
      rows.filter { $0 / cell < lines && ($0 % cell == cell / 4 || $0 % cell == 3 * cell / 4) }
    }

    @inline(__always)
    private mutating func add(_ y: Int, _ isShown: (_ x: Int) -> Bool) {
      let line = y / cell * columns
      for column in 0..<columns {
        var shown: Int32 = 0
        for x in column &* cell..<(column &+ 1) &* cell { shown &+= isShown(x) ? 1 : 0 }
        pixels[line &+ column] &+= shown
      }
    }
  }
}
