internal import ArgumentParser
internal import MediaCore
internal import TouchmarkPipeline

/// What label and verify runs share.
struct RunOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("JSON Lines report; - is standard output.", valueName: "file"), completion: .file())
  var report: String?
  @Option(help: ArgumentHelp("Workers side by side (default: one a core).", valueName: "n")) var jobs: Int?
  @Option(
    help: ArgumentHelp(
      "Memory for decoded pictures, all workers together, as 512M or 4G; also bounds one file.",
      valueName: "size"))
  var memory: ByteSize?
  @Flag(help: "Stop at the first failure.") var failFast = false
  @Flag(help: "No progress bar, no lines about single files but failures.") var quiet = false

  mutating func validate() throws {
    if let jobs, !(1...1024).contains(jobs) { throw ValidationError("--jobs takes 1 to 1024.") }
  }

  /// Bounds on one file; nil for the standard ones.
  var limits: Limits? { memory.map { Limits(memory: $0.bytes) } }

  /// Runs `body` with a report, progress and signals as asked for, prints the summary, and throws the exit code.
  func execute(
    resuming: Bool, showsFiles: Bool = false, summarize: (BatchSummary) -> (text: String, code: Int32),
    _ body: (BatchOptions) throws -> BatchSummary
  ) throws {
    let cancellation = Cancellation()
    let signals = Signals(cancelling: cancellation)
    defer { signals.stop() }
    let sink = try report.map { try ReportSink(FilePath(argument: $0), appending: resuming) }
    let isReportOnOutput = report == "-"
    let display = Display(
      showsProgress: !quiet && Terminal.isTerminal(2),
      files: isReportOnOutput || quiet || !showsFiles ? .failures : .all)
    var options = BatchOptions(
      failsFast: failFast, cancellation: cancellation, report: sink,
      onFile: { display.file($0, $1, $2) }, onFound: { display.found($0, $1, isComplete: $2) })
    if let jobs { options.jobs = jobs }
    if let memory { options.memory = memory.bytes }
    let summary = try body(options)
    display.finish()
    let (text, code) = summarize(summary)
    if isReportOnOutput { Terminal.complain(text) } else { print(text) }
    if let failure = summary.reportFailure {
      Terminal.complain("touchmark: \(failure)")
      throw ExitCode(2)
    }
    if summary.isInterrupted, signals.wasReceived { throw ExitCode(130) }
    if code != 0 { throw ExitCode(code) }
  }
}
