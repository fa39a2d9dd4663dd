internal import MediaCore

/// The text of a label, taken out of whatever it is packed in.
struct AnnexEText {
  /// How the object was packed, for the findings.
  enum Packing: Hashable {
    /// `{"AIGC":{…}}`
    case wrapped
    /// A JSON string that holds JSON.
    case encodedTwice
    /// Quotes escaped by backslashes or XML entities that nothing asked for.
    case escaped
    /// Something stands behind the object.
    case followed
  }

  /// Why there is no object.
  struct Failure: Error {
    let reason: String
  }

  /// The members as they stand.
  let members: [(String, JSONValue)]
  private(set) var packing: Set<Packing> = []

  /// Takes `text` apart; throws why there is no object.
  init(_ text: String) throws(Failure) {
    var bytes = Self.trimmed(Array(text.utf8))
    var packing: Set<Packing> = []
    // Each round takes one wrapping off; more than six is no label that anyone wrote.
    for _ in 0..<6 {
      guard !bytes.isEmpty else { throw Failure(reason: "the value is empty") }
      if let plain = Self.unescaped(bytes) {
        bytes = plain
        packing.insert(.escaped)
        continue
      }
      var end = 0
      let value: JSONValue
      do throws(JSONError) { value = try JSONValue(prefixOf: bytes, end: &end) } catch {
        throw Failure(reason: error.description)
      }
      if end < bytes.count { packing.insert(.followed) }
      switch value {
      case .string(let inner):
        packing.insert(.encodedTwice)
        bytes = Self.trimmed(Array(inner.utf8))
      case .object(let members):
        guard let inner = members.first(where: { $0.0.lowercased() == "aigc" })?.1 else {
          self.members = members
          self.packing = packing
          return
        }
        packing.insert(.wrapped)
        if let text = inner.string {
          packing.insert(.encodedTwice)
          bytes = Self.trimmed(Array(text.utf8))
        } else {
          bytes = inner.bytes
        }
      default: throw Failure(reason: "expected an object")
      }
    }
    throw Failure(reason: "wrapped more often than is unpacked")
  }

  /// Whether `text` begins as an object, a string or their escaped forms do.
  static func opensJSON(_ text: String) -> Bool {
    guard let first = trimmed(Array(text.utf8.prefix(64))).first else { return false }
    return [UInt8(ascii: "{"), UInt8(ascii: "\""), UInt8(ascii: "["), UInt8(ascii: "\\")].contains(first)
  }

  /// The part of `text` that is or was to be a label, judged by its content; nil when there is none. `anywhere` finds
  /// it also behind other bytes.
  static func label(in text: String, anywhere: Bool) -> String? {
    let bytes = Array(text.utf8)
    if anywhere, let start = glued(in: bytes) { return String(decoding: bytes[start...], as: UTF8.self) }
    guard opensJSON(text), signs.contains(where: bytes.holds) else { return nil }
    do throws(Failure) { return isLabel(try AnnexEText(text).members) ? text : nil } catch {
      // Damage is only told from other people's broken JSON by how it begins.
      return openings.contains { compact(bytes).starts(with: $0) } ? text : nil
    }
  }

  /// Whether `members` are a label's, by this standard or by an older schema.
  private static func isLabel(_ members: [(String, JSONValue)]) -> Bool {
    let names = Set(members.map(\.0))
    let telling = ["ContentProducer", "ProduceID", "ContentPropagator", "PropagateID"]
    if names.contains("Label"), telling.contains(where: names.contains) { return true }
    if names.isSuperset(of: ["ContentProducer", "ProduceID"]) { return true }
    return LegacyLabel(members) != nil
  }

  /// Some sign that a text is worth parsing: workflows of a megabyte are not.
  private static let signs = [
    "AIGC\\\":", "AIGC\":", "AIGC\" ", "AIGC&quot;", "ContentProducer", "ProduceID", "ContentPropagator",
    "ServiceProvider", "aigc_",
  ]

  private static let openings = [
    "{\"AIGC\":", "{\"aigc\":", "{\"Label\":\"1\",\"Content", "{\"Label\":\"2\",\"Content",
    "{\"Label\":\"3\",\"Content", "{\"Label\":1,\"Content", "{\"ContentProducer\":",
  ].map { Array($0.utf8) }

  /// Where `AIGC{` or `{"AIGC"` stands among other bytes.
  private static func glued(in bytes: [UInt8]) -> Int? {
    if let range = bytes.range(of: Array("AIGC{".utf8)) { return range.upperBound - 1 }
    return bytes.range(of: Array("{\"AIGC\"".utf8))?.lowerBound
  }

  /// The beginning without white space and packing.
  private static func compact(_ bytes: [UInt8]) -> [UInt8] {
    let head = trimmed(Array(bytes.prefix(256)))
    let plain = unescaped(head) ?? head
    return plain.filter { $0 > 0x20 && $0 != UInt8(ascii: "\\") }.drop { $0 == UInt8(ascii: "\"") } + []
  }

  /// Without byte order mark, and without white space and zeros around.
  private static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
    var rest = bytes[...]
    while true {
      if let first = rest.first, first <= 0x20 {
        rest = rest.dropFirst()
      } else if rest.starts(
        with: "\u{FEFF}".utf8)
      {
        rest = rest.dropFirst(3)
      } else {
        break
      }
    }
    while let last = rest.last, last <= 0x20 { rest = rest.dropLast() }
    return Array(rest)
  }

  /// An object whose quotes are all escaped, with plain quotes; nil for any other text.
  private static func unescaped(_ bytes: [UInt8]) -> [UInt8]? {
    let inner = bytes.first == UInt8(ascii: "{") ? bytes.dropFirst().drop { $0 <= 0x20 } : bytes[...]
    if inner.starts(with: "\\\"".utf8) {
      let quoted = [UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")]
      var end = 0
      guard let text = (try? JSONValue(prefixOf: quoted, end: &end))?.string else { return nil }
      return Array(text.utf8)
    }
    guard bytes.first == UInt8(ascii: "{"), inner.starts(with: "&quot;".utf8) else { return nil }
    var plain = bytes
    for (entity, character) in [("&quot;", "\""), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")] {
      plain = plain.replacing(Array(entity.utf8), with: Array(character.utf8))
    }
    return plain
  }
}
