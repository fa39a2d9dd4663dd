public import MediaCore
internal import Labels

/// One file's evidence laid out for a person: every label site with its byte offset, and no verdict.
public struct Inspection: Sendable {
  /// Several lines, without a line end behind the last.
  public let text: String
  /// Whether the file could not be read to its end.
  public let isFailed: Bool

  /// Looks at the file `path`. With `listsAll`, metadata that is no label is listed too.
  public init(of path: FilePath, listsAll: Bool) throws(MediaError) {
    let configuration = VerifyConfiguration()
    let evidence = try Verifier(configuration).evidence(in: path)
    var page = InspectionPage()
    page.head(path, evidence)
    for id in configuration.layers {
      guard let label = configuration.labels.label(id) else { continue }
      page.section(label.descriptor, evidence)
    }
    page.findings(evidence)
    page.metadata(evidence.metadata, listsAll: listsAll)
    text = page.lines.joined(separator: "\n")
    isFailed = evidence.failure != nil
  }
}
