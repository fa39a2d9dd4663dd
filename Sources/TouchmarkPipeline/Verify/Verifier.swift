internal import Labels
internal import Ledger
public import MediaCore
internal import Typesetting

/// Looks for every label in one file after the other. Owned by one worker.
public final class Verifier {
  let configuration: VerifyConfiguration
  let scratch = Scratch()
  let ledger: LedgerReader?
  private let typesetter: FontTypesetter
  private let budget: MemoryBudget

  /// A verifier of its own; throws what `VerifyConfiguration.validate` throws.
  public convenience init(_ configuration: VerifyConfiguration) throws(MediaError) {
    try configuration.validate()
    try self.init(configuration, budget: MemoryBudget(bytes: .max))
  }

  init(_ configuration: VerifyConfiguration, budget: MemoryBudget) throws(MediaError) {
    self.configuration = configuration
    self.budget = budget
    typesetter = try configuration.font.makeTypesetter()
    if let path = configuration.ledger { ledger = try LedgerReader(path) } else { ledger = nil }
  }

  /// What stands in `path`; a file that cannot be read is evidence with a `failure`.
  public func evidence(in path: FilePath) -> Evidence {
    var clock = StepClock()
    return evidence(in: path, &clock)
  }

  /// As `evidence(in:)`, timed: `probe` is opening and metadata, `decode` what comes before a frame or a block of sound is looked at,
  /// and `search` the looking.
  func evidence(in path: FilePath, _ clock: inout StepClock) -> Evidence {
    var evidence = Evidence()
    do throws(MediaError) {
      let input = try InputFile(path)
      let format = try Labeller.probe(input, configuration.formats)
      var limits = configuration.limits
      limits.countedSeconds = Self.countedSeconds
      let file = try format.open(input, limits: limits, scratch: scratch)
      evidence.info = file.info
      evidence.metadata = file.metadata
      searchMetadata(of: file, &evidence)
      clock.lap("probe")
      try searchFrames(of: file, fileBytes: input.size, &evidence, &clock)
      try searchSound(of: file, &evidence, &clock)
    } catch {
      evidence.failure = error.at(error.stage == .label ? .verify : error.stage)
      evidence.findings.append(
        Finding("V-CORRUPT", .error, "the file could not be read to its end: \(error.message)"))
    }
    evidence.findings += SiteFindings.of(evidence) + WatermarkAgreement.findings(on: evidence)
    evidence.findings += TrackAgreement.findings(on: evidence)
    consultLedger(path, &evidence)
    return evidence
  }

  /// The judgement on `evidence`.
  public func judge(_ evidence: Evidence) -> Judgement { Judgement(evidence, configuration) }

  /// Seconds of sound through all of whose packets one walks in no time.
  private static let countedSeconds = 600.0

  private func searchMetadata(of file: any MediaFile, _ evidence: inout Evidence) {
    for id in configuration.layers {
      guard let label = configuration.labels.label(id) as? any MetadataLabel else { continue }
      evidence.detections += label.detect(in: file.metadata)
      evidence.searched.insert(id)
    }
  }

  private func searchFrames(
    of file: any MediaFile, fileBytes: Int, _ evidence: inout Evidence, _ clock: inout StepClock
  ) throws(MediaError) {
    guard file.info.kind != .audio, let file = file as? any FrameMediaFile else { return }
    var detectors: [(id: LabelID, detector: any FrameDetector)] = []
    let query = LabelQuery(texts: configuration.texts, keys: configuration.keys, isDeep: configuration.isDeep)
    for id in configuration.layers {
      guard let label = configuration.labels.label(id) as? any FrameLabel,
        label.descriptor.kinds.contains(file.info.kind), label.canSearch(query)
      else { continue }
      detectors.append((id, try label.makeDetector(for: file.info, query: query, typesetter: typesetter)))
    }
    let row = configuration.formats.format(file.info.format)?.descriptor
    // What cannot be decoded here is not searched, which the report says.
    let collector = ledger != nil || configuration.takesFingerprints ? FingerprintCollector() : nil
    guard !detectors.isEmpty || collector != nil, row?.capabilities.contains(.decode) == true else { return }
    do throws(MediaError) {
      try budget.admitting(MemoryBudget.estimate(file.info, fileBytes: fileBytes)) {
        () throws(MediaError) -> Void in
        try FrameSearch(detectors: detectors.map(\.detector), collector: collector).visit(file, &clock)
      }
    } catch {
      guard error.code == .unsupported, file.info.kind != .image else { throw error }
      return
    }
    evidence.fingerprints = collector?.fingerprints ?? []
    let isFilm = file.info.kind == .video
    for (id, detector) in detectors {
      let found = try detector.finish()
      evidence.detections +=
        isFilm ? found.map { $0.adding(.init(MediaPart.field, MediaPart.frames.rawValue)) } : found
      evidence.searched.insert(id)
    }
    clock.lap("search")
  }

  private func searchSound(
    of file: any MediaFile, _ evidence: inout Evidence, _ clock: inout StepClock
  ) throws(MediaError) {
    let isFilm = file.info.kind == .video
    guard file.info.kind != .image, !isFilm || file.info.tracks.contains(where: { $0.kind == .audio }),
      let file = file as? any AudioMediaFile, let info = file.audio
    else { return }
    let query = LabelQuery(texts: configuration.texts, keys: configuration.keys, isDeep: configuration.isDeep)
    for id in configuration.layers {
      guard let label = configuration.labels.label(id) as? any AudioLabel,
        label.descriptor.kinds.contains(.audio), label.canSearch(query),
        let part = isFilm ? info.within(label.reach(inVideo: query)) : info
      else { continue }
      let detector = try label.makeAudioDetector(for: part, query: query)
      do throws(MediaError) {
        try file.visitAudio(in: detector.ranges) { (block) throws(MediaError) in
          clock.lap("decode")
          try detector.observe(block)
          clock.lap("search")
        }
      } catch {
        // What cannot be decoded here is not searched, which the report says.
        guard error.code == .unsupported else { throw error }
        return
      }
      let found = try detector.finish()
      evidence.detections +=
        isFilm ? found.map { $0.adding(.init(MediaPart.field, MediaPart.sound.rawValue)) } : found
      evidence.searched.insert(id)
      evidence.soundSearched.insert(id)
      clock.lap("search")
    }
  }
}

extension MediaPart {
  /// The field of a detection in a film that says where it was seen or heard.
  static let field = "in"
}
