internal import MediaCore

/// What a record must satisfy before its label is written (GB 45438-2025 Annex E).
enum AnnexERule {
  /// Throws `invalidArgument` with the key, what is wrong with it and the clause.
  static func check(_ record: LabelRecord) throws(MediaError) {
    for key in AnnexE.Key.allCases { try check(record[key], of: key) }
    switch record.label {
    case "1":
      try require(.producer, of: record, "a name or a 27-character code, from the configuration")
      try require(.produceID, of: record, "the provider's unique number for this content")
    case "2", "3":
      try require(.propagator, of: record, "the name or code of the platform that adds the label")
    default:
      throw refused("Label is '\(excerpt(record.label))'; Annex E c allows \"1\", \"2\" and \"3\"")
    }
    for key in [AnnexE.Key.producer, .propagator] {
      if let problem = ProviderCode.problem(with: record[key]) {
        throw refused("\(key.rawValue) '\(record[key])' is no provider code: \(problem) (TC260-PG-20252A)")
      }
    }
  }

  /// Throws `invalidArgument` for a value that is too long or holds a character outside of E j).
  static func check(_ value: String, of key: AnnexE.Key) throws(MediaError) {
    let length = value.unicodeScalars.count
    guard length <= AnnexE.longestValue else {
      throw refused(
        "\(key.rawValue) is \(length) characters long; at most \(AnnexE.longestValue) are written, the bound that "
          + "Tencent's labelling service sets (GB 45438-2025 gives none)")
    }
    if let bad = AnnexE.badCharacter(in: value, quotes: key.isReserved) {
      throw refused(
        "\(key.rawValue) holds \(bad.description); allowed are \(AnnexE.charset)" + remedy(for: bad, of: key))
    }
  }

  private static func require(
    _ key: AnnexE.Key, of record: LabelRecord, _ expected: String
  ) throws(MediaError) {
    guard record[key].isEmpty else { return }
    throw refused("\(key.rawValue) is empty; Label \"\(record.label)\" needs \(expected) (Annex E)")
  }

  private static func remedy(for bad: AnnexE.BadCharacter, of key: AnnexE.Key) -> String {
    switch key {
    case .producer, .propagator: "; give the 27-character code instead of such a name"
    case _ where bad.scalar == "\"": "; a quote may stand in ReservedCode1 and ReservedCode2 only"
    default: ""
    }
  }

  private static func excerpt(_ text: String) -> String { String(text.prefix(40)) }

  private static func refused(_ message: String) -> MediaError {
    MediaError(.invalidArgument, .label, message)
  }
}

extension LabelRecord {
  /// The value that goes under `key`.
  subscript(key: AnnexE.Key) -> String {
    switch key {
    case .label: label
    case .producer: producer
    case .produceID: produceID
    case .reservedCode1: reservedCode1
    case .propagator: propagator
    case .propagateID: propagateID
    case .reservedCode2: reservedCode2
    }
  }
}
