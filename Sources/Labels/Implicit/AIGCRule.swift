internal import MediaCore

/// What annex E asks of a label that is written.
enum AIGCRule {
  static func check(_ record: LabelRecord) throws(MediaError) {
    let isProducers = record.label == "1"
    guard ["1", "2", "3"].contains(record.label) else {
      throw error("Label '\(record.label)'", "'1' is, '2' may be, '3' is suspected to be generated", "c")
    }
    if isProducers {
      try require("ContentProducer", record.producer, "d", "give the service provider's code or name")
      try require("ProduceID", record.produceID, "e", "give the content's unique number")
    } else {
      try require("ContentPropagator", record.propagator, "g", "give the platform's code or name")
      try require("PropagateID", record.propagateID, "h", "give the platform's number of the content")
    }
    for (name, value) in [("ContentProducer", record.producer), ("ContentPropagator", record.propagator)]
    where ProviderCode.looksLikeCode(value) {
      if let defect = ProviderCode.defect(of: value) {
        throw MediaError(
          .invalidArgument, .label,
          "\(name) '\(value)' looks like a provider's code but \(defect) (TC260-PG-20252A)"
        )
      }
    }
  }

  static func check(_ name: String, _ value: String) throws(MediaError) {
    if let (position, scalar) = AIGCFields.offender(in: value, quotes: AIGCFields.isReserved(name)) {
      throw MediaError(
        .invalidArgument, .label,
        "\(name) holds \(AIGCFields.spelled(scalar)) as character \(position + 1); GB 45438-2025 annex E j) allows"
          + " printable ASCII without space, quotation mark and backslash: use the provider's 27-character code or"
          + " a Latin name")
    }
    guard value.utf8.count <= AIGCFields.longestValue else {
      throw MediaError(
        .invalidArgument, .label,
        "\(name) has \(value.utf8.count) characters; readers in use take at most \(AIGCFields.longestValue)")
    }
  }

  private static func require(
    _ name: String, _ value: String, _ clause: String, _ remedy: String
  ) throws(MediaError) {
    if value.isEmpty { throw error("\(name) is empty", remedy, clause) }
  }

  private static func error(_ what: String, _ remedy: String, _ clause: String) -> MediaError {
    MediaError(.invalidArgument, .label, "\(what); \(remedy) (GB 45438-2025 annex E \(clause))")
  }
}
