internal import Labels
internal import MediaCore

extension Detection {
  /// Whether it is a site of a label of which a file holds at most one.
  var isLabelSite: Bool { AIGCMetadataLabel.isSite(self) }
  /// Whether it states legibly how the content was made.
  var isLabelStatement: Bool { AIGCMetadataLabel.isStatement(self) }
}
