internal import ArgumentParser
internal import Labels
internal import Ledger
internal import MediaCore
internal import TouchmarkPipeline

/// The ledger of a label run, and Article 9 of the Labelling Measures, which needs one.
struct LedgerOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "SQLite file that keeps a record of each labelled file; made when there is none.", valueName: "file"),
    completion: .file())
  var ledger: String?
  @Flag(
    help:
      "Leave out the explicit label on a user's request (Labelling Measures, Article 9); takes --recipient, --agreement and --ledger."
  )
  var withoutExplicit = false
  @Option(help: ArgumentHelp("Who asked for it and receives the files.", valueName: "name"))
  var recipient: String?
  @Option(help: ArgumentHelp("The agreement with them: its number or a link.", valueName: "reference"))
  var agreement: String?

  mutating func validate() throws {
    guard withoutExplicit else {
      guard recipient == nil, agreement == nil else {
        throw ValidationError("--recipient and --agreement belong to --without-explicit.")
      }
      return
    }
    let given = [("--recipient NAME", recipient), ("--agreement REF", agreement), ("--ledger FILE", ledger)]
    let missing = given.filter { $0.1 == nil }.map(\.0)
    guard missing.isEmpty else {
      throw ValidationError(
        "--without-explicit also takes \(missing.joined(separator: " and ")): Article 9 of the Labelling Measures asks for a record, kept for six months, of who was given content without an explicit label."
      )
    }
  }

  /// Opens the ledger, which no dry run writes to.
  func apply(to configuration: inout LabelConfiguration) throws {
    if let ledger, !configuration.isDryRun {
      configuration.ledger = try LedgerWriter(FilePath(argument: ledger))
    }
    guard withoutExplicit, let recipient, let agreement else { return }
    if !configuration.namesLayers { configuration.layers.removeAll { $0 == ExplicitTextLabel.id } }
    configuration.waiver = ExplicitWaiver(recipient: recipient, agreement: agreement)
  }
}
