internal import ArgumentParser
internal import MediaCore
internal import TouchmarkPipeline

/// What label and verify runs share.
struct RunOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("JSON Lines report; - is standard output.", valueName: "file"), completion: .file())
  var report: String?
  @Option(
    help: ArgumentHelp(
      "Work on one of N parts of the inputs, as 2/5: each file belongs to one, whatever other files there are.",
      valueName: "i/n"), transform: RunOptions.shard)
  var shard: Shard = .whole
  @OptionGroup var machine: MachineOptions
  @Flag(help: "Stop at the first failure.") var failFast = false
  @Flag(help: "No progress bar, no lines about single files but failures.") var quiet = false
  @Flag(help: "A line about each file, and what there is to say about it.") var verbose = false

  mutating func validate() throws {
    if quiet, verbose { throw ValidationError("Give --quiet or --verbose, not both.") }
  }

  private static func shard(_ text: String) throws -> Shard {
    guard let shard = Shard(text) else {
      throw ValidationError("--shard takes I/N with 1 ≤ I ≤ N, such as 2/5, not '\(text)'.")
    }
    return shard
  }

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
      files: quiet || !(showsFiles || verbose) ? .failures : .all,
      // What else is on standard output must not be mixed with the report.
      output: isReportOnOutput ? (verbose ? .errors : .none) : .output)
    var options = BatchOptions(
      failsFast: failFast, cancellation: cancellation, report: sink,
      onFile: { display.file($0, $1, $2) }, onFound: { display.found($0, $1, isComplete: $2) })
    machine.apply(to: &options)
    let summary = try body(options)
    display.finish()
    let (text, code) = summarize(summary)
    if isReportOnOutput { Terminal.complain(text) } else { print(text) }
    if let failure = summary.reportFailure {
      Terminal.complain("touchmark: \(failure)")
      throw ExitCode(2)
    }
    if summary.isInterrupted, signals.received != 0 { throw ExitCode(130) }
    if code != 0 { throw ExitCode(code) }
  }
}
