internal import MediaCore

/// The members of a label held against Annex E.
struct AnnexESchema {
  /// The seven keys that are there, in the order found.
  private(set) var known: [(key: AnnexE.Key, value: JSONValue)] = []
  /// All other members.
  private(set) var unknown: [(String, JSONValue)] = []
  /// V-REQ, V-LABEL, V-CHARSET, V-CODE, V-UNKNOWN, V-SIG, and V-JSON for what is no string or stands twice.
  private(set) var findings: [Finding] = []

  init(_ members: [(String, JSONValue)]) {
    var repeated: Set<AnnexE.Key> = []
    for (name, value) in members {
      if let key = AnnexE.Key(rawValue: name) {
        if known.contains(where: { $0.key == key }) {
          if repeated.insert(key).inserted {
            add("V-JSON", .warning, "\(name) stands more than once; the first is read")
          }
        } else {
          known.append((key, value))
        }
      } else {
        unknown.append((name, value))
      }
    }
    checkRequired()
    checkLabel()
    for (key, value) in known { check(value, of: key) }
    checkUnknown()
  }

  private func text(_ key: AnnexE.Key) -> String {
    known.first { $0.key == key }.map { AnnexEReading.text(of: $0.value) } ?? ""
  }

  private mutating func add(_ code: String, _ severity: Finding.Severity, _ message: String) {
    findings.append(Finding(code, severity, message))
  }

  private mutating func checkRequired() {
    // A platform that adds a label of its own knows neither the producer nor his number.
    let isPropagators = ["2", "3"].contains(text(.label)) && !text(.propagator).isEmpty
    for key in [AnnexE.Key.label, .producer, .produceID] where text(key).isEmpty {
      let state = known.contains { $0.key == key } ? "empty" : "missing"
      if key != .label, isPropagators {
        add(
          "V-REQ", .warning,
          "\(key.rawValue) is \(state), as the propagator's own label leaves it (Article 6)")
      } else {
        add("V-REQ", .error, "\(key.rawValue) is \(state); Annex E requires it")
      }
    }
    let missing = AnnexE.Key.allCases.dropFirst(3).filter { key in !known.contains { $0.key == key } }
    if !missing.isEmpty {
      let names = missing.map(\.rawValue).joined(separator: ", ")
      add("V-REQ", .info, "\(names) not written; Annex E writes all seven keys, empty if need be")
    }
  }

  private mutating func checkLabel() {
    guard let value = known.first(where: { $0.key == .label })?.value else { return }
    let label = AnnexEReading.text(of: value)
    guard !label.isEmpty else { return }
    if ["1", "2", "3"].contains(label) {
      if value.string == nil {
        add("V-LABEL", .warning, "Label is the number \(label), expected the string \"\(label)\" (Annex E c)")
      }
    } else if label.uppercased() == "AIGC" {
      add(
        "V-LABEL", .warning,
        "Label is \"AIGC\", expected \"1\", \"2\" or \"3\" (Annex E c); taken as evidence")
    } else {
      add(
        "V-LABEL", .error,
        "Label is '\(AnnexEReading.excerpt(label))', expected \"1\", \"2\" or \"3\" (Annex E c)")
    }
  }

  private mutating func check(_ value: JSONValue, of key: AnnexE.Key) {
    let text = AnnexEReading.text(of: value)
    if value.string == nil, key != .label {
      add("V-JSON", .warning, "\(key.rawValue) is \(kind(of: value)), expected a string (Annex E)")
    }
    if let bad = AnnexE.badCharacter(in: text, quotes: true) {
      add("V-CHARSET", .warning, "\(key.rawValue) holds \(bad.description); allowed are \(AnnexE.charset)")
    }
    switch key {
    case .producer, .propagator:
      if let problem = ProviderCode.problem(with: text) {
        add(
          "V-CODE", .warning,
          "\(key.rawValue) '\(text)' is no provider code: \(problem) (TC260-PG-20252A)")
      } else if let note = ProviderCode.note(on: text) {
        add("V-CODE", .info, "\(key.rawValue) \(note)")
      }
    case .reservedCode1, .reservedCode2:
      if holdsSecurityData(value) {
        add(
          "V-SIG", .info,
          "\(key.rawValue) holds SecurityData: present, signature not verified in this version (TC260-PG-202511A)"
        )
      }
    case .label, .produceID, .propagateID: break
    }
  }

  private func holdsSecurityData(_ value: JSONValue) -> Bool {
    guard let text = value.string else { return value["SecurityData"] != nil }
    let bytes = Array(text.utf8)
    guard bytes.holds("SecurityData"), let inner = try? AnnexEText(text) else {
      return false
    }
    return inner.members.contains { $0.0 == "SecurityData" }
  }

  private func kind(of value: JSONValue) -> String {
    switch value {
    case .null: "null"
    case .bool: "a truth value"
    case .int, .double: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }

  private mutating func checkUnknown() {
    guard !unknown.isEmpty else { return }
    let names = unknown.prefix(8).map { AnnexEReading.excerpt($0.0) }.joined(separator: ", ")
    let more = unknown.count > 8 ? " and \(unknown.count - 8) more" : ""
    add("V-UNKNOWN", .warning, "keys that Annex E does not know: \(names)\(more)")
  }
}
