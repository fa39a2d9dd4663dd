internal import MediaCore

/// Where plate and ink stand, in display coordinates. All lengths follow the ink height, so that the label of a
/// resized picture is the resized label.
struct LabelLayout: Hashable {
  /// The picture as displayed.
  let display: PixelSize
  /// The rectangle around the rounded plate.
  let plate: PixelRect
  /// The text mask's rectangle, in the plate's middle.
  let ink: PixelRect

  /// How generously the label is laid out; tried in this order.
  enum Room: CaseIterable {
    /// Full padding; the margin may shrink to what is left.
    case ample
    /// Padding shrunk to what keeps the ink off the plate's edge.
    case tight
  }

  /// Lengths in ink heights.
  private static let horizontalPadding = 0.5
  private static let verticalPadding = 0.36
  private static let margin = 0.5
  private static let tightPadding = 0.17

  /// Corner radius of the plate in pixels.
  var radius: Double { 0.26 * Double(min(plate.width, plate.height)) }

  /// Lays a line whose ink is `ink` out at `position`; nil when it does not fit.
  init?(ink: PixelSize, position: LabelPosition, in display: PixelSize, room: Room = .ample) {
    let unit = Double(ink.height)
    func pixels(_ length: Double, least: Int) -> Int { max(least, Int((length * unit).rounded())) }
    let least = pixels(Self.tightPadding, least: 1)
    let pad = (x: pixels(Self.horizontalPadding, least: 3), y: pixels(Self.verticalPadding, least: 2))
    // Tight padding takes what the picture leaves, at least `least`, at most the full padding.
    let padX = room == .ample ? pad.x : min(pad.x, max(least, (display.width - ink.width) / 2))
    let padY = room == .ample ? pad.y : min(pad.y, max(least, (display.height - ink.height) / 2))
    let size = PixelSize(width: ink.width + 2 * padX, height: ink.height + 2 * padY)
    guard size.width <= display.width, size.height <= display.height else { return nil }
    let margin = pixels(Self.margin, least: 2)
    let x = Self.start(position.column, size.width, within: display.width, margin: margin)
    let y = Self.start(position.row, size.height, within: display.height, margin: margin)
    self.display = display
    plate = PixelRect(x: x, y: y, width: size.width, height: size.height)
    self.ink = PixelRect(x: x + padX, y: y + padY, width: ink.width, height: ink.height)
  }

  /// The smallest picture that holds ink of this size.
  static func smallestPicture(for ink: PixelSize) -> PixelSize {
    let least = max(1, Int((tightPadding * Double(ink.height)).rounded()))
    return PixelSize(width: ink.width + 2 * least, height: ink.height + 2 * least)
  }

  private static func start(_ side: Side, _ length: Int, within whole: Int, margin: Int) -> Int {
    let margin = min(margin, (whole - length) / 2)
    return switch side {
    case .near: margin
    case .middle: (whole - length) / 2
    case .far: whole - length - margin
    }
  }

  fileprivate enum Side { case near, middle, far }
}

extension LabelPosition {
  fileprivate var column: LabelLayout.Side {
    switch self {
    case .topLeft, .left, .bottomLeft: .near
    case .top, .bottom: .middle
    case .topRight, .right, .bottomRight: .far
    }
  }

  fileprivate var row: LabelLayout.Side {
    switch self {
    case .topLeft, .top, .topRight: .near
    case .left, .right: .middle
    case .bottomLeft, .bottom, .bottomRight: .far
    }
  }
}
