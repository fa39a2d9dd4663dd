internal import MediaCore

/// What the sound of a film carries of the labels that its pictures show or carry.
struct FilmSound {
  private(set) var edit = SoundEdit()
  /// Labels that the pictures carry as well, so that the sound may go without.
  private(set) var optional: Set<LabelID> = []
  private(set) var notes: [String] = []

  /// Adds `label` where the film's sound is to carry it. A label that the rules ask for in pictures is in the sound only
  /// where someone asked for it, and throws where it cannot be; another one is left out with a note where the pictures
  /// carry it, or `isOptional`.
  mutating func add(
    _ label: any LabelKind, _ record: LabelRecord, for file: any MediaFile, isOptional: Bool
  ) throws(MediaError) {
    guard let audio = label as? any AudioLabel else { return }
    let (id, reach) = (label.descriptor.id, audio.reach(inVideo: record))
    guard reach != .none else { return }
    guard file.info.tracks.contains(where: { $0.kind == .audio }) else {
      // Of a film without sound nothing is missing, unless it was asked for.
      if label.descriptor.isDue.contains(.video) {
        notes.append("the \(id) label is not heard: the film has no sound")
      }
      return
    }
    let isAsked = label.descriptor.isDue.contains(.video)
    let mayMiss = !isAsked && (isOptional || label is any FrameLabel && file.canEdit(.frames))
    do throws(MediaError) {
      if let objection = file.objection(toEditing: .sound) {
        throw MediaError(objection.code, .label, objection.message, cause: objection)
      }
      if mayMiss, edit.isEmpty, let conversion = file.soundConversion {
        throw MediaError(.unsupported, .label, conversion)
      }
      try edit.add(label, record, for: file, within: reach)
      if mayMiss { optional.insert(id) }
    } catch {
      guard !mayMiss || error.code == .io else { return notes.append(Self.note(id, error)) }
      // A file that is broken is to be mended, not labelled with less.
      guard isAsked, error.code == .unsupported || error.code == .insufficientCapacity else { throw error }
      throw MediaError(
        error.code, error.stage,
        "\(error.message); without --cue-in-video the film is labelled in its pictures alone",
        nativeStatus: error.nativeStatus, cause: error.cause ?? error)
    }
  }

  /// Whether the sound alone can carry the label `id`.
  func isLeftToSound(_ id: LabelID, of file: any MediaFile) -> Bool {
    edit.labels.contains(id) && !file.canEdit(.frames)
  }

  /// What is said of a label that the sound goes without.
  static func note(_ id: LabelID, _ error: MediaError) -> String {
    "no \(id) in the sound: \(error.message)"
  }
}
