internal import Labels
internal import Ledger
internal import MediaCore

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

extension LedgerRecord {
  /// The record of a file that was just labelled.
  init(_ job: Job, _ result: LabelResult, _ configuration: LabelConfiguration) {
    self.init(
      job, format: result.info?.format ?? FormatID(rawValue: ""), media: result.info?.kind ?? .image,
      digests: (result.inputDigest, result.outputDigest), configuration)
    produceID = result.produceID
    let drawn = result.drawn.map(\.label)
    layers = configuration.layers.filter { id in
      drawn.contains(id) || result.written.contains { $0.label == id }
    }
    let marks = result.drawn.filter { $0.label == WatermarkLabel.id }.flatMap(\.embedding.fields)
    payload = marks.first { $0.name == "payload" }?.value ?? ""
    perceptualHash = result.fingerprint?.hash
    metadata =
      result.written.first { $0.label == AIGCMetadataLabel.id }?.properties.first?.value ?? ""
    if let shown = result.drawn.first(where: { $0.label == ExplicitTextLabel.id }) {
      explicit = LabelReport.json(shown.embedding, configuration).text
    }
    size = result.info?.size ?? size
    check = configuration.check.rawValue
  }

  /// The record of a file that an earlier run has labelled, from what is read in it.
  init(_ job: Job, resumed evidence: Evidence, digests: (String, String), _ configuration: LabelConfiguration)
  {
    self.init(
      job, format: evidence.info?.format ?? FormatID(rawValue: ""), media: evidence.info?.kind ?? .image,
      digests: digests, configuration)
    origin = .resume
    if let site = evidence[AIGCMetadataLabel.id].first(where: \.isLabelSite) {
      produceID = site["ProduceID"] ?? ""
      producer = site["ContentProducer"] ?? producer
      metadata = site.site?.value ?? ""
    }
    layers = configuration.layers.filter { !evidence[$0].isEmpty }
    payload = evidence.watermarkPayload ?? ""
    perceptualHash = evidence.fingerprints.first?.hash
    if let shown = evidence[ExplicitTextLabel.id].first {
      var members = shown.fields.map { ($0.name, $0.json) }
      if let box = shown.box { members.append(("box", .array(box.array.map { .int($0) }))) }
      explicit = JSONValue.object(members).text
    }
    size = evidence.info?.size ?? size
  }

  private init(
    _ job: Job, format: FormatID, media: MediaKind, digests: (input: String, output: String),
    _ configuration: LabelConfiguration
  ) {
    let record = configuration.record
    self.init(
      time: .now, produceID: "", producer: record.producer,
      outputDigest: digests.output, input: job.input.absolute, output: (job.output ?? job.input).absolute,
      format: format, media: media)
    inputDigest = digests.input
    model = [record.aiSystem, record.aiSystemVersion].filter { !$0.isEmpty }.joined(separator: " ")
    recipient = configuration.waiver?.recipient ?? ""
    agreement = configuration.waiver?.agreement ?? ""
  }
}

extension FilePath {
  /// The path from the root, links as they are.
  var absolute: FilePath {
    guard !isAbsolute, let folder = getcwd(nil, 0) else { return self }
    defer { free(folder) }
    let bytes = UnsafeBufferPointer(start: folder, count: strlen(folder)).map { UInt8(bitPattern: $0) }
    return FilePath(bytes: bytes).appending(self)
  }
}

extension Labeller {
  /// The record that `result` of `job` asks for, if any: that of a file just labelled, or that of one which an earlier run has
  /// labelled and was killed before the ledger held it.
  func ledgerRecord(_ job: Job, _ result: LabelResult) throws(MediaError) -> LedgerRecord? {
    guard let ledger = configuration.ledger else { return nil }
    let job = result.output.map(job.writing) ?? job
    switch result.status {
    case .labelled: return LedgerRecord(job, result, configuration)
    case .skipped where configuration.resumes && result.existing.isEmpty:
      let output = try Self.target(of: job)
      // A record is made after its output has its name; one from before is of what was there before.
      let written = Timestamp(milliseconds: try FileStatus(output).modified / 1_000_000)
      let path = (job.output ?? job.input).absolute
      if try openLedger(ledger.path).holds(output: path, from: written) { return nil }
      return try resumedRecord(job, output)
    default: return nil
    }
  }

  private func openLedger(_ path: FilePath) throws(MediaError) -> LedgerReader {
    if let known = ledgerReader { return known }
    let made = try LedgerReader(path)
    ledgerReader = made
    return made
  }

  private func resumedRecord(_ job: Job, _ output: FilePath) throws(MediaError) -> LedgerRecord {
    let record = configuration.record
    var reading = VerifyConfiguration(
      layers: configuration.layers, texts: [job.text ?? record.text],
      keys: [record.watermarkKey].compactMap { $0 })
    reading.font = configuration.font
    reading.limits = configuration.limits
    reading.takesFingerprints = true
    let evidence = try Verifier(reading, budget: budget).evidence(in: output)
    if let failure = evidence.failure { throw failure }
    let written = try FileDigest.sha256(try InputFile(output), scratch: scratch)
    // In place the input is no more.
    let input = job.output == nil ? "" : try FileDigest.sha256(try InputFile(job.input), scratch: scratch)
    return LedgerRecord(job, resumed: evidence, digests: (input, written), configuration)
  }
}
