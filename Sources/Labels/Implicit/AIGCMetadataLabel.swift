public import MediaCore

/// The metadata label of GB 45438-2025 6.1 and annex E: a JSON object of seven strings under a key named AIGC.
public struct AIGCMetadataLabel: MetadataLabel {
  /// Its id in the table of labels.
  public static let id = LabelID(rawValue: "metadata")
  /// The XMP namespace of TC260-PG-20259A, with its slash.
  public static let namespace = "http://www.tc260.org.cn/ns/AIGC/1.0/"
  /// The property's local name, and the key in carriers without namespaces.
  public static let name = "AIGC"
  /// The seven members in the order of annex E.
  public static let keys = AIGCFields.names

  /// The label; it has no state.
  public init() {}

  /// Its row of the table.
  public var descriptor: LabelDescriptor {
    LabelDescriptor(
      id: Self.id, kinds: [.image], isDefault: true, isExclusive: true,
      summary: "AIGC JSON in the file's metadata (GB 45438-2025 6.1 and annex E)")
  }

  /// One property whose value is the JSON of annex E, without white space. Throws `invalidArgument` for a value
  /// outside the character set of annex E j), for an element that the record lacks, and for a code of 27 characters
  /// that fails the check of TC260-PG-20252A.
  public func properties(for record: LabelRecord) throws(MediaError) -> [MetadataProperty] {
    let values = [
      record.label, record.producer, record.produceID, record.reservedCode1, record.propagator,
      record.propagateID, record.reservedCode2,
    ]
    try AIGCRule.check(record)
    var members: [(String, JSONValue)] = []
    for (name, value) in zip(AIGCFields.names, values) {
      try AIGCRule.check(name, value)
      members.append((name, .string(value)))
    }
    return [
      MetadataProperty(
        namespace: Self.namespace, prefix: "TC260", name: Self.name, value: JSONValue.object(members).text)
    ]
  }

  /// One detection for each site of a label, in whatever variant, and for each private or older notation of one.
  public func detect(in items: [MetadataItem]) -> [Detection] {
    let groups = AIGCSeparateFields(items)
    return groups.detections + items.compactMap { groups.holds($0) ? nil : AIGCSite($0)?.detection }
  }

  /// Whether `detection` is a site of a label by annex E, valid or damaged: what a file may hold only one of.
  /// Private and older notations are not.
  public static func isSite(_ detection: Detection) -> Bool {
    detection.label == id && detection["schema"] == nil
  }

  /// Whether `detection` is a site that states `1`, `2` or `3` legibly and names a producer, propagator or content:
  /// what a verdict may rest on, whatever else is irregular about it.
  public static func isStatement(_ detection: Detection) -> Bool {
    guard isSite(detection), let label = detection["Label"], ["1", "2", "3"].contains(label) else {
      return false
    }
    return ["ContentProducer", "ProduceID", "ContentPropagator", "PropagateID"].contains {
      !(detection[$0] ?? "").isEmpty
    }
  }

  /// What a person should know of a legal producer that is no code; nil for a code.
  public static func note(onProducer producer: String) -> String? {
    ProviderCode.looksLikeCode(producer)
      ? nil
      : "the producer is a name; TC260-PG-20252A defines a code of 27 characters, which readers can check"
  }
}
