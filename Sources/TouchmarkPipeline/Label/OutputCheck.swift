internal import Labels
internal import MediaCore

/// Reads a labelled file back before it gets its name, as far as the configuration asks.
struct OutputCheck {
  let plan: LabelPlan
  let rewriting: LabelPlan.Rewriting
  let labeller: Labeller
  /// Seconds between the frames of a video that are looked at.
  private static let interval = 0.5

  /// The labels that coding has left unreadable. Throws `internalFault` at stage `verify` when anything else that is read is not
  /// what was written.
  func check(_ written: InputFile, against source: any MediaFile) throws(MediaError) -> Set<UnreadLabel> {
    let configuration = labeller.configuration
    guard configuration.check != .none else { return [] }
    let format = try Labeller.probe(written, configuration.formats)
    let copy: any MediaFile
    do throws(MediaError) {
      copy = try format.open(written, limits: configuration.limits, scratch: labeller.scratch)
    } catch { throw error.at(.verify) }
    try checkMetadata(of: copy)
    guard configuration.check == .full else { return [] }
    var unread: Set<UnreadLabel> = []
    if rewriting.drawn.contains(where: { $0.part == .frames }) {
      unread.formUnion(try unreadInFrames(of: copy, source))
    }
    if rewriting.drawn.contains(where: { $0.part == .sound }) {
      unread.formUnion(try unreadInSound(of: copy, source))
    }
    return unread
  }

  private func checkMetadata(of copy: any MediaFile) throws(MediaError) {
    for label in plan.written {
      for property in label.properties {
        let values = copy.metadata.filter {
          // Outside of XMP a property's name is all that stands for it.
          $0.name == property.name && ($0.carrier != .xmp || $0.namespace == property.namespace)
        }
        guard property.value.isEmpty || values.contains(where: { $0.value == property.value }) else {
          throw Self.fault("property '\(property.name)' of label '\(label.label)' is not there as written")
        }
      }
      guard let kind = labeller.configuration.labels.label(label.label) as? any MetadataLabel,
        kind.descriptor.isExclusive
      else { continue }
      let sites = kind.detect(in: copy.metadata).filter(\.isLabelSite)
      guard sites.count == 1 else {
        throw Self.fault(
          "label '\(label.label)' stands in \(sites.count) places instead of one (GB 45438-2025 6.1 c)")
      }
    }
  }

  private func unreadInFrames(
    of copy: any MediaFile, _ source: any MediaFile
  ) throws(MediaError) -> Set<UnreadLabel> {
    guard let copy = copy as? any FrameMediaFile, let source = source as? any FrameMediaFile else {
      throw Self.fault("the picture is of another kind than before")
    }
    let drawn = drawn(in: .frames)
    // Pictures that are coded anew differ everywhere by a little; that the copied ones do not was checked as they met.
    if copy.info.kind == .video { return try unreadInVideo(copy, drawn) }
    let boxes = drawn.map(\.embedding.box)
    var unread: Set<UnreadLabel> = []
    try source.visitFrames(in: .whole, every: 0) { (before) throws(MediaError) in
      try copy.visitFrames(in: .whole, every: 0) { (after) throws(MediaError) in
        try FrameComparison.requireEqual(before, after, outside: boxes)
        for label in drawn where try !isSeen(label, in: after, of: copy) { unread.insert(UnreadLabel(label)) }
      }
    }
    return unread
  }

  private func drawn(in part: MediaPart) -> [LabelResult.Drawn] { rewriting.drawn.filter { $0.part == part } }

  /// A text is in every frame; of a watermark all frames together must show it.
  private func unreadInVideo(
    _ copy: any FrameMediaFile, _ drawn: [LabelResult.Drawn]
  ) throws(MediaError) -> Set<UnreadLabel> {
    var unread: Set<UnreadLabel> = []
    let texts = drawn.filter { !$0.embedding.text.isEmpty }
    if !texts.isEmpty {
      let spans = plan.record.spans(duration: copy.info.duration)
      try copy.visitFrames(FrameSampling(spans, every: Self.interval)) { (frame) throws(MediaError) in
        for text in texts where try !isSeen(text, in: frame, of: copy) { unread.insert(UnreadLabel(text)) }
      }
    }
    for mark in drawn where mark.embedding.text.isEmpty {
      guard let detector = try detector(for: mark, in: copy) else { continue }
      var clock = StepClock()
      try FrameSearch(detectors: [detector]).visit(copy, &clock)
      if try !isProved(mark, by: detector.finish()) { unread.insert(UnreadLabel(mark)) }
    }
    return unread
  }

  private func isProved(_ drawn: LabelResult.Drawn, by found: [Detection]) -> Bool {
    let proof = drawn.embedding.proof
    return found.contains { $0[proof.name] == proof.value }
  }

  private func detector(
    for drawn: LabelResult.Drawn, in copy: any MediaFile
  ) throws(MediaError) -> (any FrameDetector)? {
    guard let label = labeller.configuration.labels.label(drawn.label) as? any FrameLabel else { return nil }
    let keys = [plan.record.watermarkKey].compactMap { $0 }
    let query = LabelQuery(texts: drawn.embedding.text.isEmpty ? [] : [drawn.embedding.text], keys: keys)
    return try label.makeDetector(for: copy.info, query: query, typesetter: labeller.typesetter)
  }

  private func isSeen(
    _ drawn: LabelResult.Drawn, in frame: any Frame, of copy: any MediaFile
  ) throws(MediaError) -> Bool {
    guard let detector = try detector(for: drawn, in: copy) else { return true }
    try detector.observe(frame)
    return isProved(
      drawn,
      by: try detector.finish().filter {
        $0.box.map { !$0.intersection(drawn.embedding.box).isEmpty } ?? true
      })
  }

  /// Of a stream that was cut or put together its headers say what a decoder makes of it only nearly.
  private func isAlike(_ before: AudioInfo, _ after: AudioInfo) -> Bool {
    let coding = copiesFilm ? rewriting.soundCoding : rewriting.coding
    guard coding?.method == .full, let old = before.count, let new = after.count else {
      return before == after
    }
    return before.sampleRate == after.sampleRate && before.channels == after.channels
      && before.speakers == after.speakers && abs(old - new) <= before.sampleRate / 10
  }

  private var copiesFilm: Bool { rewriting.soundCoding != nil }

  private func unreadInSound(
    of copy: any MediaFile, _ source: any MediaFile
  ) throws(MediaError) -> Set<UnreadLabel> {
    guard let copy = copy as? any AudioMediaFile, let source = source as? any AudioMediaFile,
      let before = source.audio, let info = copy.audio, isAlike(before, info)
    else { throw Self.fault("the sound is of another kind than before") }
    if rewriting.coding == nil, rewriting.soundCoding == nil {
      try SoundComparison.requireEqual(source, copy, outside: rewriting.edited)
    }
    var unread: Set<UnreadLabel> = []
    for drawn in drawn(in: .sound) {
      guard let label = labeller.configuration.labels.label(drawn.label) as? any AudioLabel else { continue }
      let keys = [plan.record.watermarkKey].compactMap { $0 }
      // Words are not understood.
      if drawn.embedding.proof.value == CueKind.voice.rawValue { continue }
      let query = LabelQuery(keys: keys)
      guard let part = copiesFilm ? info.within(label.reach(inVideo: query)) : info else { continue }
      let detector = try label.makeAudioDetector(for: part, query: query)
      try copy.visitAudio(in: detector.ranges) { (block) throws(MediaError) in try detector.observe(block) }
      if try !isProved(drawn, by: detector.finish()) { unread.insert(UnreadLabel(drawn)) }
    }
    return unread
  }

  static func fault(_ message: String) -> MediaError {
    MediaError(.internalFault, .verify, "read back after writing: " + message)
  }
}
