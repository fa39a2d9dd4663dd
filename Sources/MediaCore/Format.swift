/// A format's short lower-case name, the same in reports, flags and tables.
public struct FormatID: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
  /// The name: `png`, `jpeg`.
  public let rawValue: String
  /// A format by its name.
  public init(rawValue: String) { self.rawValue = rawValue }
  /// The name.
  public var description: String { rawValue }
}

/// A row of the format table: all that help texts, README tables and the test matrix derive from.
public struct FormatDescriptor: Sendable {
  /// What the format can carry here.
  public struct Capabilities: OptionSet, Sendable {
    /// Bits.
    public let rawValue: Int
    /// From bits.
    public init(rawValue: Int) { self.rawValue = rawValue }
    /// Metadata can be read.
    public static let readMetadata = Capabilities(rawValue: 1)
    /// Metadata can be written without touching the media.
    public static let writeMetadata = Capabilities(rawValue: 2)
    /// Frames can be decoded.
    public static let decode = Capabilities(rawValue: 4)
    /// Edited frames can be written back.
    public static let encode = Capabilities(rawValue: 8)
  }

  /// The short name.
  public let id: FormatID
  /// What it holds.
  public let kind: MediaKind
  /// File name extensions without the dot; the first is the usual one. Used to find candidates in folders,
  /// never to decide what a file is.
  public let extensions: [String]
  /// MIME types, the registered one first.
  public let mimeTypes: [String]
  /// What can be done with it.
  public let capabilities: Capabilities
  /// Where the AIGC label stands in it and by which guide, in words for the table of formats.
  public let labelSite: String
  /// What a file is called that such a one is remuxed to, the likeliest extension first; empty for a container that
  /// has a place for the label itself.
  public let remuxExtensions: [String]

  /// A row of the table.
  public init(
    id: FormatID, kind: MediaKind, extensions: [String], mimeTypes: [String], capabilities: Capabilities,
    labelSite: String, remuxExtensions: [String] = []
  ) {
    self.remuxExtensions = remuxExtensions
    self.id = id
    self.kind = kind
    self.extensions = extensions
    self.mimeTypes = mimeTypes
    self.capabilities = capabilities
    self.labelSite = labelSite
  }
}

/// How sure a format is that bytes are its own: 0 no, 255 cannot be anything else.
public typealias ProbeScore = UInt8

/// A container format: stateless, one conformer a container, listed in the table of formats.
public protocol MediaFormat: Sendable {
  /// Its row of the table.
  var descriptor: FormatDescriptor { get }
  /// How sure it is from the first bytes (at most 4 KiB) alone; the file name is never looked at.
  func score(_ head: [UInt8]) -> ProbeScore
  /// Reads the structure, header and metadata; decodes no sample. Throws `malformed`, `unsupported`,
  /// `limitExceeded` or `io`.
  func open(_ input: InputFile, limits: Limits, scratch: Scratch) throws(MediaError) -> any MediaFile
}

/// One opened file. Owned by one worker, valid as long as its `InputFile`.
public protocol MediaFile: AnyObject {
  /// What the header says.
  var info: MediaInfo { get }
  /// Every site of metadata that a label or a trace may stand in, in file order.
  var metadata: [MetadataItem] { get }
  /// Why a part of the essence cannot be edited, only copied: `unsupported` for a coding that is not written here or a
  /// part that is not there, `malformed` or `io` for one that cannot be read. Nil where it can be edited.
  func objection(toEditing part: MediaPart) -> MediaError?
  /// Why nothing of the file can be written anew: it ends before its own structure does. `malformed`; nil for a whole file,
  /// and for one whose metadata can be edited all the same.
  var truncation: MediaError? { get }
  /// What an edit of the sound makes of it, where that is another coding than it has; nil where it stays what it is.
  var soundConversion: String? { get }
  /// What `rewrite` calls, with edits to such parts only as can be edited.
  func write(
    to output: OutputFile, changes: MetadataChanges, edit: MediaEdit
  ) throws(MediaError) -> RewriteNotes
}

/// Called with each decoded frame; edits made through the frame are what a rewrite encodes.
public typealias FrameVisitor = (any Frame) throws(MediaError) -> Void

/// What a person should know about how a file was rewritten: `palette widened to RGBA`. Empty when nothing but
/// the label changed.
public struct RewriteNotes: Sendable, Hashable {
  /// One sentence each.
  public var notes: [String]
  /// How much was coded anew; nil for stills.
  public var coding: CodingPlan?
  /// How many packets of a film's sound were coded anew; nil where its sound was not edited.
  public var sound: CodingPlan?
  /// Notes; none by default.
  public init(_ notes: [String] = [], coding: CodingPlan? = nil, sound: CodingPlan? = nil) {
    self.notes = notes
    self.coding = coding
    self.sound = sound
  }
}

/// The formats a pipeline knows; a plain value that is passed in, there is no shared registry.
public struct FormatTable: Sendable {
  /// In the order of help texts and tables.
  public let formats: [any MediaFormat]

  /// A table of formats.
  public init(_ formats: [any MediaFormat]) { self.formats = formats }

  /// The format that is surest of `head`, the first bytes of a file (at most 4 KiB); nil when none is.
  public func probe(_ head: [UInt8]) -> (any MediaFormat)? {
    var best: (format: any MediaFormat, score: ProbeScore)?
    for format in formats {
      let score = format.score(head)
      if score > best?.score ?? 0 { best = (format, score) }
      if score == .max { break }
    }
    return best?.format
  }

  /// The format with this id.
  public func format(_ id: FormatID) -> (any MediaFormat)? { formats.first { $0.descriptor.id == id } }

  /// All file name extensions, lower case without the dot.
  public var extensions: Set<String> { Set(formats.flatMap(\.descriptor.extensions)) }
}
