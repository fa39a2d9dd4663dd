/// The Exif orientation tag (0x0112, CIPA DC-008 4.6.4): how stored rows and columns are shown.
public enum Orientation: UInt8, Sendable, CaseIterable {
  /// Row 0 is the visual top, column 0 the visual left.
  case up = 1
  /// Mirrored left to right.
  case upMirrored = 2
  /// Rotated by 180°.
  case down = 3
  /// Mirrored top to bottom.
  case downMirrored = 4
  /// Transposed: row 0 is the visual left, column 0 the visual top.
  case leftMirrored = 5
  /// Shown after a clockwise turn by 90°.
  case right = 6
  /// Transverse: row 0 is the visual right, column 0 the visual bottom.
  case rightMirrored = 7
  /// Shown after a counter-clockwise turn by 90°.
  case left = 8

  /// Whether width and height change places between storage and display.
  public var swapsAxes: Bool { rawValue >= 5 }

  /// The size as displayed of a picture stored as `stored`.
  public func displaySize(ofStored stored: PixelSize) -> PixelSize {
    swapsAxes ? PixelSize(width: stored.height, height: stored.width) : stored
  }

  /// Where the displayed pixel (`x`, `y`) is stored; `display` is the size as displayed.
  @inlinable
  public func storedPoint(displayX x: Int, y: Int, display: PixelSize) -> (x: Int, y: Int) {
    let lastX = display.width - 1
    let lastY = display.height - 1
    return switch self {
    case .up: (x, y)
    case .upMirrored: (lastX - x, y)
    case .down: (lastX - x, lastY - y)
    case .downMirrored: (x, lastY - y)
    case .leftMirrored: (y, x)
    case .right: (y, lastX - x)
    case .rightMirrored: (lastY - y, lastX - x)
    case .left: (lastY - y, x)
    }
  }

  /// The stored rectangle that shows as `rect` (in display coordinates).
  public func storedRect(displayed rect: PixelRect, display: PixelSize) -> PixelRect {
    let a = storedPoint(displayX: rect.x, y: rect.y, display: display)
    let b = storedPoint(displayX: rect.maxX - 1, y: rect.maxY - 1, display: display)
    return PixelRect(
      x: min(a.x, b.x), y: min(a.y, b.y), width: abs(a.x - b.x) + 1, height: abs(a.y - b.y) + 1)
  }
}
