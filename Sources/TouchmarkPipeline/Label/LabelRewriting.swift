internal import Labels
internal import MediaCore

extension LabelPlan {
  /// What one rewrite did.
  struct Rewriting {
    var drawn: [LabelResult.Drawn] = []
    var notes: [String] = []
    var coding: CodingPlan?
    /// Of a film's sound.
    var soundCoding: CodingPlan?
    /// Samples of sound that were edited.
    var edited: [Range<Int>] = []
    /// Labels that were not to be read from what was made, even before coding; then nothing need be written.
    var unread: Set<UnreadLabel> = []
    /// Of the frames as labelled.
    var fingerprints: FingerprintCollector?

    /// Says that the pictures, or the sound, go without what the other part of the film carries.
    fileprivate mutating func leaveOut(_ part: MediaPart, _ error: MediaError) {
      let place = part == .sound ? "sound" : "pictures"
      for label in Set(drawn.filter { $0.part == .sound }.map(\.label)).map(\.rawValue).sorted() {
        notes.append("no \(label) in the \(place): \(error.message)")
      }
      guard part == .sound else { return }
      drawn.removeAll { $0.part == part }
      edited = []
    }
  }

  /// Writes `file` with the labels to `output`, timing the steps.
  func rewrite(
    _ file: any MediaFile, to output: OutputFile, clock: inout StepClock
  ) throws(MediaError) -> Rewriting {
    var result = Rewriting()
    if takesFingerprints { result.fingerprints = FingerprintCollector() }
    let heard = try settleSound(of: file, &result)
    if heard != nil { clock.lap("label") }
    let notes: RewriteNotes
    do throws(MediaError) {
      if embedders.isEmpty {
        notes = try file.rewrite(to: output, changes: changes, edit: MediaEdit(sound: heard?.edit))
      } else {
        notes = try rewriteFrames(of: file, to: output, sound: heard, &result, &clock)
      }
    } catch {
      guard result.unread.isEmpty else { return result }
      throw remedied(error, file.info.kind)
    }
    if let heard, result.drawn.contains(where: { $0.part == .sound }) {
      try heard.requireComplete()
      result.unread = heard.unread() ?? []
    }
    clock.lap("encode")
    result.coding = notes.coding
    result.soundCoding = notes.sound
    // A frame that is written in bands says the same of each.
    for note in notes.notes where !result.notes.contains(note) { result.notes.append(note) }
    return result
  }

  /// A film whose pictures or sound cannot be edited still has metadata.
  private func remedied(_ error: MediaError, _ kind: MediaKind) -> MediaError {
    guard error.code == .unsupported, kind == .video, editsMedia, !written.isEmpty else { return error }
    let layers = written.map(\.label.rawValue).joined(separator: ",")
    return MediaError(
      error.code, error.stage, "\(error.message); --layers \(layers) labels the metadata alone",
      nativeStatus: error.nativeStatus, cause: error)
  }

  /// Nil where no label is in the sound.
  private func settleSound(
    of file: any MediaFile, _ result: inout Rewriting
  ) throws(MediaError) -> SoundEdit.Settled? {
    guard !sound.isEmpty, let file = file as? any AudioMediaFile else { return nil }
    do throws(MediaError) {
      let heard = try sound.settle(file, optional: optionalInSound)
      result.drawn += heard.drawn
      result.notes += heard.notes
      result.edited = heard.edited
      return heard
    } catch {
      // Sound that cannot be decoded is no reason to leave the pictures of a film unlabelled.
      guard file.info.kind == .video, error.code == .unsupported || error.code == .malformed,
        optionalInSound.isSuperset(of: sound.labels)
      else { throw error }
      result.notes += sound.labels.map { FilmSound.note($0, error) }
      return nil
    }
  }

  /// Frames, and the sound of a film with them. Where one of the two turns out not to be editable, the other is enough for a
  /// label that both carry. Throws with `result.unread` where a label cannot be read from sound that was edited ahead of the
  /// first frame: it would be in vain to code the frames.
  private func rewriteFrames(
    of file: any MediaFile, to output: OutputFile, sound: SoundEdit.Settled?, _ result: inout Rewriting,
    _ clock: inout StepClock
  ) throws(MediaError) -> RewriteNotes {
    let work = FrameWork(result, clock)
    defer { (result, clock) = (work.result, work.clock) }
    let heard = result
    var failure: MediaError?
    for left in [nil, MediaPart.sound, .frames] {
      work.begin(heard)
      if let left, let failure {
        guard sound?.edit != nil, mayLeaveOut(left, heard) else { continue }
        work.result.leaveOut(left, failure)
      }
      let edit = MediaEdit(
        frames: left == .frames ? nil : frameEdit(of: file, work, sound: left == .sound ? nil : sound),
        sound: left == .sound ? nil : sound?.edit)
      do throws(MediaError) {
        let notes = try file.rewrite(to: output, changes: changes, edit: edit)
        guard edit.frames == nil || work.frames > 0 else {
          throw MediaError(.malformed, .decode, "no picture was decoded that could be labelled")
        }
        if edit.frames != nil { work.total(of: embedders) }
        return notes
      } catch {
        guard work.result.unread.isEmpty else { throw error }
        let isOfThePart = [.unsupported, .malformed, .insufficientCapacity].contains(error.code)
        guard isOfThePart, output.size == 0, file.info.kind == .video else { throw error }
        failure = failure ?? error
      }
    }
    throw failure ?? MediaError(.internalFault, .label, "nothing was written")
  }

  /// Whether the labels of `part` are all in the other part as well. A text that the rules ask for on pictures is not made up
  /// for by what is heard (GB 45438-2025 5.4).
  private func mayLeaveOut(_ part: MediaPart, _ heard: Rewriting) -> Bool {
    switch part {
    case .sound: optionalInSound.isSuperset(of: sound.labels)
    case .frames:
      embedders.allSatisfy { own in
        !due.contains(own.label) && heard.drawn.contains { $0.part == .sound && $0.label == own.label }
      }
    }
  }

  private func frameEdit(
    of file: any MediaFile, _ work: FrameWork, sound: SoundEdit.Settled?
  ) -> FrameEdit {
    let shown = record.spans(duration: file.info.duration)
    let isStill = file.info.kind == .image
    let takesAll = embedders.contains { $0.embedder.takesAllCodedFrames }
    return FrameEdit(
      spans: takesAll ? record.spans(markedOver: file.info.duration) : shown, quality: record.quality,
      visitsAllCoded: takesAll, isThroughout: embedders.contains { $0.embedder.changesThroughout }
    ) { [embedders, optional] (frame) throws(MediaError) in
      work.clock.lap("decode")
      try work.requireReadable(sound)
      let isShown = isStill || shown.contains(frame.time)
      if isShown { work.frames += 1 }
      for (label, embedder) in embedders where isShown || embedder.takesAllCodedFrames {
        do throws(MediaError) {
          work.add(label, try embedder.embed(in: frame))
        } catch {
          guard error.code == .insufficientCapacity, optional.contains(label) else { throw error }
          let note = "no \(label): \(error.message)"
          if !work.result.notes.contains(note) { work.result.notes.append(note) }
        }
      }
      try work.result.fingerprints?.observe(frame)
      work.clock.lap("label")
    }
  }
}

/// What is done to the frames of one file as they come by.
private final class FrameWork {
  var result: LabelPlan.Rewriting
  var clock: StepClock
  /// Frames that show the explicit label.
  var frames = 0

  init(_ result: LabelPlan.Rewriting, _ clock: StepClock) {
    self.result = result
    self.clock = clock
  }

  /// Starts anew, with what was said of the sound.
  func begin(_ heard: LabelPlan.Rewriting) {
    result = heard
    frames = 0
  }

  /// Throws where a label cannot be read from the sound, once that is edited.
  func requireReadable(_ sound: SoundEdit.Settled?) throws(MediaError) {
    guard let unread = sound?.unread(), let first = unread.first else { return }
    result.unread = unread
    throw MediaError(.insufficientCapacity, .label, first.note(in: .video))
  }

  /// The frames of a video are all labelled alike.
  func add(_ label: LabelID, _ embedding: Embedding) {
    guard index(of: label) == nil else { return }
    let place = result.drawn.firstIndex { $0.part == .sound } ?? result.drawn.endIndex
    result.drawn.insert(.init(label: label, embedding: embedding), at: place)
  }

  /// Lets labels that are not alike in all frames say what they did to all.
  func total(of embedders: [(label: LabelID, embedder: any FrameEmbedder)]) {
    for (label, embedder) in embedders {
      guard let total = embedder.total, let index = index(of: label) else { continue }
      result.drawn[index] = .init(label: label, embedding: total)
    }
  }

  private func index(of label: LabelID) -> Int? {
    result.drawn.firstIndex { $0.part == .frames && $0.label == label }
  }
}
