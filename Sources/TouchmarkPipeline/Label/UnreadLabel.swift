internal import Labels
internal import MediaCore

/// A label that one part of a file was given and that cannot be read back from it: the codec has left too little.
struct UnreadLabel: Hashable {
  let label: LabelID
  let part: MediaPart

  init(_ label: LabelID, _ part: MediaPart) { (self.label, self.part) = (label, part) }

  init(_ drawn: LabelResult.Drawn) { self.init(drawn.label, drawn.part) }

  private func place(in kind: MediaKind) -> String {
    switch (kind, part) {
    case (.image, _): "the picture"
    case (_, .frames): "the pictures"
    case (_, .sound): "the sound"
    }
  }

  /// What is said of a file of `kind` that goes without the label.
  func note(in kind: MediaKind) -> String {
    let place = place(in: kind)
    return
      "no \(label)\(kind == .video ? " in \(place)" : ""): it could not be read back from \(place) as written"
  }

  /// What is thrown for a file that may not go without.
  func error(in file: any MediaFile, _ plan: LabelPlan, _ configuration: LabelConfiguration) -> MediaError {
    let kind = file.info.kind
    let isDue = configuration.labels.label(label)?.descriptor.isDue.contains(kind) == true
    let others = configuration.layers.filter { $0 != label }.map(\.rawValue).joined(separator: ",")
    var remedies: [String] = []
    if kind == .video, part == .frames, plan.record.quality > Self.ampleQuality {
      remedies.append("--quality \(plan.record.quality) may be too coarse, \(Self.ampleQuality) is finer")
    }
    if isDue, kind == .video, part == .sound {
      remedies.append("without --cue-in-video the pictures alone are labelled")
    }
    if !isDue, !others.isEmpty { remedies.append("--layers \(others) leaves it out") }
    return MediaError(
      .insufficientCapacity, .verify,
      (["label '\(label)' could not be read back from \(place(in: kind)) as written"] + remedies)
        .joined(separator: "; "))
  }

  private static let ampleQuality = LabelRecord.usualQuality
}
