internal import ArgumentParser
internal import MediaCore
internal import TouchmarkPipeline

struct LabelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "label", abstract: "Labels files, folders or what a manifest names.",
    discussion: """
      Files of folders come out below the output folder at the same relative paths. An output appears under its name \
      only when it is complete and has been read back; an input is never changed except with --in-place.

      A manifest line: {"input":"a.png","output":"b/a.png","produceID":"2026-000001","text":"AI生成"}; all but the \
      input may be left out.
      """)

  @Argument(help: "Files and folders.", completion: .file()) var input: [String] = []
  @Option(help: ArgumentHelp("Folder for the labelled files.", valueName: "dir"), completion: .directory)
  var output: String?
  @Flag(help: "Replace the inputs themselves.") var inPlace = false
  @Option(help: ArgumentHelp("JSON Lines of what to label; - is standard input.", valueName: "file"))
  var manifest: String?
  @OptionGroup var label: LabelOptions
  @OptionGroup var writing: WritingOptions
  @Flag(help: "Leave alone what an earlier run has finished; append to its report.") var resume = false
  @Flag(help: "Do everything but the writing.") var dryRun = false
  @Flag(
    help:
      "Put a file whose container has no place for a label (TS, MPG, WMV, AIFF, CAF, AMR, ADTS) into one that has."
  )
  var remux = false
  @OptionGroup var ledger: LedgerOptions
  @OptionGroup var shared: RunOptions

  mutating func validate() throws {
    if input.isEmpty, manifest == nil { throw ValidationError("Name files or folders, or give --manifest.") }
    if inPlace == (output != nil) { throw ValidationError("Give either --output DIR or --in-place.") }
  }

  mutating func run() throws {
    let profile = try label.profile.map { try Profile(path: FilePath(argument: $0)) } ?? Profile()
    var configuration = try label.configuration(profile)
    configuration.sync = .batch
    try writing.apply(to: &configuration, profile)
    configuration.resumes = resume
    configuration.isDryRun = dryRun
    configuration.remuxes = remux
    try ledger.apply(to: &configuration)
    // The report is the one place that shows them.
    configuration.digests = shared.report != nil
    if let limits = shared.machine.limits { configuration.limits = limits }
    let inputs = InputList(
      paths: input.map(FilePath.init(argument:)), manifest: manifest.map(FilePath.init(argument:)),
      shard: shared.shard)
    let plan = output.map { OutputPlan.folder(FilePath(argument: $0)) } ?? .inPlace
    let job = LabelRun(configuration, plan: plan)
    try shared.execute(resuming: resume, summarize: Summary.label) { try job(inputs, options: $0) }
  }
}
