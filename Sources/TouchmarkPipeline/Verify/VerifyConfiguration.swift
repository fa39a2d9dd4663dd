public import Labels
public import MediaCore
public import MediaFormats
public import Typesetting

/// Everything that a verify run needs to know but the files.
public struct VerifyConfiguration: Sendable {
  /// Whether the uploader declares the content generated (Labelling Measures, Article 6(2)).
  public var isDeclared: Bool
  /// Labels that must be found for a file to satisfy; empty asks for the verdict `confirmed`.
  public var required: [LabelID]
  /// The labels looked for.
  public var layers: [LabelID]
  /// Texts of explicit labels to look for beside the standard phrases.
  public var texts: [String]
  /// Keys of watermarks to look for; none leaves watermarks unsearched.
  public var keys: [WatermarkKey]
  /// Whether to search for watermarks in more geometries, at several times the cost.
  public var isDeep: Bool
  /// The ledger to look files up in; nil looks none up.
  public var ledger: FilePath?
  /// Whether fingerprints are taken; with a ledger they always are.
  var takesFingerprints = false
  /// The font that explicit labels are looked for in.
  public var font: Font
  /// Bounds on one file.
  public var limits: Limits
  /// The containers known.
  public var formats: FormatTable
  /// The labels known.
  public var labels: LabelTable

  /// A configuration; `layers` nil looks for every label known.
  public init(
    isDeclared: Bool = false, required: [LabelID] = [], layers: [LabelID]? = nil, texts: [String] = [],
    keys: [WatermarkKey] = [], isDeep: Bool = false, font: Font = .embedded, limits: Limits = Limits(),
    formats: FormatTable = BuiltinFormats.table,
    labels: LabelTable = BuiltinLabels.table
  ) {
    self.isDeclared = isDeclared
    self.required = required
    self.layers = layers ?? labels.labels.map(\.descriptor.id)
    self.texts = texts
    self.keys = keys
    self.isDeep = isDeep
    self.font = font
    self.limits = limits
    self.formats = formats
    self.labels = labels
  }

  /// Throws `invalidArgument` for an unknown label, one that is required but not looked for, or a text without glyphs.
  public func validate() throws(MediaError) {
    let known = labels.labels.map(\.descriptor.id)
    for id in required + layers where !known.contains(id) {
      throw MediaError(
        .invalidArgument, .verify,
        "'\(id)' is no label known here; there are \(known.map(\.rawValue).joined(separator: ", "))")
    }
    for id in required where !layers.contains(id) {
      throw MediaError(.invalidArgument, .verify, "'\(id)' is required but not among the layers looked for")
    }
    let typesetter = try font.makeTypesetter()
    for text in texts { _ = try typesetter.mask(for: text, inkHeight: 12) }
  }
}
