internal import Labels
internal import MediaCore

/// What evidence amounts to under a configuration.
public struct Judgement: Sendable {
  /// Article 6.
  public let verdict: Verdict
  /// The metadata label's `Label`, `1`, `2` or `3`, when a label states one.
  public let label: String?
  /// The metadata label alone.
  public let compliance: Compliance
  /// The labels the verdict rests on; `declaration` for the uploader's word.
  public let technique: [String]
  /// Whether everything required is there.
  public let isSatisfied: Bool

  init(_ evidence: Evidence, _ configuration: VerifyConfiguration) {
    let states = evidence[AIGCMetadataLabel.id].filter(\.isLabelStatement)
    let stated: String? = ["1", "2", "3"].first { value in states.contains { $0["Label"] == value } }
    label = stated
    compliance = Self.compliance(evidence)
    let traces = configuration.layers.filter { id in
      evidence[id].contains { id != AIGCMetadataLabel.id || !$0.isLabelStatement }
    }
    let metadata = AIGCMetadataLabel.id.rawValue
    // A record says who labelled a file, or one that looks like it; that this one states it, which 6(1) asks for, it does
    // not say. So it weighs as the other traces of 6(3) do.
    let indirect = traces.map(\.rawValue) + (evidence.ledger == nil ? [] : ["ledger"])
    switch stated {
    case "1": (verdict, technique) = (.confirmed, [metadata] + indirect.filter { $0 != metadata })
    case "2": (verdict, technique) = (.possible, [metadata])
    case _ where configuration.isDeclared: (verdict, technique) = (.possible, ["declaration"])
    case "3": (verdict, technique) = (.suspected, [metadata] + indirect.filter { $0 != metadata })
    case _ where !indirect.isEmpty: (verdict, technique) = (.suspected, indirect)
    case _ where evidence.failure != nil: (verdict, technique) = (.undecided, [])
    default: (verdict, technique) = (.none, [])
    }
    isSatisfied =
      configuration.required.isEmpty
      ? verdict == .confirmed
      : configuration.required.allSatisfy { Self.holds($0, evidence) }
  }

  private static func holds(_ id: LabelID, _ evidence: Evidence) -> Bool {
    id == AIGCMetadataLabel.id
      ? compliance(evidence) == .compliant : !evidence[id].isEmpty
  }

  private static func compliance(_ evidence: Evidence) -> Compliance {
    if evidence.info == nil { return .inconclusive }
    let sites = evidence[AIGCMetadataLabel.id].filter(\.isLabelSite)
    if sites.isEmpty { return evidence.searched.contains(AIGCMetadataLabel.id) ? .notFound : .inconclusive }
    let duplicates = evidence.findings.filter { $0.code == "V-DUP" }
    let isFaulty = (duplicates + sites.flatMap(\.findings)).contains { $0.severity == .error }
    return isFaulty ? .noncompliant : .compliant
  }
}
