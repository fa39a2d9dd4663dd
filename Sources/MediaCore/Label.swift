/// A label's short name, the same in reports, flags and tables.
public struct LabelID: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
  /// The name: `explicit`, `metadata`, `iptc`, `watermark`.
  public let rawValue: String
  /// A label by its name.
  public init(rawValue: String) { self.rawValue = rawValue }
  /// The name.
  public var description: String { rawValue }
}

/// A row of the label table.
public final class LabelDescriptor: Sendable {
  /// The short name; the value of `--layers` that turns it on.
  public let id: LabelID
  /// The media it applies to.
  public let kinds: Set<MediaKind>
  /// The media in which the rules ask for it: a file of these kinds that cannot be given it fails instead of going
  /// without, unless `--layers` leaves it out.
  public let isDue: Set<MediaKind>
  /// Whether `label` embeds it by default. False for kinds that are only ever detected.
  public let isDefault: Bool
  /// Whether it can be embedded at all; traces of generators can only be detected.
  public let isEmbeddable: Bool
  /// Whether a file holds at most one (GB 45438-2025 6.1 c): one that is there already is skipped, replaced or
  /// refused, never joined by a second.
  public let isExclusive: Bool
  /// Whether it is made and found with a `WatermarkKey`.
  public let needsKey: Bool
  /// What it is and the clause it answers to, one line for the table of labels.
  public let summary: String

  /// A row of the table.
  public init(
    id: LabelID, kinds: Set<MediaKind>, isDefault: Bool, isEmbeddable: Bool = true, isExclusive: Bool = false,
    needsKey: Bool = false, isDue: Set<MediaKind> = [], summary: String
  ) {
    self.isDue = isDue
    self.id = id
    self.kinds = kinds
    self.isDefault = isDefault
    self.isEmbeddable = isEmbeddable
    self.isExclusive = isExclusive
    self.needsKey = needsKey
    self.summary = summary
  }
}

/// A kind of label: stateless, one conformer a kind, listed in the table of labels.
public protocol LabelKind: Sendable {
  /// Its row of the table.
  var descriptor: LabelDescriptor { get }
  /// Whether `query` has what a search of pictures or sound takes; a label that cannot be searched is reported as not
  /// searched.
  func canSearch(_ query: LabelQuery) -> Bool
}

extension LabelKind {
  /// Most labels need nothing.
  public func canSearch(_ query: LabelQuery) -> Bool { true }
}

/// A label that is metadata.
public protocol MetadataLabel: LabelKind {
  /// What to write for `record`. Throws `invalidArgument` when the record breaks a rule.
  func properties(for record: LabelRecord) throws(MediaError) -> [MetadataProperty]
  /// What `items` say, one detection a site.
  func detect(in items: [MetadataItem]) -> [Detection]
}

/// A label in the signal of frames.
public protocol FrameLabel: LabelKind {
  /// Prepares for a file; throws `insufficientCapacity` when it cannot fit.
  func makeEmbedder(
    _ record: LabelRecord, for info: MediaInfo, typesetter: any Typesetter
  ) throws(MediaError) -> any FrameEmbedder
  /// Prepares the search in a file.
  func makeDetector(
    for info: MediaInfo, query: LabelQuery, typesetter: any Typesetter
  ) throws(MediaError) -> any FrameDetector
}

/// Embeds one label into the frames of one file. Owned by one worker.
public protocol FrameEmbedder: AnyObject {
  /// Edits `frame`; returns what was done, in stored coordinates.
  func embed(in frame: any Frame) throws(MediaError) -> Embedding
  /// Whether it may edit any frame of a video that is coded anew, not only those in which the rules want a label shown.
  var takesAllCodedFrames: Bool { get }
  /// Whether it changes samples all over a frame and not only in a box.
  var changesThroughout: Bool { get }
  /// What was done to all frames since, where the first does not speak for all; nil where it does.
  var total: Embedding? { get }
}

extension FrameEmbedder {
  /// Most labels are shown for as long as they are asked for.
  public var takesAllCodedFrames: Bool { false }
  /// Most labels are drawn somewhere.
  public var changesThroughout: Bool { false }
  /// Most labels are the same in all frames.
  public var total: Embedding? { nil }
}

/// Searches the frames of one file for one label. Owned by one worker.
public protocol FrameDetector: AnyObject {
  /// Looks at a frame.
  func observe(_ frame: any Frame) throws(MediaError)
  /// What was found in all frames observed.
  func finish() throws(MediaError) -> [Detection]
}

/// A search that may want more of a file with a time line than its opening.
public protocol TimedFrameDetector: FrameDetector {
  /// The frames to observe next, once those asked for before were observed; nil when it is sure, or gives up.
  func nextSampling() throws(MediaError) -> FrameSampling?
}

/// What an embedder did to a frame.
public struct Embedding: Sendable, Hashable {
  /// The rectangle outside of which no decoded sample changed, in stored coordinates.
  public var box: PixelRect
  /// Rows of ink of the text line, in displayed pixels; zero for labels without text.
  public var textHeight: Int
  /// The text that is shown.
  public var text: String
  /// What else a report should say.
  public var fields: [Detection.Field] = []
  /// The field of a detection that shows this very label: its text, or else the first of `fields`.
  public var proof: Detection.Field { text.isEmpty ? fields.first ?? .init("text", "") : .init("text", text) }

  /// What an embedder did.
  public init(box: PixelRect, textHeight: Int, text: String) {
    self.box = box
    self.textHeight = textHeight
    self.text = text
  }
}

/// One observation of a label: evidence, never a judgement.
public struct Detection: Sendable, Hashable {
  /// A name and a value, in the order found.
  public struct Field: Sendable, Hashable {
    /// The key.
    public let name: String
    /// The value as text.
    public let value: String
    /// The value as a number; nil for text.
    public let number: Double?
    /// A named value.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
      number = nil
    }
    /// A named number, rounded to `digits` behind the point.
    public init(_ name: String, number: Double, digits: Int) {
      let scale = (0..<digits).reduce(1.0) { power, _ in power * 10 }
      let rounded = (number * scale).rounded() / scale
      self.name = name
      self.number = rounded
      value = "\(rounded)"
    }
  }

  /// The label seen.
  public let label: LabelID
  /// 0 … 1: how sure the detector is that this is such a label at all.
  public let confidence: Double
  /// The metadata site, for labels in metadata.
  public let site: MetadataItem?
  /// Where in the picture, stored coordinates, for labels in frames.
  public let box: PixelRect?
  /// The label's own fields: the seven of Annex E for `metadata`, `text` for `explicit`.
  public let fields: [Field]
  /// What is irregular about this one observation.
  public let findings: [Finding]
  /// What was seen, in words.
  public let evidence: String

  /// An observation of a label.
  public init(
    label: LabelID, confidence: Double, site: MetadataItem? = nil, box: PixelRect? = nil,
    fields: [Field] = [],
    findings: [Finding] = [], evidence: String
  ) {
    self.label = label
    self.confidence = confidence
    self.site = site
    self.box = box
    self.fields = fields
    self.findings = findings
    self.evidence = evidence
  }

  /// The same with one more field.
  public func adding(_ field: Field) -> Detection {
    Detection(
      label: label, confidence: confidence, site: site, box: box, fields: fields + [field],
      findings: findings, evidence: evidence)
  }

  /// The value of the field called `name`.
  public subscript(name: String) -> String? { fields.first { $0.name == name }?.value }
}

/// The labels a pipeline knows; a plain value that is passed in.
public struct LabelTable: Sendable {
  /// In the order of help texts and tables.
  public let labels: [any LabelKind]
  /// Labels that are made with a key.
  public let keyed: Set<LabelID>
  // What is asked of the table file by file is taken from the rows once.
  private let ids: [LabelID]
  private let due: [MediaKind: Set<LabelID>]

  /// A table of labels.
  public init(_ labels: [any LabelKind]) {
    self.labels = labels
    let rows = labels.map(\.descriptor)
    ids = rows.map(\.id)
    keyed = Set(rows.filter(\.needsKey).map(\.id))
    due = Dictionary(
      uniqueKeysWithValues: MediaKind.allCases.map { kind in
        (kind, Set(rows.filter { $0.isDue.contains(kind) }.map(\.id)))
      })
  }

  /// Labels that the rules ask for in media of `kind`.
  public func due(in kind: MediaKind) -> Set<LabelID> { due[kind] ?? [] }

  /// The label with this id.
  public func label(_ id: LabelID) -> (any LabelKind)? { ids.firstIndex(of: id).map { labels[$0] } }
}
