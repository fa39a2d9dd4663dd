/// The coverage of one line of text, cut to its ink: row 0 and the last row both carry ink.
public struct TextMask: Sendable, Hashable {
  /// Columns.
  public let width: Int
  /// Rows.
  public let height: Int
  /// `width × height` coverages, 0 … 255, row by row.
  public let coverage: [UInt8]
  /// Rows from the first to the last whose strongest pixel is covered by half or more: the height of the ink as
  /// a person or a threshold sees it.
  public let inkHeight: Int

  /// A line's coverage.
  public init(width: Int, height: Int, coverage: [UInt8], inkHeight: Int) {
    precondition(coverage.count == width * height)
    self.width = width
    self.height = height
    self.coverage = coverage
    self.inkHeight = inkHeight
  }
}

/// Turns text into coverage. Owned by one worker.
public protocol Typesetter: AnyObject {
  /// The line `text`, shaped, at the smallest size whose ink is at least `inkHeight` rows high. Throws
  /// `invalidArgument` for an empty text or a character without a glyph, naming it.
  func mask(for text: String, inkHeight: Int) throws(MediaError) -> TextMask
}
