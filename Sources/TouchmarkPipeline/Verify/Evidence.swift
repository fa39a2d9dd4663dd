public import Labels
public import MediaCore

/// All that was seen in one file: evidence, no judgement.
public struct Evidence: Sendable {
  /// What the file is; nil when its container could not be read.
  public internal(set) var info: MediaInfo?
  /// Every site of metadata, in file order.
  public internal(set) var metadata: [MetadataItem] = []
  /// Every observation, by label in the order of the table.
  public internal(set) var detections: [Detection] = []
  /// Labels that were looked for to the end.
  public internal(set) var searched: Set<LabelID> = []
  /// Labels of those that the sound of a film, or of sound, was searched for.
  public internal(set) var soundSearched: Set<LabelID> = []
  /// Findings about the file as a whole.
  public internal(set) var findings: [Finding] = []
  /// Why the container, or its pictures, could not be read.
  public internal(set) var failure: MediaError?

  /// What the picture, or distinct frames of the opening of a video, look like; empty without a ledger.
  public internal(set) var fingerprints: [PictureFingerprint] = []
  /// The record that the file leads to; nil without a ledger, and where none does.
  public internal(set) var ledger: LedgerMatch?
  /// Why the ledger could not be read.
  public internal(set) var ledgerFailure: MediaError?

  /// Nothing seen.
  public init() {}

  /// The observations of one label.
  public subscript(label: LabelID) -> [Detection] { detections.filter { $0.label == label } }

  /// Findings about the file, then those of its sites.
  public var allFindings: [Finding] { findings + detections.flatMap(\.findings) }
}
