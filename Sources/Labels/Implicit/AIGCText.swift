internal import MediaCore

/// Takes the text of a site apart: JSON as annex E has it, wrapped, encoded twice, in an older or private schema.
enum AIGCText {
  /// A label's members as text, with what was irregular about the JSON.
  struct Object {
    var members: [(String, String)]
    var isWrapped: Bool
    var findings: [Finding]
  }

  enum Content {
    case label(Object)
    /// A disclosure in another schema, by its name.
    case legacy(String, [(String, String)])
    /// Not JSON, with the members that could be read.
    case damaged(String, [(String, String)])
    case none
  }

  /// How often JSON may be encoded in JSON.
  private static let encodings = 3

  /// Without white space, zeros and a byte order mark around it.
  static func trimmed(_ text: String) -> String {
    let scalars = text.unicodeScalars
    func isPadding(_ scalar: Unicode.Scalar) -> Bool { scalar.value <= 0x20 || scalar.value == 0xFEFF }
    guard let first = scalars.firstIndex(where: { !isPadding($0) }),
      let last = scalars.lastIndex(where: { !isPadding($0) })
    else { return "" }
    return String(scalars[first...last])
  }

  /// Whether a value under another name than AIGC is worth parsing.
  static func mayHoldLabel(_ text: String) -> Bool {
    guard let first = text.utf8.first, first == UInt8(ascii: "{") || first == UInt8(ascii: "\"") else {
      return false
    }
    return ["AIGC", "ContentProducer", "ProduceID", "ServiceProvider", "aigc_info", "aigc_label_type"]
      .contains {
        text.contains($0)
      }
  }

  static func decode(_ text: String) -> Content {
    var text = text
    var findings: [Finding] = []
    for _ in 0..<encodings {
      let value: JSONValue
      do throws(JSONError) { value = try JSONValue(parsing: Array(text.utf8)) } catch {
        if let plain = unescaped(text) {
          findings.append(Finding("V-JSON", .warning, "the JSON is escaped as if it stood inside a string"))
          text = plain
          continue
        }
        return salvage(text, error)
      }
      switch value {
      case .string(let inner):
        findings.append(Finding("V-JSON", .warning, "the JSON is encoded twice: a string holds the object"))
        text = trimmed(inner)
      case .object(let members): return content(members, findings)
      default: return .none
      }
    }
    return .none
  }

  private static func content(_ members: [(String, JSONValue)], _ findings: [Finding]) -> Content {
    let wrapped = members.first { $0.0.uppercased() == AIGCMetadataLabel.name }?.1
    switch wrapped {
    case .object(let inner)?: return schema(inner, isWrapped: true, findings)
    case .string(let inner)?:
      if case .label(var object) = decode(trimmed(inner)) {
        object.findings += [
          Finding("V-JSON", .warning, "the wrapped label is a string that holds the object")
        ]
        object.isWrapped = true
        return .label(object)
      }
      return .none
    default: return schema(members, isWrapped: false, findings)
    }
  }

  private static func schema(
    _ members: [(String, JSONValue)], isWrapped: Bool, _ findings: [Finding]
  ) -> Content {
    let names = Set(members.map(\.0))
    let texts = members.map { ($0.0, text(of: $0.1)) }
    if !names.isDisjoint(with: ["Label", "ContentProducer", "ProduceID", "ContentPropagator"]) {
      return .label(object(members, isWrapped: isWrapped, findings))
    }
    if names.contains("ServiceProvider") { return .legacy("TC260-PG-20233A", texts) }
    if !names.isDisjoint(with: ["aigc_info", "aigc_label_type", "aigc_type"]) {
      return .legacy("aigc_info", texts)
    }
    return isWrapped ? .damaged("the object under 'AIGC' has none of the members of annex E", texts) : .none
  }

  /// The members as text; of repeated ones the first.
  private static func object(
    _ members: [(String, JSONValue)], isWrapped: Bool, _ findings: [Finding]
  ) -> Object {
    var object = Object(members: [], isWrapped: isWrapped, findings: findings)
    for (name, value) in members {
      if object.members.contains(where: { $0.0 == name }) {
        object.findings.append(Finding("V-JSON", .warning, "member '\(name)' stands twice; the first counts"))
        continue
      }
      if case .string = value {
      } else {
        let isReserved = AIGCFields.isReserved(name)
        object.findings.append(
          Finding(
            isReserved ? "V-JSON" : "V-LABEL", .warning,
            "member '\(name)' is not a string as annex E has it"))
      }
      object.members.append((name, text(of: value)))
    }
    return object
  }

  private static func text(of value: JSONValue) -> String {
    if case .string(let text) = value { return text }
    return value.text
  }

  /// `{\"Label\":…}` as text whose quotation marks carry backslashes; nil for anything else.
  private static func unescaped(_ text: String) -> String? {
    guard text.hasPrefix("{"), text.contains("\\\"") else { return nil }
    guard case .string(let plain)? = try? JSONValue(parsing: Array("\"\(text)\"".utf8)), plain != text else {
      return nil
    }
    return plain
  }

  /// The whole members in front of the damage: a text cut short still says whose it is.
  private static func salvage(_ text: String, _ error: JSONError) -> Content {
    var bytes = Array(text.utf8.prefix(max(0, error.offset)))
    let isWrapped = text.hasPrefix("{\"AIGC\"")
    while let comma = bytes.lastIndex(of: UInt8(ascii: ",")) {
      bytes.removeSubrange(comma...)
      let closed = bytes + Array((isWrapped ? "}}" : "}").utf8)
      guard let value = try? JSONValue(parsing: closed) else { continue }
      let inner = isWrapped ? value["AIGC"] ?? value : value
      guard case .object(let members) = inner else { break }
      return .damaged("the JSON ends or breaks: \(error)", members.map { ($0.0, Self.text(of: $0.1)) })
    }
    return .damaged("the JSON ends or breaks: \(error)", [])
  }
}
