internal import Labels
internal import MediaCore

/// All that will be done to one file, settled before anything is written.
struct LabelPlan {
  /// What one rewrite did.
  struct Rewriting {
    var drawn: [LabelResult.Drawn] = []
    var notes: [String] = []
    var coding: CodingPlan?
    /// Samples of sound that were edited.
    var edited: [Range<Int>] = []
    /// Of the frames as labelled.
    var fingerprints: FingerprintCollector?
  }

  let record: LabelRecord
  let written: [LabelResult.Written]
  let changes: MetadataChanges
  /// Labels that a file may do without.
  let optional: Set<LabelID>
  let embedders: [(label: LabelID, embedder: any FrameEmbedder)]
  let sound: SoundEdit
  /// Whether fingerprints are taken of frames.
  let takesFingerprints: Bool
  var notes: [String] = []

  /// Whether pictures or sound are edited.
  var editsMedia: Bool { !embedders.isEmpty || !sound.isEmpty }

  /// Throws what the labels throw: `invalidArgument` for a record against a clause, `insufficientCapacity` for a
  /// picture too small.
  init(
    for job: Job, file: any MediaFile, replacing existing: [Detection], labeller: Labeller
  ) throws(MediaError) {
    let configuration = labeller.configuration
    var record = configuration.record
    if let text = job.text { record.text = text }
    if let payload = job.payload { record.payload = payload }
    record.produceID = job.produceID ?? labeller.nextProduceID()
    var written: [LabelResult.Written] = []
    var embedders: [(label: LabelID, embedder: any FrameEmbedder)] = []
    var sound = SoundEdit()
    for id in configuration.layers {
      guard let label = configuration.labels.label(id) else { continue }
      try Self.requireDue(label, in: file, labeller)
      guard label.descriptor.kinds.contains(file.info.kind) else { continue }
      if let label = label as? any MetadataLabel {
        written.append(.init(label: id, properties: try label.properties(for: record)))
      } else if file.info.kind == .audio {
        try sound.add(label, record, for: file)
      } else if let label = label as? any FrameLabel {
        embedders.append(
          (id, try label.makeEmbedder(record, for: file.info, typesetter: labeller.typesetter)))
      }
    }
    self.record = record
    takesFingerprints = configuration.ledger != nil
    self.written = written
    self.embedders = embedders
    self.sound = sound
    optional =
      configuration.namesLayers
      ? [] : Set(configuration.labels.labels.map(\.descriptor).filter(\.needsKey).map(\.id))
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

  /// Throws `unsupported` where the rules ask for a label that cannot be put into this file.
  private static func requireDue(
    _ label: any LabelKind, in file: any MediaFile, _ labeller: Labeller
  ) throws(MediaError) {
    let row = label.descriptor
    guard row.isDue.contains(file.info.kind) else { return }
    let canEdit = file.info.kind == .audio ? SoundEdit.canEdit(file, for: label) : file.canEdit(.frames)
    guard !row.kinds.contains(file.info.kind) || !canEdit else { return }
    let others = labeller.configuration.layers.filter { $0 != row.id }.map(\.rawValue)
    throw MediaError(
      .unsupported, .label,
      "label '\(row.id)' is due in \(file.info.kind.rawValue) but cannot be put into \(file.info.format)\(Self.codings(file)) yet; "
        + "--layers \(others.joined(separator: ",")) leaves it out")
  }

  /// The codings of sound, which decide what can be done with it.
  private static func codings(_ file: any MediaFile) -> String {
    guard file.info.kind == .audio, let codec = file.info.tracks.first?.codec else { return "" }
    return " (\(codec))"
  }

  /// Writes `file` with the labels to `output`, timing the steps.
  func rewrite(
    _ file: any MediaFile, to output: OutputFile, clock: inout LabelClock
  ) throws(MediaError) -> Rewriting {
    var result = Rewriting()
    if takesFingerprints { result.fingerprints = FingerprintCollector() }
    var laps = clock
    if let file = file as? any AudioMediaFile, !sound.isEmpty {
      return try sound.rewrite(file, to: output, changes: changes, clock: &clock)
    }
    guard !embedders.isEmpty else {
      result.notes = try file.rewrite(to: output, changes: changes).notes
      clock.lap("encode")
      return result
    }
    let shown = record.spans(duration: file.info.duration)
    let isStill = file.info.kind == .image
    var frames = 0
    let visitor: FrameVisitor = { (frame) throws(MediaError) in
      laps.lap("decode")
      let isShown = isStill || shown.contains(frame.time)
      if isShown { frames += 1 }
      for (label, embedder) in embedders where isShown || embedder.takesAllCodedFrames {
        do throws(MediaError) {
          let embedding = try embedder.embed(in: frame)
          // The frames of a video are all labelled alike.
          guard !result.drawn.contains(where: { $0.label == label }) else { continue }
          result.drawn.append(.init(label: label, embedding: embedding))
        } catch {
          guard error.code == .insufficientCapacity, optional.contains(label) else { throw error }
          let note = "no \(label): \(error.message)"
          if !result.notes.contains(note) { result.notes.append(note) }
        }
      }
      try result.fingerprints?.observe(frame)
      laps.lap("label")
    }
    let takesAll = embedders.contains { $0.embedder.takesAllCodedFrames }
    let edit = FrameEdit(
      spans: takesAll ? record.spans(markedOver: file.info.duration) : shown, quality: record.quality,
      visitsAllCoded: takesAll, visitor: visitor)
    let notes = try file.rewrite(to: output, changes: changes, edit: MediaEdit(frames: edit))
    guard frames > 0 else {
      throw MediaError(.malformed, .decode, "no picture was decoded that could be labelled")
    }
    result.coding = notes.coding
    for (label, embedder) in embedders {
      guard let total = embedder.total, let index = result.drawn.firstIndex(where: { $0.label == label })
      else { continue }
      result.drawn[index] = .init(label: label, embedding: total)
    }
    clock = laps
    clock.lap("encode")
    // A frame that is written in bands says the same of each.
    for note in notes.notes where !result.notes.contains(note) { result.notes.append(note) }
    return result
  }
}

extension Labeller {
  /// A new ProduceID: sortable by time, unique across machines.
  func nextProduceID() -> String {
    var random = SystemRandomNumberGenerator()
    return identifiers.next(atMilliseconds: UInt64(clamping: Machine.now / 1_000_000), using: &random)
  }
}
