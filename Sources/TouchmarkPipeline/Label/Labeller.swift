public import MediaCore
internal import Labels
internal import Ledger
internal import Typesetting

/// Labels one file after the other. Owned by one worker; what it needs again (buffers, glyphs) it keeps.
public final class Labeller {
  let configuration: LabelConfiguration
  let scratch = Scratch()
  let typesetter: FontTypesetter
  let budget: MemoryBudget
  let folders: OutputFolders
  var identifiers = ProduceIDGenerator()
  /// Outputs that wait to be committed together; nil when each is committed at once.
  var staged: [OutputFile]?
  /// Opened when a resumed run first asks it.
  var ledgerReader: LedgerReader?

  /// A labeller of its own; throws what `LabelConfiguration.validate` throws.
  public convenience init(_ configuration: LabelConfiguration) throws(MediaError) {
    try configuration.validate()
    try self.init(configuration, budget: MemoryBudget(bytes: .max), folders: OutputFolders())
  }

  init(
    _ configuration: LabelConfiguration, budget: MemoryBudget, folders: OutputFolders
  ) throws(MediaError) {
    self.configuration = configuration
    self.budget = budget
    self.folders = folders
    typesetter = try configuration.font.makeTypesetter()
  }

  /// Labels `job.input` into `job.output`, or in place without one. On any error nothing is written under a final
  /// name, and the input is as it was.
  public func label(_ job: Job) throws(MediaError) -> LabelResult {
    var clock = StepClock()
    let input = try InputFile(job.input)
    if configuration.resumes {
      // An input that fails, or has nothing left to do, still has its killed run cleaned up after.
      folders.sweep(try Self.target(of: job).folder)
      if let finished = try finishedResult(job, input) { return finished }
    }
    let format = try Self.probe(input, configuration.formats)
    let file = try format.open(input, limits: configuration.limits, scratch: scratch)
    clock.lap("probe")
    var result = LabelResult(.labelled)
    result.info = file.info
    result.existing = exclusiveLabels(in: file)
    if let done = try settleExisting(&result, job: job, input: input) { return done }
    if let file = file as? any RemuxableFile {
      return try remux(file, as: format.descriptor, input: input, job: job, result: result, clock: clock)
    }
    return try label(file, input: input, job: job, result: result, clock: clock)
  }

  /// Labels an opened file; `input` is what the report's digest is of.
  func label(
    _ file: any MediaFile, input: InputFile, job: Job, result: LabelResult, clock: StepClock
  ) throws(MediaError) -> LabelResult {
    var result = result
    // Before a label finds too little room in what is there.
    if let truncation = file.truncation { throw truncation }
    let plan = try LabelPlan(for: job, file: file, replacing: exclusiveLabels(in: file), labeller: self)
    result.produceID = plan.record.produceID
    if configuration.isDryRun {
      result.status = .planned
      result.written = plan.written
      result.notes += plan.notes
      return result
    }
    return try write(plan, file: file, input: input, job: job, result: result, clock: clock)
  }

  private func write(
    _ plan: LabelPlan, file: any MediaFile, input: InputFile, job: Job, result: LabelResult, clock: StepClock
  ) throws(MediaError) -> LabelResult {
    var result = result
    var clock = clock
    let target: FilePath? = configuration.sink == .disk ? try Self.target(of: job) : nil
    if let target { try folders.prepare(for: target) }
    let takesPicture = plan.takesFingerprints && file.info.kind == .image
    let need = !plan.editsMedia && !takesPicture ? 0 : MemoryBudget.estimate(file.info, fileBytes: input.size)
    try budget.admitting(need) { () throws(MediaError) -> Void in
      let attempt = try attempt(plan, file: file, input: input, job: job, target: target, clock: &clock)
      let (rewriting, written) = (attempt.rewriting, attempt.written)
      result.written = attempt.plan.written
      result.notes += attempt.plan.notes + rewriting.notes
      result.drawn = rewriting.drawn
      result.coding = rewriting.coding
      result.soundCoding = rewriting.soundCoding
      result.fingerprint = fingerprint(of: file, rewriting)
      if takesDigests {
        result.inputDigest = try FileDigest.sha256(input, scratch: scratch)
        result.outputDigest = try FileDigest.sha256(written, seen: attempt.digest, scratch: scratch)
      }
      clock.lap("digest")
      result.outputBytes = written.size
      try finish(attempt.output)
      clock.lap("commit")
    }
    result.milliseconds = clock.laps
    result.cpuMilliseconds = clock.cpuLaps
    return result
  }

  var takesDigests: Bool { configuration.digests || configuration.ledger != nil }

  /// Gives `output` its name as the configuration says, or puts it with those that wait.
  func finish(_ output: OutputFile) throws(MediaError) {
    guard staged != nil else { return try output.commit(configuration.sync == .none ? .rename : .full) }
    try output.stage()
    staged?.append(output)
  }

  /// What the file as labelled looks like. A picture whose frame was not decoded for a label is decoded for this; one that
  /// cannot be goes without.
  private func fingerprint(of file: any MediaFile, _ rewriting: LabelPlan.Rewriting) -> PictureFingerprint? {
    guard let collector = rewriting.fingerprints else { return nil }
    if collector.fingerprints.isEmpty, rewriting.drawn.isEmpty, file.info.kind == .image,
      let file = file as? any FrameMediaFile
    {
      let reading = PictureFingerprint.reading(of: file.info.size)
      let sampling = FrameSampling(.whole, every: 0, reading: reading)
      try? file.visitFrames(sampling) { (frame) throws(MediaError) in try collector.observe(frame) }
    }
    return collector.fingerprints.first
  }

  /// The format of `input` by its first bytes. Throws `unsupported` for none, `malformed` for an empty file.
  static func probe(_ input: InputFile, _ formats: FormatTable) throws(MediaError) -> any MediaFormat {
    let head = try input.read(min(4096, input.size))
    guard !head.isEmpty else { throw MediaError(.malformed, .probe, "file is empty") }
    guard let format = formats.probe(head) else {
      let known = formats.formats.map(\.descriptor.id.rawValue).joined(separator: ", ")
      let start = head.prefix(8).map { String($0, radix: 16) }.joined(separator: " ")
      throw MediaError(
        .unsupported, .probe, "bytes '\(start)' begin no format known here; known are \(known)")
    }
    return format
  }
}
