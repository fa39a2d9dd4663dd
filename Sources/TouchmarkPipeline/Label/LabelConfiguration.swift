public import Labels
public import Ledger
public import MediaCore
public import MediaFormats
public import Typesetting

/// What to do with a file that carries the label already.
public enum ExistingPolicy: String, Sendable, CaseIterable {
  /// Leave it as it is; with an output folder it is copied there unchanged.
  case skip
  /// Take the old label's sites away and write a new one; the old one is in the report.
  case replace
  /// Fail the file.
  case fail
}

/// How a labelled file is read back before it gets its name.
public enum CheckLevel: String, Sendable, CaseIterable {
  case none
  /// The metadata label is there once, with the fields that were written.
  case metadata
  /// Also the explicit label is found where it was drawn, and no sample outside its box has changed.
  case full
}

/// How hard a run tries to reach the disk before an output gets its name. Under each, an output is whole or not there when the
/// process is killed.
public enum SyncPolicy: String, Sendable, CaseIterable {
  /// Not at all: after a power cut the last half minute's outputs may be missing, empty or half.
  case none
  /// Many together: after a power cut an output that has its name is whole; the up to 64 last files of each worker may be
  /// missing.
  case batch
  /// Each by itself: what was reported is on the disk.
  case file
}

/// Where the bytes of outputs end.
public enum OutputSink: String, Sendable, CaseIterable {
  /// Nowhere: they are written to memory, read back as ever, and dropped. Inputs are not replaced either.
  case null
  /// Under the output's name.
  case disk
}

/// Everything that a label run needs to know but the files.
public struct LabelConfiguration: Sendable {
  /// What the labels say; `produceID` is filled in file by file, `text` unless a manifest line has one.
  public var record: LabelRecord
  /// The labels to embed, by id.
  public var layers: [LabelID]
  /// Whether `layers` were asked for by name: a file that cannot carry one of them fails then. Otherwise one that the rules
  /// only encourage (the watermark) is left out with a note.
  public let namesLayers: Bool
  /// What to do with a file that is labelled already.
  public var existing: ExistingPolicy
  /// How much is read back.
  public var check: CheckLevel
  /// When outputs are synced.
  public var sync = SyncPolicy.file
  /// Whether outputs that an earlier run has finished are left alone.
  public var resumes: Bool
  /// Whether a file whose container has no place for a label is put, as it is, into one that has.
  public var remuxes = false
  /// Whether everything is done but the writing.
  public var isDryRun: Bool
  /// Whether results hold SHA-256 sums of input and output: of a long video they cost more than the copy does.
  public var digests = true
  /// Whether outputs are kept.
  public var sink = OutputSink.disk
  /// Takes a record of each labelled file; nil keeps none.
  public var ledger: LedgerWriter?
  /// Who asked for files without an explicit label, and under what agreement (Labelling Measures, Article 9).
  public var waiver: ExplicitWaiver?
  /// The font of explicit labels.
  public var font: Font
  /// Bounds on one file.
  public var limits: Limits
  /// The containers known.
  public var formats: FormatTable
  /// The labels known.
  public var labels: LabelTable

  /// A configuration; only the producer has no default. `layers` nil takes those that are on by default, of those that need
  /// a key only where `record.watermarkKey` is one.
  public init(
    record: LabelRecord, layers: [LabelID]? = nil, existing: ExistingPolicy = .skip,
    check: CheckLevel = .metadata, resumes: Bool = false, isDryRun: Bool = false, font: Font = .embedded,
    limits: Limits = Limits(), formats: FormatTable = BuiltinFormats.table,
    labels: LabelTable = BuiltinLabels.table
  ) {
    self.record = record
    let defaults = labels.labels.map(\.descriptor).filter {
      $0.isDefault && (!$0.needsKey || record.watermarkKey != nil)
    }
    self.layers = layers ?? defaults.map(\.id)
    namesLayers = layers != nil
    self.existing = existing
    self.check = check
    self.resumes = resumes
    self.isDryRun = isDryRun
    self.font = font
    self.limits = limits
    self.formats = formats
    self.labels = labels
  }

  /// Throws `invalidArgument` for what could be known before any file is opened: an unknown layer, a record or text
  /// against a clause, a character without a glyph.
  public func validate() throws(MediaError) {
    for id in layers {
      guard let label = labels.label(id), label.descriptor.isEmbeddable else {
        let known = labels.labels.filter(\.descriptor.isEmbeddable).map(\.descriptor.id.rawValue)
        throw MediaError(
          .invalidArgument, .label,
          "'\(id)' is not a layer to embed; there are \(known.joined(separator: ", "))")
      }
    }
    try waiver?.check(self)
    var sample = record
    if sample.produceID.isEmpty { sample.produceID = "1" }
    // A picture on which any legal text fits: only what is wrong with the text itself is left to throw.
    let format = formats.formats.first?.descriptor.id ?? FormatID(rawValue: "")
    let info = MediaInfo(format: format, kind: .image, size: PixelSize(width: 8192, height: 1024))
    let typesetter = try font.makeTypesetter()
    for id in layers {
      switch labels.label(id) {
      case let label as any MetadataLabel: _ = try label.properties(for: sample)
      case let label as any FrameLabel:
        _ = try label.makeEmbedder(sample, for: info, typesetter: typesetter)
      default: break
      }
    }
  }
}
