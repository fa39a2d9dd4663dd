internal import Labels
internal import MediaCore

extension Detection {
  /// Whether it is a site of the metadata label, of which a file holds at most one (GB 45438-2025 6.1 c): valid or
  /// damaged, but no older or private notation.
  var isLabelSite: Bool {
    switch AIGCMetadataLabel.standing(of: self) {
    case .valid, .damaged: true
    case .legacy, nil: false
    }
  }

  /// Whether it is a valid label, which a verdict may rest on.
  var isLabelStatement: Bool { AIGCMetadataLabel.validLabel(of: self) != nil }
}
