internal import MediaCore

/// Looks for phrases where the embedder would have put them at one ink height, coarse to fine.
struct TemplateSearch {
  /// A phrase seen.
  struct Match {
    let text: String
    let position: LabelPosition
    let layout: LabelLayout
    let correlation: Double
  }

  /// A phrase with the measures of its ink at a known height.
  struct Phrase {
    let text: String
    let reference: TextMask
  }

  private struct Candidate {
    let phrase: Phrase
    let layout: LabelLayout
    var pose: Pose
  }

  /// Where a phrase correlates best: the shift of its centre in the picture's pixels, and its ink height.
  private struct Pose {
    var shift = (x: 0.0, y: 0.0)
    var rows: Double
    var correlation = 0.0
  }

  /// Ink heights of the coarse and the fine stage; a Han character is told from noise at 8, from another at 16.
  private static let coarseRows = 8
  private static let fineRows = 16
  /// Candidates that go on to the fine stage, and what they must reach in the coarse one.
  private static let finalists = 6
  private static let coarseThreshold = 0.4
  /// How much less a phrase that holds the best one may correlate and still be what is written, divided by its
  /// characters: the end of a phrase alone fits nearly as well as the whole, and the less so the shorter it is.
  private static let longerAllowance = 0.4

  let phrases: [Phrase]
  let typesetter: any Typesetter

  /// The best phrase at `position` for ink of `rows` rows, whatever its correlation.
  func best(in frame: any Frame, position: LabelPosition, rows: Int) throws(MediaError) -> Match? {
    let display = frame.orientation.displaySize(ofStored: frame.size)
    var candidates: [Candidate] = []
    for phrase in phrases {
      let scale = Double(rows) / Double(phrase.reference.inkHeight)
      let ink = PixelSize(
        width: Int((Double(phrase.reference.width) * scale).rounded()),
        height: Int((Double(phrase.reference.height) * scale).rounded()))
      let layout = LabelLayout.Room.allCases.lazy.compactMap { room in
        LabelLayout(ink: ink, position: position, in: display, room: room)
      }.first
      if let layout {
        candidates.append(Candidate(phrase: phrase, layout: layout, pose: Pose(rows: Double(rows))))
      }
    }
    guard let first = candidates.first else { return nil }
    let reach = 3 + rows * 2 / 5
    let all = candidates.reduce(first.layout.ink) { $0.union($1.layout.ink) }.grown(
      by: reach, within: display)
    let patch = try TonePatch(frame, shown: all)
    let coarse = Stage(
      patch, rows: rows, workRows: Self.coarseRows, shift: 2 + 0.06 * Double(rows), growth: 2)
    for index in candidates.indices {
      let pose = try coarse.search(candidates[index], typesetter)
      candidates[index].pose = pose
    }
    candidates.sort { $0.pose.correlation > $1.pose.correlation }
    let finalists = candidates.prefix(Self.finalists).filter { $0.pose.correlation >= Self.coarseThreshold }
    if finalists.isEmpty { return nil }
    let step = Double(rows) / Double(Self.coarseRows)
    let fine = Stage(patch, rows: rows, workRows: Self.fineRows, shift: 0.75 * step, growth: 0.75 * step)
    var matches: [Match] = []
    for candidate in finalists {
      let pose = try fine.search(candidate, typesetter)
      matches.append(
        Match(
          text: candidate.phrase.text, position: position, layout: candidate.layout,
          correlation: pose.correlation))
    }
    return Self.choose(matches)
  }

  private static func choose(_ matches: [Match]) -> Match? {
    guard var best = matches.max(by: { $0.correlation < $1.correlation }) else { return nil }
    for match in matches where match.text.count > best.text.count && match.text.contains(best.text) {
      let allowance = longerAllowance / Double(match.text.count)
      if match.correlation >= best.correlation - allowance { best = match }
    }
    return best
  }

  /// The patch at one working scale.
  private struct Stage {
    let patch: TonePatch
    let scale: Double
    let rim: Int
    let reach: Int
    let spread: Int

    /// `shift` and `growth` are how far place and ink height may be from what is expected, in the picture's pixels.
    init(_ source: TonePatch, rows: Int, workRows: Int, shift: Double, growth: Double) {
      scale = Double(workRows) / Double(rows)
      reach = Int((shift * scale).rounded(.up))
      spread = Int((growth * scale).rounded())
      rim = workRows
      patch = source.scaled(by: scale, rim: rim)
    }

    /// The strongest correlation of either sign around the candidate's pose.
    func search(_ candidate: Candidate, _ typesetter: any Typesetter) throws(MediaError) -> Pose {
      let ink = candidate.layout.ink
      let pose = candidate.pose
      let centre = (
        x: (Double(ink.x - patch.rect.x) + Double(ink.width) / 2 + pose.shift.x) * scale + Double(rim),
        y: (Double(ink.y - patch.rect.y) + Double(ink.height) / 2 + pose.shift.y) * scale + Double(rim)
      )
      var best = pose
      best.correlation = 0
      let expected = Int((pose.rows * scale).rounded())
      for height in max(5, expected - spread)...max(5, expected + spread) {
        let template = TextTemplate(try typesetter.mask(for: candidate.phrase.text, inkHeight: height))
        let half = (x: Double(template.width) / 2, y: Double(template.height) / 2)
        let x = Int((centre.x - half.x).rounded())
        let y = Int((centre.y - half.y).rounded())
        for dy in -reach...reach {
          for dx in -reach...reach {
            let value = abs(template.correlation(patch, x: x + dx, y: y + dy))
            guard value > best.correlation else { continue }
            best.correlation = value
            best.rows = Double(height) / scale
            best.shift = (
              pose.shift.x + (Double(x + dx) + half.x - centre.x) / scale,
              pose.shift.y + (Double(y + dy) + half.y - centre.y) / scale
            )
          }
        }
      }
      return best
    }
  }
}
