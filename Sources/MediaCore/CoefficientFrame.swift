/// One component of a frame that is held as 8 × 8 discrete cosine transforms (T.81 A.3.3).
public struct CoefficientGrid: Sendable, Hashable {
  /// Blocks in a row that show the picture; the last may reach beyond its edge.
  public let columns: Int
  /// Rows of such blocks.
  public let rows: Int
  /// Quantisation steps in natural order, 64.
  public let steps: [Float]
  /// Pixels of the picture along a sample's side.
  public let reduction: Int

  /// Samples of all blocks.
  public var size: PixelSize { PixelSize(width: 8 * columns, height: 8 * rows) }

  /// A grid of blocks.
  public init(columns: Int, rows: Int, steps: [Float], reduction: Int = 1) {
    self.columns = columns
    self.rows = rows
    self.steps = steps
    self.reduction = reduction
  }
}

/// A component of a frame that can be edited as coefficients.
public enum CoefficientPlane: Sendable {
  /// Grey levels.
  case luma
  /// Cb: blue less luma, over 1.772 (BT.601).
  case blueness
}

/// A frame whose luma can be edited as coefficients, without a decoding.
public protocol CoefficientFrame: Frame {
  /// The luma's blocks, one sample a pixel; nil where no component is luma at full resolution.
  var lumaGrid: CoefficientGrid? { get }
  /// The blocks of blueness, of samples that span as many pixels across as down; nil where there are none beside luma's.
  var bluenessGrid: CoefficientGrid? { get }
  /// The quantised coefficients of the blocks of row `row`, 64 each in natural order; valid until the next call.
  func blocks(of plane: CoefficientPlane, row: Int) throws(MediaError) -> UnsafeMutablePointer<Int16>
  /// Sets `first`, as many as the grid has columns, to the first coefficients of the luma's blocks of row `row`: eight times their
  /// means less 128, over the first step. That may cost much less than `blocks` does.
  func readFirst(row: Int, into first: UnsafeMutablePointer<Int16>) throws(MediaError)
  /// Sets `samples` to the luma that the blocks of row `row` show, 0 … 255: eight rows, 8 × the grid's columns each.
  func readLuma(row: Int, into samples: UnsafeMutablePointer<UInt16>) throws(MediaError)
  /// To be called with which blocks of row `row` were edited: other than zero, by column; before other blocks are asked for.
  func noteEdits(of plane: CoefficientPlane, row: Int, _ edited: UnsafePointer<UInt8>)
}

extension CoefficientFrame {
  /// As `blocks(of:row:)`.
  public func lumaBlocks(row: Int) throws(MediaError) -> UnsafeMutablePointer<Int16> {
    try blocks(of: .luma, row: row)
  }

  /// Those of `blocks`.
  public func readFirst(row: Int, into first: UnsafeMutablePointer<Int16>) throws(MediaError) {
    let blocks = try lumaBlocks(row: row)
    for column in 0..<(lumaGrid?.columns ?? 0) { first[column] = blocks[64 * column] }
  }
}
