internal import MediaCore

/// Chooses the ink height: what 5.2 asks for, more where that would be too small to read.
enum LabelSizing {
  /// Rows of ink that a Han character needs to be read with ease, and those it can be read with at all.
  static let easyRows = 12
  static let legibleRows = 9

  /// The line set and laid out. `shown` is the size that the rule refers to, where pixels are not square. Throws
  /// `insufficientCapacity` with the size that would do.
  static func fit(
    _ record: LabelRecord, in display: PixelSize, shown: PixelSize? = nil, typesetter: any Typesetter
  ) throws(MediaError) -> (mask: TextMask, layout: LabelLayout) {
    let rule = TextRule.rows(record.textHeightFraction, of: shown ?? display)
    let lowest = max(rule, legibleRows)
    let highest = max(rule, easyRows)
    let reference = try typesetter.mask(for: record.text, inkHeight: easyRows)
    if lowest < 2 * display.shortestSide {
      // Ample at any legible height before tight at a higher one: a plate cut short looks like an accident.
      for room in LabelLayout.Room.allCases {
        for rows in (lowest...highest).reversed() where estimate(reference, rows: rows - 2) <= display.width {
          let mask = try typesetter.mask(for: record.text, inkHeight: rows)
          let size = PixelSize(width: mask.width, height: mask.height)
          if let layout = LabelLayout(ink: size, position: record.position, in: display, room: room) {
            return (mask, layout)
          }
        }
      }
    }
    throw refusal(record, display: display, rows: lowest, reference: reference)
  }

  /// Columns of the line at another height; the ink scales, rounding adds a little.
  private static func estimate(_ reference: TextMask, rows: Int) -> Int {
    let scaled = Double(reference.width) * Double(rows) / Double(reference.inkHeight)
    return Int(scaled.rounded(.down))
  }

  private static func refusal(
    _ record: LabelRecord, display: PixelSize, rows: Int, reference: TextMask
  ) -> MediaError {
    // A wider picture may have a longer shortest side and so need a higher text: grow until both agree.
    var size = display
    for _ in 0..<64 {
      let rows = max(TextRule.rows(record.textHeightFraction, of: size), legibleRows)
      let scale = Double(rows + 1) / Double(reference.inkHeight)
      let ink = PixelSize(
        width: Int((Double(reference.width) * scale).rounded(.up)),
        height: max(rows + 1, Int((Double(reference.height) * scale).rounded(.up))))
      let least = LabelLayout.smallestPicture(for: ink)
      if least.width <= size.width, least.height <= size.height { break }
      size = PixelSize(width: max(size.width, least.width), height: max(size.height, least.height))
    }
    return MediaError(
      .insufficientCapacity, .label,
      "the text '\(record.text)' with \(rows) rows of ink does not fit \(display) pixels; "
        + "it needs at least \(size) pixels, or a shorter text")
  }
}
