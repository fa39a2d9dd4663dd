public import ArgumentParser
internal import Labels
internal import MediaCore
public import TouchmarkPipeline
internal import Typesetting

struct WorkerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker", abstract: "Labels or verifies file after file as lines on standard input ask.",
    discussion: """
      A job is a line of JSON on standard input: {"id":7,"input":"a.png","output":"b/a.png"}, with "verb":"verify" to \
      verify, and otherwise the members of a manifest line. Its result is a line of JSON on standard output with the \
      members of a report's file line and the job's id, written as soon as the job is done, in any order unless --ordered \
      is given. A line that makes no sense, or a file that is broken, has a result that says so.

      When standard input ends, or on SIGTERM or SIGHUP, jobs begun are finished, lines read but not begun are answered \
      with the error "cancelled", and the exit code is 0; 130 on SIGINT; 2 when results cannot be written.
      """)

  @Option(help: "What to do for a job without a verb.") var verb: WorkerVerb = .label
  @Flag(help: "Results in the order of the jobs.") var ordered = false
  @Option(
    help: ArgumentHelp(
      "Folder for labelled files; without it each job names its output.", valueName: "dir"),
    completion: .directory)
  var output: String?
  @Flag(help: "Replace the inputs themselves.") var inPlace = false
  @OptionGroup var label: LabelOptions
  @OptionGroup var writing: WritingOptions
  @OptionGroup var ledger: LedgerOptions
  @Flag(help: "Leave alone what was finished earlier: for jobs that may be handed out twice.") var resume =
    false
  @Flag(help: "No digests of inputs and outputs in results.") var noDigests = false
  @Flag(help: "The uploader declares the files to verify generated (Article 6(2)).") var declared = false
  @Option(
    help: ArgumentHelp(
      "Labels that must be there for a verified file to be satisfied, with commas between.",
      valueName: "layers"))
  var require: LayerList?
  @Flag(help: "Search longer for watermarks of pictures that were cut, turned or bent.") var deep = false
  @OptionGroup var machine: MachineOptions
  @Flag(help: "No summary on standard error.") var quiet = false

  mutating func validate() throws {
    if inPlace, output != nil { throw ValidationError("Give --output DIR or --in-place, not both.") }
    if writing.sync == .batch {
      throw ValidationError("A worker answers each job when it is done: give --sync file or none.")
    }
  }

  mutating func run() throws {
    let configuration = try makeConfiguration()
    let cancellation = Cancellation()
    let signals = Signals(cancelling: cancellation)
    defer { signals.stop() }
    var options = BatchOptions(cancellation: cancellation)
    machine.apply(to: &options)
    let summary = try WorkerRun(configuration)(options: options)
    if !quiet { Terminal.complain(Summary.worker(summary)) }
    if let failure = summary.reportFailure {
      Terminal.complain("touchmark: \(failure)")
      throw ExitCode(2)
    }
    if signals.received == Signals.interrupt { throw ExitCode(130) }
  }

  private func makeConfiguration() throws -> WorkerConfiguration {
    let profile = try label.profile.map { try Profile(path: FilePath(argument: $0)) } ?? Profile()
    let hasProducer = try (label.producer ?? profile.string("producer")) != nil
    var labelling: LabelConfiguration?
    if hasProducer || verb == .label { labelling = try labelConfiguration(profile) }
    return WorkerConfiguration(
      label: labelling, verify: try verifying(profile), verb: verb,
      plan: inPlace ? .inPlace : output.map { .folder(FilePath(argument: $0)) } ?? .none, isOrdered: ordered)
  }

  private func labelConfiguration(_ profile: Profile) throws -> LabelConfiguration {
    var configuration = try label.configuration(profile)
    try writing.apply(to: &configuration, profile)
    try ledger.apply(to: &configuration)
    configuration.resumes = resume
    configuration.digests = !noDigests
    if let limits = machine.limits { configuration.limits = limits }
    return configuration
  }

  /// The texts, layers, keys and fonts of labels to embed are those to look for.
  private func verifying(_ profile: Profile) throws -> VerifyConfiguration {
    let layers = try label.layers?.ids ?? profile.string("layers").flatMap(LayerList.init(argument:))?.ids
    let text = try label.text ?? profile.string("text")
    var configuration = VerifyConfiguration(
      isDeclared: declared, required: require?.ids ?? [], layers: layers, texts: text.map { [$0] } ?? [])
    if configuration.layers.contains(WatermarkLabel.id) {
      let key = try label.key ?? profile.string("key")
      configuration.keys = try WatermarkKeys.forVerifying(key.map { [$0] } ?? [])
    }
    configuration.isDeep = deep
    configuration.ledger = ledger.ledger.map(FilePath.init(argument:))
    if let font = try label.font ?? profile.string("font") { configuration.font = try Font(path: font) }
    if let limits = machine.limits { configuration.limits = limits }
    return configuration
  }
}

extension WorkerVerb: ExpressibleByArgument {}
