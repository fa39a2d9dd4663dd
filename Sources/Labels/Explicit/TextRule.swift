internal import MediaCore

/// What GB 45438-2025 5.2 asks of an explicit label's text and height.
enum TextRule {
  /// Smallest text height as a fraction of the shortest side as displayed.
  static let smallestFraction = 0.05
  /// Largest sensible fraction; above it the label is the picture.
  static let largestFraction = 0.5

  /// Throws `invalidArgument` for a text or a height that breaks the clause, unless the record is for another
  /// regime. The elements are matched as the clause spells them: lower-case or full-width letters are not "AI".
  static func check(_ record: LabelRecord) throws(MediaError) {
    let fraction = record.textHeightFraction
    guard fraction > 0, fraction <= largestFraction else {
      throw MediaError(
        .invalidArgument, .label,
        "text height \(fraction) of the shortest side; give a fraction from \(smallestFraction) to \(largestFraction)"
      )
    }
    guard (0...51).contains(record.quality) else {
      throw MediaError(.invalidArgument, .label, "quality \(record.quality) of video; give 0 to 51")
    }
    if record.allowsAnyText { return }
    if case .opening(let seconds) = record.span, seconds < LabelSpan.leastSeconds {
      throw MediaError(
        .invalidArgument, .label,
        "a span of \(seconds) s; GB 45438-2025 5.4 asks for at least \(LabelSpan.leastSeconds) s")
    }
    guard fraction >= smallestFraction else {
      throw MediaError(
        .invalidArgument, .label,
        "text height \(fraction) of the shortest side; GB 45438-2025 5.2 asks for at least \(smallestFraction)"
      )
    }
    let text = Array(record.text.utf8)
    let hasSubject = text.holds("人工智能") || text.holds("AI")
    let hasAct = text.holds("生成") || text.holds("合成")
    if hasSubject && hasAct { return }
    let missing =
      [
        hasSubject ? nil : "an AI element ('人工智能' or 'AI')",
        hasAct ? nil : "a generation element ('生成' or '合成')",
      ]
      .compactMap { $0 }.joined(separator: " and ")
    throw MediaError(
      .invalidArgument, .label,
      "the text '\(record.text)' lacks \(missing); GB 45438-2025 5.2 asks for both, as in 'AI生成'")
  }

  /// Rows of ink the clause asks for: `fraction` of the shortest side, rounded up.
  static func rows(_ fraction: Double, of display: PixelSize) -> Int {
    max(1, Int((fraction * Double(min(display.shortestSide, 1 << 24))).rounded(.up)))
  }
}
