internal import MediaCore

/// Reads one site into a detection.
enum AnnexEReading {
  /// Most keys beyond the seven that are reported, and most characters of their values.
  private static let (extraKeys, extraLength) = (16, 200)

  /// What the site says, whatever its state.
  static func detection(at site: AnnexESite) -> Detection {
    if site.place == .keys {
      let members = site.items.map { ($0.name, JSONValue.string($0.value)) }
      return detection(of: members, packing: [], at: site)
    }
    do throws(AnnexEText.Failure) {
      let text = try AnnexEText(site.text)
      if let legacy = LegacyLabel(text.members), text.members.allSatisfy({ !isTelling($0.0) }) {
        return detection(of: legacy, at: site)
      }
      return detection(of: text.members, packing: text.packing, at: site)
    } catch {
      return damaged(site, error)
    }
  }

  /// Numbers and truth values as they are written, text as it is, nothing for null, compact JSON for the rest.
  static func text(of value: JSONValue) -> String {
    switch value {
    case .string(let text): text
    case .null: ""
    default: value.text
    }
  }

  /// `text`, shortened.
  static func excerpt(_ text: String) -> String {
    text.unicodeScalars.count <= extraLength
      ? text : String(String.UnicodeScalarView(text.unicodeScalars.prefix(extraLength))) + "…"
  }

  private static func isTelling(_ name: String) -> Bool {
    name == AnnexE.Key.producer.rawValue || name == AnnexE.Key.produceID.rawValue
  }

  private static func detection(
    of members: [(String, JSONValue)], packing: Set<AnnexEText.Packing>, at site: AnnexESite
  ) -> Detection {
    let schema = AnnexESchema(members)
    let findings =
      AnnexEPlace.findings(at: site, packing: packing) + packed(packing, at: site) + schema.findings
    let fields =
      schema.known.map { Detection.Field($0.key.rawValue, text(of: $0.value)) }
      + schema.unknown.prefix(extraKeys).map { Detection.Field(excerpt($0.0), excerpt(text(of: $0.1))) }
    let isWhole = !findings.contains { $0.severity == .error }
    return Detection(
      label: AIGCMetadataLabel.id, confidence: isWhole ? 1 : 0.9, site: site.items.first, fields: fields,
      findings: findings, evidence: "AIGC label in \(site.items.first?.path ?? "")")
  }

  private static func detection(of legacy: LegacyLabel, at site: AnnexESite) -> Detection {
    Detection(
      label: AIGCMetadataLabel.id, confidence: legacy.schema == .guide2023 ? 0.8 : 0.6,
      site: site.items.first,
      fields: legacy.fields, findings: [legacy.finding],
      evidence: "label of another schema in \(site.items.first?.path ?? "")")
  }

  /// A site whose text is no object: what can still be read of the keys is evidence.
  private static func damaged(_ site: AnnexESite, _ error: AnnexEText.Failure) -> Detection {
    let isUnread = site.items.first?.form == .presence
    let message =
      isUnread
      ? "the value is longer than what is read"
      : "the value is not a JSON object: \(error.reason) (GB 45438-2025 Annex E b)"
    let fields = salvage(Array(site.text.utf8))
    return Detection(
      label: AIGCMetadataLabel.id, confidence: fields.isEmpty ? 0.5 : 0.7, site: site.items.first,
      fields: fields,
      findings: [Finding("V-JSON", .error, message)] + AnnexEPlace.findings(at: site, packing: []),
      evidence: "damaged AIGC label in \(site.items.first?.path ?? "")")
  }

  /// The whole `"key":"value"` pairs that broken text still holds.
  private static func salvage(_ bytes: [UInt8]) -> [Detection.Field] {
    var found: [(Int, Detection.Field)] = []
    for key in AnnexE.Key.allCases {
      guard let name = bytes.range(of: Array("\"\(key.rawValue)\"".utf8)) else { continue }
      let rest = bytes[name.upperBound...].drop { $0 <= 0x20 }
      guard rest.first == UInt8(ascii: ":") else { continue }
      let value = rest.dropFirst().drop { $0 <= 0x20 }
      guard value.first == UInt8(ascii: "\"") else { continue }
      var end = 0
      let head = Array(value.prefix(4 * AnnexE.longestValue))
      guard let text = (try? JSONValue(prefixOf: head, end: &end))?.string else { continue }
      found.append((name.lowerBound, Detection.Field(key.rawValue, text)))
    }
    return found.sorted { $0.0 < $1.0 }.map(\.1)
  }

  private static func packed(_ packing: Set<AnnexEText.Packing>, at site: AnnexESite) -> [Finding] {
    var findings: [Finding] = []
    if packing.contains(.encodedTwice) {
      findings.append(
        Finding("V-JSON", .warning, "the JSON stands inside a JSON string; Annex E b gives the object itself")
      )
    }
    if packing.contains(.escaped) {
      findings.append(Finding("V-JSON", .warning, "the quotes of the JSON are escaped once too often"))
    }
    if packing.contains(.followed), site.items.first?.form != .raw {
      findings.append(Finding("V-JSON", .warning, "something stands behind the JSON object"))
    }
    return findings
  }
}
