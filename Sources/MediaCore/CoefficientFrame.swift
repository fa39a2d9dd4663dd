/// The luma of a frame that is held as 8 × 8 discrete cosine transforms (T.81 A.3.3).
public struct CoefficientGrid: Sendable, Hashable {
  /// Blocks in a row that show the picture; the last may reach beyond its edge.
  public let columns: Int
  /// Rows of such blocks.
  public let rows: Int
  /// Quantisation steps in natural order, 64.
  public let steps: [Float]

  /// A grid of blocks.
  public init(columns: Int, rows: Int, steps: [Float]) {
    self.columns = columns
    self.rows = rows
    self.steps = steps
  }
}

/// A frame whose luma can be edited as coefficients, without a decoding.
public protocol CoefficientFrame: Frame {
  /// The luma's blocks, one sample a pixel; nil where no component is luma at full resolution.
  var lumaGrid: CoefficientGrid? { get }
  /// The quantised coefficients of the blocks of row `row`, 64 each in natural order; valid until the next call.
  func lumaBlocks(row: Int) throws(MediaError) -> UnsafeMutablePointer<Int16>
  /// To be called with which blocks of row `row` were edited: other than zero, by column.
  func noteLumaEdits(row: Int, _ edited: UnsafePointer<UInt8>)
}
