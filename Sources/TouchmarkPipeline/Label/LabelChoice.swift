internal import Labels
internal import MediaCore

/// The labels of one file by the part of it that carries them.
struct LabelChoice {
  let record: LabelRecord
  let file: any MediaFile
  /// Labels that the file may do without.
  let optional: Set<LabelID>
  /// Labels that parts of it go without.
  let missing: Set<UnreadLabel>
  let labeller: Labeller

  private(set) var written: [LabelResult.Written] = []
  private(set) var embedders: [(label: LabelID, embedder: any FrameEmbedder)] = []
  private var heard = SoundEdit()
  private var film = FilmSound()
  private var ownNotes: [String] = []

  private var isFilm: Bool { file.info.kind == .video }
  var sound: SoundEdit { isFilm ? film.edit : heard }
  /// Labels of the sound that the file may do without; of a film, those that its pictures carry.
  var optionalInSound: Set<LabelID> { isFilm ? film.optional : optional }
  var notes: [String] { ownNotes + film.notes }

  init(
    record: LabelRecord, file: any MediaFile, optional: Set<LabelID>, missing: Set<UnreadLabel>,
    labeller: Labeller
  ) {
    self.record = record
    self.file = file
    self.optional = optional
    self.missing = missing
    self.labeller = labeller
  }

  /// Throws what the label throws, unless the file may do without it.
  mutating func add(_ label: any LabelKind) throws(MediaError) {
    if let label = label as? any MetadataLabel {
      written.append(.init(label: label.descriptor.id, properties: try label.properties(for: record)))
    } else if file.info.kind == .audio {
      try addToSound(label)
    } else {
      try addToFrames(label)
    }
  }

  private mutating func addToSound(_ label: any LabelKind) throws(MediaError) {
    let id = label.descriptor.id
    guard !missing.contains(UnreadLabel(id, .sound)) else { return }
    do throws(MediaError) {
      if label is any AudioLabel, let objection = file.objection(toEditing: .sound) { throw objection }
      try heard.add(label, record, for: file)
    } catch {
      guard error.code == .insufficientCapacity, optional.contains(id) else { throw error }
      ownNotes.append("no \(id): \(error.message)")
    }
  }

  /// Of a film, to its sound as well where that is to carry the label.
  private mutating func addToFrames(_ label: any LabelKind) throws(MediaError) {
    let id = label.descriptor.id
    if isFilm, !missing.contains(UnreadLabel(id, .sound)) {
      try film.add(label, record, for: file, isOptional: optional.contains(id))
    }
    guard let label = label as? any FrameLabel, !film.isLeftToSound(id, of: file),
      !missing.contains(UnreadLabel(id, .frames))
    else { return }
    embedders.append((id, try label.makeEmbedder(record, for: file.info, typesetter: labeller.typesetter)))
  }
}
