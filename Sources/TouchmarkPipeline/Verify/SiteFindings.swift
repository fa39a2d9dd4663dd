internal import Labels
internal import MediaCore

/// Findings that need all sites of a file.
enum SiteFindings {
  static func of(_ evidence: Evidence) -> [Finding] {
    guard evidence.searched.contains(AIGCMetadataLabel.id) else { return [] }
    let sites = evidence[AIGCMetadataLabel.id].filter(\.isLabelSite)
    if sites.isEmpty {
      return [
        Finding(
          "V-NONE", .error,
          "no AIGC metadata label was found; GB 45438-2025 6.1 asks for one in generated content"
            + " (its absence does not mean that a person made it)")
      ]
    }
    guard sites.count > 1, let first = sites.first else { return [] }
    let isSame = sites.dropFirst().allSatisfy { site in
      AIGCMetadataLabel.keys.allSatisfy { (site[$0] ?? "") == (first[$0] ?? "") }
    }
    let places = sites.compactMap { $0.site.map { "\($0.path) at offset \($0.offset)" } }
      .joined(separator: "; ")
    return [
      Finding(
        "V-DUP", isSame ? .warning : .error,
        "\(sites.count) \(isSame ? "identical labels" : "labels that differ") where GB 45438-2025 6.1 c) allows one:"
          + " \(places)")
    ]
  }
}
