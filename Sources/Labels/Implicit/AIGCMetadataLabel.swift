public import MediaCore

/// The implicit label of GB 45438-2025 6.1: the AIGC field of Annex E in the file's metadata.
public struct AIGCMetadataLabel: MetadataLabel {
  /// Its id in the table of labels.
  public static let id = LabelID(rawValue: "metadata")
  /// The seven keys in the order of Annex E c) to i).
  public static let keys = AnnexE.Key.allCases.map(\.rawValue)

  /// The label; it has no state.
  public init() {}

  /// Its row of the table.
  public var descriptor: LabelDescriptor { Self.row }
  private static let row = LabelDescriptor(
    id: Self.id, kinds: [.image, .audio, .video], isDefault: true, isExclusive: true,
    summary: "the AIGC field in the file's metadata (GB 45438-2025 6.1 and Annex E)")

  /// The one property `TC260:AIGC`: the seven keys in order, all strings, without white space. Throws
  /// `invalidArgument` with the key, the character and its position for a record against Annex E.
  public func properties(for record: LabelRecord) throws(MediaError) -> [MetadataProperty] {
    try AnnexERule.check(record)
    let members = AnnexE.Key.allCases.map { ($0.rawValue, JSONValue.string(record[$0])) }
    return [
      MetadataProperty(
        namespace: AnnexE.namespace, prefix: AnnexE.prefix, name: AnnexE.field,
        value: JSONValue.object(members).text)
    ]
  }

  /// One detection for each site that holds a label in any form known to be written, in the order of the items. What
  /// is irregular about a site is in its findings; what only the whole file shows (none, several, differing) is not.
  public func detect(in items: [MetadataItem]) -> [Detection] {
    AnnexESite.all(in: items).map { AnnexEReading.detection(at: $0) }
  }

  /// All items that make up the site of `detection`, found in the same `items`: several where the seven keys stand as
  /// properties of their own, else its one. To take a label away, remove all of them.
  public static func items(of detection: Detection, in items: [MetadataItem]) -> [MetadataItem] {
    guard let first = detection.site else { return [] }
    // A label that stands twice alike begins with equal items: all of them go.
    let own = AnnexESite.all(in: items).filter { $0.items.first == first }.flatMap(\.items)
    return own.isEmpty ? [first] : own
  }

  /// What to tell a person about a record that may be written: providers that are names instead of codes.
  public static func notes(on record: LabelRecord) -> [String] {
    [AnnexE.Key.producer, .propagator].compactMap { key in
      ProviderCode.note(on: record[key]).map { "\(key.rawValue) \($0)" }
    }
  }
}

// What a detection is worth.
extension AIGCMetadataLabel {
  /// How far a site is a label of GB 45438-2025.
  public enum Standing: String, Sendable, CaseIterable {
    /// A label by the schema: an object with the required keys and a Label of 1, 2 or 3. Article 6(1) rests on it.
    case valid
    /// Meant as one, but damaged or without a required key.
    case damaged
    /// Another schema that says the same (2023 guide, an app's own): evidence, never a confirmation, and no reason to
    /// call a label doubled.
    case legacy
  }

  /// The standing of a detection that `detect` returned; nil for a detection of another label.
  public static func standing(of detection: Detection) -> Standing? {
    guard detection.label == id else { return nil }
    if detection.findings.contains(where: { $0.code == "V-LEGACY" }) { return .legacy }
    let isWhole = !detection.findings.contains { $0.severity == .error }
    return isWhole && ["1", "2", "3"].contains(detection[AnnexE.Key.label.rawValue]) ? .valid : .damaged
  }

  /// The value of Label, "1", "2" or "3", of a valid label; nil for anything else.
  public static func validLabel(of detection: Detection) -> String? {
    standing(of: detection) == .valid ? detection[AnnexE.Key.label.rawValue] : nil
  }
}
