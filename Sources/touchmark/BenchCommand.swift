public import ArgumentParser
internal import MediaCore
public import TouchmarkPipeline

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measures how fast files are labelled and verified here.",
    discussion: """
      Runs the labeller and the verifier over the files, or over a built-in set made on the spot, and prints files, \
      megabytes, and megapixels or seconds of media a second of wall-clock time, processor time a file and its steps, and \
      peak memory: for each format, each label alone and all, and each number of workers. Inputs are never changed.

      Processor time hardly depends on what else the machine does; files a second do.
      """)

  @Argument(help: "Files and folders; the built-in set without any.", completion: .file()) var input:
    [String] =
      []
  @Option(
    help: ArgumentHelp("Labels to measure, with commas between (default: all).", valueName: "layers"))
  var layers: LayerList?
  @Option(help: ArgumentHelp("Measured passes of each task.", valueName: "n")) var runs = 5
  @Option(
    help: ArgumentHelp(
      "Numbers of workers to measure, with commas between (default: 1 and one a core).", valueName: "list"))
  var jobs: NumberList?
  @Option(help: "Where outputs go: null drops them, disk writes, syncs and then removes them.")
  var sink = OutputSink.null
  @Option(help: "What to read back before an output counts as done.") var check = CheckLevel.metadata
  @Option(
    help: ArgumentHelp(
      "Folder for temporary files, which are removed at the end (default: $TMPDIR or /tmp).", valueName: "dir"
    ),
    completion: .directory)
  var folder: String?
  @Flag(help: "As JSON.") var json = false
  @Option(help: ArgumentHelp("Also draw a chart into this SVG file.", valueName: "file"), completion: .file())
  var chart: String?
  @Flag(help: "No progress.") var quiet = false

  /// A dummy code of the right form: nothing that is labelled here is kept.
  private static let producer = "001191110000MA0000000H10001"

  mutating func validate() throws {
    if !(1...1000).contains(runs) { throw ValidationError("--runs takes 1 to 1000.") }
  }

  func run() throws {
    var configuration = BenchConfiguration(
      record: LabelRecord(producer: Self.producer, produceID: ""), layers: layers?.ids, jobs: jobs?.numbers,
      runs: runs, sink: sink, folder: folder.map { FilePath(argument: $0) } ?? TemporaryFiles.folder)
    configuration.check = check
    let cancellation = Cancellation()
    let signals = Signals(cancelling: cancellation)
    defer { signals.stop() }
    let inputs = input.isEmpty ? nil : InputList(paths: input.map(FilePath.init(argument:)))
    let showsProgress = !quiet && Terminal.isTerminal(2)
    let result = try BenchRun(configuration)(inputs, cancellation: cancellation) { done, total in
      if showsProgress { Terminal.write(error: "\rpass \(done + 1) of \(total)\u{1B}[K") }
    }
    if showsProgress { Terminal.write(error: "\r\u{1B}[K") }
    if result.isInterrupted { throw ExitCode(130) }
    print(json ? result.json.text : Terminal.harmless(result.text, hasLines: true))
    if let chart {
      let output = try OutputFile(FilePath(argument: chart))
      try output.write(Array(result.chart.utf8))
      try output.commit()
    }
    if !result.omitted.isEmpty { throw ExitCode(2) }
  }
}

extension OutputSink: ExpressibleByArgument {}

/// `1,2,8`: numbers of workers.
struct NumberList: ExpressibleByArgument {
  let numbers: [Int]

  init?(argument: String) {
    let numbers = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard !numbers.isEmpty, numbers.allSatisfy({ (1...1024).contains($0) }) else { return nil }
    self.numbers = numbers.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}
