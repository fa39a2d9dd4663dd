internal import MediaCore

/// What was read in the windows of a clip, as one detection for each mark.
struct VideoWatermarkReport {
  let keys: [WatermarkKey]
  /// Pixels of the planes searched for each of the picture.
  let scale: Double

  /// One detection a payload, the first seen first.
  func detections(in windows: [ClipWindow], strongestSync: Float) -> [Detection] {
    var marks: [Mark] = []
    for window in windows {
      guard let finding = window.finding else { continue }
      if let index = marks.firstIndex(where: {
        $0.finding.payload == finding.payload && $0.finding.key == finding.key
      }) {
        marks[index].add(finding, window.seen)
      } else {
        marks.append(Mark(finding: finding, spans: [window.seen]))
      }
    }
    guard !marks.isEmpty else {
      return ImageWatermarkDetector.presence(strongestSync, least: SyncThreshold.reportedInVideo)
    }
    return marks.enumerated().map { index, mark in detection(mark, isSpliced: index > 0) }
  }

  private struct Mark {
    var finding: WatermarkSearch.Finding
    var spans: [ClosedRange<Double>]

    mutating func add(_ other: WatermarkSearch.Finding, _ span: ClosedRange<Double>) {
      if other.log10p < finding.log10p { finding = other }
      spans.append(span)
    }
  }

  private func detection(_ mark: Mark, isSpliced: Bool) -> Detection {
    let still = ImageWatermarkDetector.detection(mark.finding, key: keys[mark.finding.key], scale: scale)
    let (first, last) = (mark.spans.first?.lowerBound ?? 0, mark.spans.last?.upperBound ?? 0)
    let findings = [
      Finding(
        "V-WMSPLICE", .warning,
        "the clip carries watermarks of more than one content, as one put together from several does")
    ]
    return Detection(
      label: still.label, confidence: still.confidence,
      fields: still.fields + [
        .init("from", number: first, digits: 2), .init("to", number: last, digits: 2),
      ], findings: isSpliced ? findings : [],
      evidence: still.evidence)
  }
}
