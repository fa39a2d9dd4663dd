internal import MediaCore

/// A statement of generation in a schema that GB 45438-2025 replaced or never knew: evidence, never written.
struct LegacyLabel {
  /// Which schema.
  enum Schema {
    /// ServiceProvider, ServiceUser, Time, ContentId: how TC260-PG-20233A is written in practice.
    case guide2023
    /// The export data of ByteDance's apps.
    case byteDance
  }

  let schema: Schema
  let fields: [Detection.Field]

  private static let guideKeys = ["ServiceProvider", "ServiceUser", "Time", "ContentId"]
  private static let appKeys = ["product", "exportType", "aigc_info", "aigc_type", "aigc_label_type"]

  /// Nil when `members` are of neither schema, and for app data that says "not generated".
  init?(_ members: [(String, JSONValue)]) {
    let names = Set(members.map(\.0))
    if names.contains("ServiceProvider"), names.contains("ContentId") || names.contains("Time") {
      schema = .guide2023
      fields = members.filter { Self.guideKeys.contains($0.0) }.map {
        Detection.Field($0.0, AnnexEReading.text(of: $0.1))
      }
    } else if Self.declares(.object(members), depth: 4) {
      schema = .byteDance
      var fields: [Detection.Field] = []
      Self.collect(.object(members), into: &fields, depth: 4)
      self.fields = fields
    } else {
      return nil
    }
  }

  /// Why it is no label of the standard.
  var finding: Finding {
    switch schema {
    case .guide2023:
      Finding(
        "V-LEGACY", .info,
        "ServiceProvider schema of the 2023 guide (TC260-PG-20233A); GB 45438-2025 Annex E replaces it")
    case .byteDance:
      Finding(
        "V-LEGACY", .info,
        "an app's own aigc_label_type says that the content is generated; it is no label of GB 45438-2025")
    }
  }

  /// Whether some `aigc_type` or `aigc_label_type` is above zero; zero says that nothing was generated.
  private static func declares(_ value: JSONValue, depth: Int) -> Bool {
    guard depth > 0 else { return false }
    switch nested(value) {
    case .object(let members):
      return members.contains { name, value in
        if name == "aigc_type" || name == "aigc_label_type" { return isPositive(value) }
        return declares(value, depth: depth - 1)
      }
    case .array(let values): return values.prefix(16).contains { declares($0, depth: depth - 1) }
    default: return false
    }
  }

  private static func collect(_ value: JSONValue, into fields: inout [Detection.Field], depth: Int) {
    guard depth > 0, fields.count < 16 else { return }
    guard case .object(let members) = nested(value) else { return }
    for (name, value) in members {
      switch nested(value) {
      case .object: collect(value, into: &fields, depth: depth - 1)
      default:
        guard appKeys.contains(name), fields.count < 16 else { continue }
        fields.append(Detection.Field(name, AnnexEReading.excerpt(AnnexEReading.text(of: value))))
      }
    }
  }

  private static func isPositive(_ value: JSONValue) -> Bool {
    switch value {
    case .int(let number): number > 0
    case .string(let text): (Int(text) ?? 0) > 0
    case .bool(let truth): truth
    default: false
    }
  }

  /// An object that is written as a string, as an object.
  private static func nested(_ value: JSONValue) -> JSONValue {
    guard let text = value.string, text.utf8.first == UInt8(ascii: "{"),
      let inner = try? JSONValue(parsing: Array(text.utf8))
    else { return value }
    return inner
  }
}
