internal import Labels
internal import MediaCore

/// All that will be done to one file, settled before anything is written. Handed on as one object: copies would write to the counts
/// of what all files of a run say alike.
final class LabelPlan {
  let record: LabelRecord
  let written: [LabelResult.Written]
  let changes: MetadataChanges
  /// Labels that a file may do without.
  let optional: Set<LabelID>
  let embedders: [(label: LabelID, embedder: any FrameEmbedder)]
  let sound: SoundEdit
  /// Labels of the sound that the file may do without, as its pictures carry them.
  let optionalInSound: Set<LabelID>
  /// Labels that the rules ask for in such a file.
  let due: Set<LabelID>
  /// Whether fingerprints are taken of frames.
  let takesFingerprints: Bool
  /// Labels that could not be read back from the file and that it goes without.
  let missing: Set<UnreadLabel>
  private(set) var notes: [String] = []

  /// Whether pictures or sound are edited.
  var editsMedia: Bool { !embedders.isEmpty || !sound.isEmpty }

  /// Throws what the labels throw: `invalidArgument` for a record against a clause, `insufficientCapacity` for a
  /// picture too small.
  init(
    for job: Job, file: any MediaFile, replacing existing: [Detection],
    without missing: Set<UnreadLabel> = [],
    labeller: Labeller
  ) throws(MediaError) {
    let configuration = labeller.configuration
    var record = configuration.record
    if let text = job.text { record.text = text }
    if let payload = job.payload { record.payload = payload }
    record.produceID = job.produceID ?? labeller.nextProduceID()
    record.isNew = job.produceID == nil && record.payload == nil
    optional = configuration.namesLayers ? [] : configuration.labels.keyed
    var choice = LabelChoice(
      record: record, file: file, optional: optional, missing: missing, labeller: labeller)
    for id in configuration.layers {
      guard let label = configuration.labels.label(id) else { continue }
      try Self.requireDue(label, in: file, labeller)
      if label.descriptor.kinds.contains(file.info.kind) { try choice.add(label) }
    }
    due = configuration.labels.due(in: file.info.kind)
    optionalInSound = choice.optionalInSound
    notes = choice.notes + missing.map { $0.note(in: file.info.kind) }.sorted()
    self.missing = missing
    self.record = record
    takesFingerprints = configuration.ledger != nil
    written = choice.written
    embedders = choice.embedders
    sound = choice.sound
    changes = MetadataChanges(
      set: written.flatMap(\.properties), remove: Labeller.sites(of: existing, in: file.metadata))
    if written.contains(where: { $0.label == AIGCMetadataLabel.id }) {
      notes += AIGCMetadataLabel.notes(on: record)
    }
    if !sound.isEmpty, record.cue == .voice, record.voice != nil { notes.append(VoiceRecording.note) }
    for detection in existing {
      notes.append("the label in \(detection.site?.path ?? "the metadata") was replaced")
    }
  }

  /// Throws `unsupported` where the rules ask for a label that cannot be put into this file, or any but metadata is wanted and
  /// there is no track to put it into.
  private static func requireDue(
    _ label: any LabelKind, in file: any MediaFile, _ labeller: Labeller
  ) throws(MediaError) {
    let (row, kind) = (label.descriptor, file.info.kind)
    let isDue = row.isDue.contains(kind)
    let lacksTracks = kind != .image && file.info.tracks.isEmpty
    let objection: MediaError? =
      if lacksTracks, row.kinds.contains(kind), !(label is any MetadataLabel) {
        MediaError(.unsupported, .decode, "it holds no track")
      } else if isDue {
        file.objection(toEditing: kind == .audio ? .sound : .frames)
      } else {
        nil
      }
    guard let objection else { return }
    let others = labeller.configuration.layers.filter { id in
      let label = labeller.configuration.labels.label(id)
      let needsTrack = lacksTracks ? !(label is any MetadataLabel) : kind == .audio && label is any AudioLabel
      return id != row.id && !needsTrack
    }.map(\.rawValue)
    throw MediaError(
      objection.code, .label,
      "label '\(row.id)' \(isDue ? "is due in \(kind.rawValue) but " : "")cannot be put into this file: "
        + "\(objection.message); "
        + (others.isEmpty
          ? "no other layer can be either" : "--layers \(others.joined(separator: ",")) leaves it out"),
      cause: objection)
  }
}

extension Labeller {
  /// A new ProduceID: sortable by time, unique across machines.
  func nextProduceID() -> String {
    var random = SystemRandomNumberGenerator()
    return identifiers.next(atMilliseconds: UInt64(clamping: Machine.now / 1_000_000), using: &random)
  }
}
