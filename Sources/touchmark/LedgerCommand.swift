public import ArgumentParser
public import Ledger
internal import MediaCore
internal import TouchmarkPipeline

struct LedgerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ledger", abstract: "Looks up, exports and prunes the records that label --ledger keeps.",
    subcommands: [FindCommand.self, ExportCommand.self, PruneCommand.self])

  struct FindCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "find", abstract: "Prints the records that a number, a sum, a path or a file leads to.",
      discussion: """
        A file leads to records by its watermark, its metadata, its bytes, and what it looks like. One JSON object a line. \
        Exit code 0 when there is one, 1 when there is none.
        """)

    @Argument(help: "Files to look up by all that is in them.", completion: .file()) var file: [String] = []
    @Option(help: ArgumentHelp("The ledger.", valueName: "file"), completion: .file()) var ledger: String
    @Option(name: .customLong("produce-id"), help: ArgumentHelp("A ProduceID.", valueName: "id"))
    var produceID: String?
    @Option(
      help: ArgumentHelp("A watermark, 16 hexadecimal digits, or the 8 of short sound.", valueName: "hex"))
    var payload: String?
    @Option(help: ArgumentHelp("SHA-256 of an output or an input.", valueName: "hex")) var sha256: String?
    @Option(help: ArgumentHelp("Path of an output or an input.", valueName: "path")) var path: String?
    @Option(
      help: ArgumentHelp(
        "Watermark key to look with; may be repeated (default: the one in your configuration folder).",
        valueName: "file"), completion: .file())
    var key: [String] = []

    mutating func validate() throws {
      if file.isEmpty, produceID == nil, payload == nil, sha256 == nil, path == nil {
        throw ValidationError("Name files, or give --produce-id, --payload, --sha256 or --path.")
      }
    }

    func run() throws {
      let ledger = FilePath(argument: ledger)
      let search = try LedgerSearch(ledger, keys: WatermarkKeys.forVerifying(key))
      var found = 0
      func show(_ lines: [JSONValue]) {
        for line in lines { print(line.text) }
        found += lines.count
      }
      if let produceID { show(try search.records(.produceID(produceID))) }
      if let payload { show(try search.records(.payload(payload))) }
      if let sha256 { show(try search.records(.sha256(sha256))) }
      if let path { show(try search.records(.path(FilePath(argument: path)))) }
      for name in file { show(try search.matches(FilePath(argument: name))) }
      if found == 0 { throw ExitCode(1) }
    }
  }

  struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "export", abstract: "Prints records, the oldest first, one JSON object a line.")

    @Option(help: ArgumentHelp("The ledger.", valueName: "file"), completion: .file()) var ledger: String
    @Option(help: ArgumentHelp("From this day or moment (UTC) on.", valueName: "time")) var since: Timestamp?
    @Option(help: ArgumentHelp("Before this day or moment (UTC).", valueName: "time")) var until: Timestamp?

    func run() throws {
      let lines = try ReportSink(FilePath("-"))
      try LedgerReader(FilePath(argument: ledger)).forEach(since: since, until: until) {
        (record) throws(MediaError) in
        lines.write(record.json)
        if let failure = lines.failure { throw failure }
      }
    }
  }

  struct PruneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "prune", abstract: "Removes records that are older than they have to be kept.")

    @Option(help: ArgumentHelp("The ledger.", valueName: "file"), completion: .file()) var ledger: String
    @Option(help: ArgumentHelp("Months to keep; fewer than 6 take --force (default: 6).", valueName: "n"))
    var months = Retention.leastMonths
    @Flag(help: "Remove what is younger than six months too.") var force = false
    @Flag(help: "Count, and remove nothing.") var dryRun = false

    mutating func validate() throws {
      guard (0...1200).contains(months) else { throw ValidationError("--months takes 0 to 1200.") }
    }

    func run() throws {
      let now = Timestamp.now
      let cutoff = now.subtracting(months: months)
      let count = try Retention.prune(
        FilePath(argument: ledger), before: cutoff, now: now, isForced: force, counts: dryRun)
      print("\(count) records from before \(cutoff) \(dryRun ? "would be removed" : "removed")")
    }
  }
}

extension Timestamp: ExpressibleByArgument {
  /// `2026-11-28` or `2026-11-28T06:02:54Z`.
  public init?(argument: String) { self.init(argument) }
}
