internal import ArgumentParser
internal import Labels
internal import MediaCore
internal import TouchmarkPipeline
internal import Typesetting

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Judges files: a verdict by Article 6 and the evidence for it.",
    discussion: """
      confirmed: a metadata label says so. possible: declared by the uploader, or labelled so by a platform. \
      suspected: an explicit label or another trace was found. none: no evidence, which never means made by a person. \
      undecided: the file could not be read.

      Exit code 0 when every file is confirmed, or holds the labels that --require names; 1 when one does not; 2 when \
      one could not be judged.
      """)

  @Argument(help: "Files and folders.", completion: .file()) var input: [String] = []
  @Option(help: ArgumentHelp("JSON Lines of what to verify; - is standard input.", valueName: "file"))
  var manifest: String?
  @Flag(help: "The uploader declares the files generated (Article 6(2)).") var declared = false
  @Option(
    help: ArgumentHelp("Labels that must be there for exit code 0, with commas between.", valueName: "layers")
  )
  var require: LayerList?
  @Option(help: ArgumentHelp("Labels to look for; all by default.", valueName: "layers"))
  var layers: LayerList?
  @Option(
    help: ArgumentHelp("A further text of explicit labels to look for; may be repeated.", valueName: "string")
  )
  var text: [String] = []
  @Option(help: ArgumentHelp("Font of that text.", valueName: "file"), completion: .file()) var font: String?
  @Option(
    help: ArgumentHelp(
      "Watermark key to look with; may be repeated (default: the one in your configuration folder).",
      valueName: "file"), completion: .file())
  var key: [String] = []
  @Flag(help: "Search longer for watermarks of pictures that were cut, turned or bent.") var deep = false
  @Option(
    help: ArgumentHelp("Ledger of a label run to look files up in.", valueName: "file"), completion: .file())
  var ledger: String?
  @OptionGroup var shared: RunOptions

  mutating func validate() throws {
    if input.isEmpty, manifest == nil { throw ValidationError("Name files or folders, or give --manifest.") }
  }

  mutating func run() throws {
    var configuration = VerifyConfiguration(
      isDeclared: declared, required: require?.ids ?? [], layers: layers?.ids, texts: text)
    if configuration.layers.contains(WatermarkLabel.id) {
      configuration.keys = try WatermarkKeys.forVerifying(key)
    }
    configuration.isDeep = deep
    configuration.ledger = ledger.map(FilePath.init(argument:))
    if let font { configuration.font = try Font(path: font) }
    if let limits = shared.machine.limits { configuration.limits = limits }
    let inputs = InputList(
      paths: input.map(FilePath.init(argument:)), manifest: manifest.map(FilePath.init(argument:)),
      shard: shared.shard)
    let job = VerifyRun(configuration)
    try shared.execute(resuming: false, showsFiles: true, summarize: Summary.verify) {
      try job(inputs, options: $0)
    }
  }
}
