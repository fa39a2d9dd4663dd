/// Width × height in pixels.
public struct PixelSize: Sendable, Hashable, CustomStringConvertible {
  /// Columns.
  public var width: Int
  /// Rows.
  public var height: Int

  /// Width × height in pixels.
  public init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  /// min(width, height): what GB 45438-2025 5.2 measures the text height against.
  public var shortestSide: Int { min(width, height) }
  /// Width × height; saturates instead of trapping on lying headers.
  public var pixelCount: Int {
    let (product, overflow) = width.multipliedReportingOverflow(by: height)
    return overflow ? .max : product
  }
  /// `width×height`.
  public var description: String { "\(width)×\(height)" }
}

/// A half-open rectangle of pixels, origin at the top left.
public struct PixelRect: Sendable, Hashable, CustomStringConvertible {
  /// Left column.
  public var x: Int
  /// Top row.
  public var y: Int
  /// Columns; never negative.
  public var width: Int
  /// Rows; never negative.
  public var height: Int

  /// The rectangle `[x, x + width) × [y, y + height)`.
  public init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// First column to the right of the rectangle.
  public var maxX: Int { x + width }
  /// First row below the rectangle.
  public var maxY: Int { y + height }
  /// Whether no pixel is inside.
  public var isEmpty: Bool { width <= 0 || height <= 0 }
  /// Width × height.
  public var size: PixelSize { PixelSize(width: width, height: height) }
  /// `[x, y, width, height]`, the form of `box` in reports.
  public var array: [Int] { [x, y, width, height] }
  /// `x,y width×height`.
  public var description: String { "\(x),\(y) \(width)×\(height)" }

  /// The part inside both, empty (zero size) where they do not meet.
  public func intersection(_ other: PixelRect) -> PixelRect {
    let left = max(x, other.x)
    let top = max(y, other.y)
    return PixelRect(
      x: left, y: top, width: max(0, min(maxX, other.maxX) - left),
      height: max(0, min(maxY, other.maxY) - top))
  }

  /// The smallest rectangle that holds both.
  public func union(_ other: PixelRect) -> PixelRect {
    if isEmpty { return other }
    if other.isEmpty { return self }
    let left = min(x, other.x)
    let top = min(y, other.y)
    return PixelRect(
      x: left, y: top, width: max(maxX, other.maxX) - left, height: max(maxY, other.maxY) - top)
  }

  /// Grown by `margin` pixels on every side (shrunk when negative), cut to `bounds`.
  public func grown(by margin: Int, within bounds: PixelSize) -> PixelRect {
    PixelRect(x: x - margin, y: y - margin, width: width + 2 * margin, height: height + 2 * margin)
      .intersection(PixelRect(x: 0, y: 0, width: bounds.width, height: bounds.height))
  }

  /// Rounded out to multiples of `grid` columns × rows, cut to `bounds`.
  public func aligned(to grid: PixelSize, within bounds: PixelSize) -> PixelRect {
    let left = x / grid.width * grid.width
    let top = y / grid.height * grid.height
    let right = min(bounds.width, (maxX + grid.width - 1) / grid.width * grid.width)
    let bottom = min(bounds.height, (maxY + grid.height - 1) / grid.height * grid.height)
    return PixelRect(x: left, y: top, width: right - left, height: bottom - top)
  }
}
