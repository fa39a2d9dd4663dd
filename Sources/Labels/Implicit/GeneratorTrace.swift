internal import MediaCore

/// One trace in one item.
struct GeneratorTrace: Equatable {
  /// What sort of trace.
  enum Kind: String {
    /// The settings of a run as text or as an object.
    case parameters
    /// The graph of a node editor.
    case workflow
    /// The name of a generator where programs put theirs.
    case software
    /// Words or keys that say "generated" in no standard's form.
    case stamp
  }

  let generator: String
  let kind: Kind
  let confidence: Double

  init(_ generator: String, _ kind: Kind, _ confidence: Double) {
    self.generator = generator
    self.kind = kind
    self.confidence = confidence
  }

  /// The surest trace of `item`; nil when it holds none.
  init?(in item: MetadataItem) {
    guard item.carrier != .box, item.form != .raw, item.form != .presence, !item.value.isBlank else {
      return nil
    }
    let found =
      GeneratorParameters.trace(in: item) ?? GeneratorNames.trace(in: item) ?? HomeMadeStamp.trace(in: item)
    guard let found else { return nil }
    self = found
  }
}
