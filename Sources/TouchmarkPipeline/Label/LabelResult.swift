public import Labels
public import MediaCore

/// What labelling did with one file.
public struct LabelResult: Sendable {
  /// One label that was drawn into the picture.
  public struct Drawn: Sendable {
    /// Which label.
    public let label: LabelID
    /// Where and how high.
    public let embedding: Embedding
    /// Whether it is in the pictures or in the sound.
    public var part = MediaPart.frames
  }

  /// One label that was written into the metadata.
  public struct Written: Sendable {
    /// Which label.
    public let label: LabelID
    /// Its properties.
    public let properties: [MetadataProperty]
  }

  /// `labelled`, `planned` or `skipped`.
  public var status: FileStatusWord
  /// Why it was skipped.
  public var reason: String?
  /// Where it was written, when that is not where the job said.
  public var output: FilePath?
  /// The container it came in, when it was remuxed.
  public var remuxedFrom: FormatID?
  /// What the file is, of a remuxed one the new file.
  public var info: MediaInfo?
  /// The number of this content; empty when it was skipped.
  public var produceID = ""
  /// Labels in the picture.
  public var drawn: [Drawn] = []
  /// How much of a video had to be coded anew.
  public var coding: CodingPlan?
  /// How much of a video's sound had to be coded anew.
  public var soundCoding: CodingPlan?
  /// Labels in the metadata.
  public var written: [Written] = []
  /// Labels found there before that were replaced, or for which the file was skipped.
  public var existing: [Detection] = []
  /// What a person should know.
  public var notes: [String] = []
  /// What the output looks like; nil without a ledger, for sound, and for pictures with too little in them.
  public var fingerprint: PictureFingerprint?
  /// Lower-case hexadecimal SHA-256 of the input; empty when nothing was written.
  public var inputDigest = ""
  /// Lower-case hexadecimal SHA-256 of the output; empty when nothing was written.
  public var outputDigest = ""
  /// Bytes of the output; zero when nothing was written.
  public var outputBytes = 0
  /// Milliseconds by step, in the order taken.
  public var milliseconds: [(step: String, value: Double)] = []
  /// Milliseconds of processor time of the worker's thread, by the same steps.
  public var cpuMilliseconds: [(step: String, value: Double)] = []

  init(_ status: FileStatusWord, reason: String? = nil) {
    self.status = status
    self.reason = reason
  }
}
