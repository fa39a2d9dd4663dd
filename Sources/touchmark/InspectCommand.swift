internal import ArgumentParser
internal import MediaCore
internal import TouchmarkPipeline

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Shows every label site and trace of files, with offsets, for people.",
    discussion: "Shows evidence only; verify judges it.")

  @Argument(help: "Files.", completion: .file()) var file: [String]
  @Flag(help: "Also list the metadata that is no label.") var all = false

  func run() throws {
    var isFailed = false
    for (index, name) in file.enumerated() {
      if index > 0 { print() }
      let inspection = try Inspection(of: FilePath(argument: name), listsAll: all)
      print(Terminal.harmless(inspection.text, hasLines: true))
      if inspection.isFailed { isFailed = true }
    }
    if isFailed { throw ExitCode(2) }
  }
}
