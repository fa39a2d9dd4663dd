internal import MediaCore

/// Labels whose seven members stand as XMP properties of their own, one label a packet.
struct AIGCSeparateFields {
  let detections: [Detection]
  private let grouped: Set<MetadataItem>

  init(_ items: [MetadataItem]) {
    var packets: [(offset: UInt64, items: [MetadataItem])] = []
    for item in items where Self.isMember(item) {
      if let index = packets.firstIndex(where: { $0.offset == item.offset }) {
        packets[index].items.append(item)
      } else {
        packets.append((item.offset, [item]))
      }
    }
    packets.removeAll { packet in
      !packet.items.contains { $0.name == "Label" || $0.name == "ContentProducer" }
    }
    grouped = Set(packets.flatMap(\.items))
    detections = packets.compactMap { Self.detection($0.items) }
  }

  /// Whether `item` is part of one of the labels.
  func holds(_ item: MetadataItem) -> Bool { grouped.contains(item) }

  private static func isMember(_ item: MetadataItem) -> Bool {
    item.carrier == .xmp && AIGCFields.names.contains(item.name)
      && (item.namespace == AIGCMetadataLabel.namespace || item.prefix.uppercased() == "TC260")
  }

  private static func detection(_ items: [MetadataItem]) -> Detection? {
    guard let first = items.first else { return nil }
    var members: [(String, String)] = []
    for item in items where !members.contains(where: { $0.0 == item.name }) {
      members.append((item.name, item.value))
    }
    let findings =
      [Finding("V-LOC", .warning, "the members stand as properties of their own, not as one AIGC property")]
      + AIGCFindings.fields(members) + AIGCFindings.place(first, isWrapped: false)
    return Detection(
      label: AIGCMetadataLabel.id, confidence: 0.9, site: first, fields: members.map { .init($0.0, $0.1) },
      findings: findings, evidence: "AIGC label in separate properties")
  }
}
