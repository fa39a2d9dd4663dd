internal import Ledger
internal import MediaCore

/// Answers a worker's lines one after the other. Owned by one thread, with its own scratch memory.
final class JobDesk {
  private let configuration: WorkerConfiguration
  private let outputs: OutputsInHand
  private let cancellation: Cancellation
  private let labels: LabelWorker?
  private let verifies: VerifyWorker

  init(
    _ configuration: WorkerConfiguration, budget: MemoryBudget, folders: OutputFolders,
    outputs: OutputsInHand, cancellation: Cancellation
  ) throws(MediaError) {
    self.configuration = configuration
    self.outputs = outputs
    self.cancellation = cancellation
    labels = try configuration.label.map { (label) throws(MediaError) in
      LabelWorker(try Labeller(label, budget: budget, folders: folders))
    }
    verifies = VerifyWorker(try Verifier(configuration.verify, budget: budget))
  }

  /// How the job of line `number` ended. Whatever is wrong with the line or the file is part of the outcome.
  func answer(_ line: [UInt8], number: Int) -> (id: JSONValue?, outcome: FileOutcome) {
    var object: JSONValue = .null
    do throws(MediaError) {
      object = try ManifestEntry.object(line)
      let job = try WorkerJob(object, default: configuration.verb)
      return (job.id, outcome(of: job))
    } catch {
      let place = object["input"]?.string ?? "line \(number)"
      let problem = MediaError(error.code, error.stage, "line \(number) \(error.message)")
      return (object["id"], .failure(input: FilePath(place), output: nil, error: problem))
    }
  }

  private func outcome(of job: WorkerJob) -> FileOutcome {
    let input = job.entry.input
    do throws(MediaError) {
      if cancellation.isCancelled {
        throw MediaError(.cancelled, .discover, "the worker was told to stop before it began with this job")
      }
      let status = try FileStatus(input)
      guard job.verb == .label else {
        return Self.only(verifies.process(Job(input: input, size: status.size)))
      }
      guard let labels else {
        throw MediaError(
          .invalidArgument, .discover, "this worker only verifies; start it with --producer CODE_OR_NAME")
      }
      let output = try output(of: job.entry, input: status)
      let file = Job(
        input: input, output: output, size: status.size, produceID: job.entry.produceID,
        text: job.entry.text, payload: job.entry.payload)
      return try outputs.claiming(output ?? input) { recorded(Self.only(labels.process(file))) }
    } catch {
      return .failure(input: input, output: job.entry.output, error: error)
    }
  }

  /// The outcome once the ledger holds its record.
  private func recorded(_ outcome: FileOutcome) -> FileOutcome {
    guard let record = outcome.record, let ledger = configuration.label?.ledger else { return outcome }
    do throws(MediaError) { try ledger.write(record) } catch { return outcome.unrecorded(error) }
    return outcome
  }

  /// Without a group to wait for, each job has its outcome at once.
  private static func only(_ outcomes: [FileOutcome]) -> FileOutcome {
    guard let outcome = outcomes.first else { preconditionFailure("a worker's job was held back") }
    return outcome
  }

  private func output(of entry: ManifestEntry, input: FileStatus) throws(MediaError) -> FilePath? {
    let target: FilePath
    switch configuration.plan {
    case .inPlace:
      guard entry.output == nil else {
        throw MediaError(
          .invalidArgument, .discover, "an output is named, but files are labelled in place; use --output")
      }
      return nil
    case .folder(let folder):
      let name = entry.input.isAbsolute ? FilePath(bytes: entry.input.name) : entry.input
      target = try OutputClaims.target(folder, name, entry.output)
    case .none:
      guard let output = entry.output else {
        throw MediaError(
          .invalidArgument, .discover,
          "the job names no 'output'; name one, or start the worker with --output or --in-place")
      }
      target = output
    }
    if let existing = try? FileStatus(target) {
      if existing.identity == input.identity {
        throw MediaError(.conflict, .discover, "the output '\(target)' is the input itself; use --in-place")
      }
      if existing.kind == .folder {
        throw MediaError(.conflict, .discover, "the output '\(target)' is a folder")
      }
    }
    return target
  }
}
