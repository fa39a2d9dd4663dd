internal import ArgumentParser
internal import Labels
internal import MediaCore
internal import TouchmarkPipeline

struct KeygenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keygen", abstract: "Makes a watermark key.",
    discussion: """
      The file holds 256 random bits and is readable by its owner alone. Whoever has it can find the marks made with it, \
      and make new ones: keep it as you keep a signing key, and keep it for as long as marks are to be found.
      """)

  @Option(help: ArgumentHelp("File to make; it must not exist.", valueName: "file"), completion: .file())
  var output: String

  func run() throws {
    let path = FilePath(argument: output)
    print("key \(try KeyFile.create(path).id) written to \(path)")
  }
}
