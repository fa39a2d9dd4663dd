internal import MediaCore

/// Blind search for explicit labels: the standard phrases, and those of the query, where the embedder puts them.
final class ExplicitTextDetector: FrameDetector {
  /// The correlation from which on a phrase counts as seen: of 961 unlabelled pictures none reached 0.57; of 415
  /// labelled ones none fell below 0.77 after JPEG quality 75, and of the 295 with 180 pixels left none below 0.72
  /// after scaling to a half as well.
  static let threshold = 0.64
  /// Ink height at which phrases are measured.
  private static let referenceRows = 48

  private let search: TemplateSearch
  private let threshold: Double
  private var matches: [TemplateSearch.Match] = []
  private var orientation = Orientation.up
  private let shownAspect: Double

  init(
    for info: MediaInfo, query: LabelQuery, typesetter: any Typesetter, threshold: Double = threshold
  ) throws(MediaError) {
    let typesetter = info.fitted(typesetter)
    shownAspect = info.displayPixelAspect
    var phrases: [TemplateSearch.Phrase] = []
    for text in query.texts where !phrases.contains(where: { $0.text == text }) {
      let reference = try typesetter.mask(for: text, inkHeight: Self.referenceRows)
      phrases.append(.init(text: text, reference: reference))
    }
    for text in StandardPhrases.all where !query.texts.contains(text) {
      // A font given for another script may lack a standard phrase; that phrase cannot have been set with it.
      guard let reference = try? typesetter.mask(for: text, inkHeight: Self.referenceRows) else { continue }
      phrases.append(.init(text: text, reference: reference))
    }
    self.threshold = threshold
    search = TemplateSearch(phrases: phrases, typesetter: typesetter)
  }

  func observe(_ frame: any Frame) throws(MediaError) {
    orientation = frame.orientation
    let display = orientation.displaySize(ofStored: frame.size)
    let shown = PixelSize(
      width: Int(min(Double(display.width) * shownAspect, 0x1p24).rounded()), height: display.height)
    for position in LabelPosition.allCases {
      for rows in Self.inkHeights(for: shown) {
        guard let match = try search.best(in: frame, position: position, rows: rows),
          match.correlation >= threshold
        else { continue }
        keep(match)
      }
    }
  }

  func finish() throws(MediaError) -> [Detection] {
    matches.sorted { $0.correlation > $1.correlation }.map { match in
      let percent = Int((match.correlation * 100).rounded())
      return Detection(
        label: ExplicitTextLabel.id, confidence: min(1, match.correlation),
        box: orientation.storedRect(displayed: match.layout.plate, display: match.layout.display),
        fields: [.init("text", match.text), .init("position", match.position.rawValue)],
        evidence: "text '\(match.text)' at \(match.position.rawValue), correlation \(percent) %")
    }
  }

  /// The ink heights a label may have: by 5.2 for the size seen, and on small pictures what `LabelSizing` raises them
  /// to, or what resizing has left of it.
  private static func inkHeights(for display: PixelSize) -> [Int] {
    let rule = TextRule.rows(TextRule.smallestFraction, of: display)
    if rule >= LabelSizing.easyRows { return [rule] }
    return [LabelSizing.easyRows, LabelSizing.legibleRows] + (rule < LabelSizing.legibleRows ? [6] : [])
  }

  /// Of matches that overlap, the better one stays.
  private func keep(_ match: TemplateSearch.Match) {
    let rivals = matches.indices.filter { !matches[$0].layout.plate.intersection(match.layout.plate).isEmpty }
    if rivals.contains(where: { matches[$0].correlation >= match.correlation }) { return }
    for index in rivals.reversed() { matches.remove(at: index) }
    matches.append(match)
  }
}
