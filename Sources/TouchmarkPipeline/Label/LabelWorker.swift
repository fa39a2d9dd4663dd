internal import MediaCore

/// Labels files and turns what happened into report lines.
final class LabelWorker: FileWorker {
  /// Bytes of finished outputs that may wait to be committed together.
  private static let bytesHeld = 64 << 20

  private let labeller: Labeller
  /// Whether somebody reads report lines.
  private let reports: Bool
  /// Files that may wait.
  private let limit: Int
  /// Files whose outputs wait, with what will be said of them.
  private var waiting: [(job: Job, outcome: FileOutcome)] = []
  private var waitingBytes = 0

  /// With `SyncPolicy.batch` up to `limit` outputs wait to be committed together.
  init(_ labeller: Labeller, reports: Bool = true, holding limit: Int = 1) {
    self.labeller = labeller
    self.reports = reports
    self.limit = limit
    if labeller.configuration.sync == .batch, limit > 1 { labeller.staged = [] }
  }

  var isHolding: Bool { !waiting.isEmpty }

  func process(_ job: Job) -> [FileOutcome] {
    let before = labeller.staged?.count ?? 0
    let outcome = label(job)
    guard let staged = labeller.staged, staged.count > before else { return [outcome] }
    waiting.append((job, outcome))
    waitingBytes += staged.last?.size ?? 0
    return waiting.count >= limit || waitingBytes >= Self.bytesHeld ? settle() : []
  }

  func settle() -> [FileOutcome] {
    guard let staged = labeller.staged, !staged.isEmpty else { return [] }
    let errors = OutputFile.commit(staged)
    let files = waiting
    labeller.staged = []
    waiting = []
    waitingBytes = 0
    return zip(files, errors).map { file, error in
      guard let error else { return file.outcome }
      return .failure(
        input: file.job.input, output: file.job.output, error: error, bytes: file.outcome.bytes)
    }
  }

  private func label(_ job: Job) -> FileOutcome {
    do throws(MediaError) {
      let result = try labeller.label(job)
      return FileOutcome(
        word: result.status, line: reports ? LabelReport.line(job, result, labeller.configuration) : [],
        message: Self.message(job, result), bytes: job.size, outputBytes: result.outputBytes,
        info: result.info, record: try labeller.ledgerRecord(job, result))
    } catch {
      return .failure(input: job.input, output: job.output, error: error, bytes: job.size)
    }
  }

  private static func message(_ job: Job, _ result: LabelResult) -> String {
    if result.status == .skipped { return "\(job.input): skipped, \(result.reason ?? "as told")" }
    var layers: [String] = []
    for label in result.drawn.map(\.label) + result.written.map(\.label)
    where !layers.contains(label.rawValue) {
      layers.append(label.rawValue)
    }
    let milliseconds = Int(result.milliseconds.reduce(0) { $0 + $1.value }.rounded())
    let target = job.output.map { " -> \($0)" } ?? ""
    let notes = result.notes.map { "; \($0)" }.joined()
    return
      "\(result.status.rawValue)  \(job.input)\(target)  (\(layers.joined(separator: ", "))) in \(milliseconds) ms\(notes)"
  }
}
