internal import ArgumentParser
internal import MediaCore
internal import TouchmarkPipeline

@main struct Touchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "touchmark",
    abstract: "Labels generated media as GB 45438-2025 asks, and verifies what comes back.",
    discussion: """
      The labels: text that people see in the picture (explicit); metadata that programs read, and a watermark in \
      picture and sound themselves (implicit).
      Exit codes: 0 done; 1 verify found a required label missing; 2 at least one file failed; 64 usage; 130 interrupted.
      """,
    version: Version.text,
    subcommands: [
      LabelCommand.self, VerifyCommand.self, InspectCommand.self, WorkerCommand.self, FormatsCommand.self,
      KeygenCommand.self, LedgerCommand.self, BenchCommand.self,
    ])

  static func main() {
    Process.prepare()
    do {
      var command = try parsed()
      try command.run()
    } catch let error as MediaError {
      // Before any file is opened only the call itself can be wrong; what is wrong with files stands in the report.
      Terminal.complain("touchmark: \(error.message)")
      exit(withError: ExitCode(64))
    } catch {
      exit(withError: error)
    }
  }

  /// What the call asks for. A command parses its own arguments first, which takes half as long as to descend to it from here; what it
  /// does not take, as requests for help and mistakes, is answered from here.
  private static func parsed() throws -> any ParsableCommand {
    let arguments = CommandLine.arguments.dropFirst()
    if let name = arguments.first,
      let named = configuration.subcommands.first(where: { $0.configuration.commandName == name }),
      let command = try? named.parseAsRoot(Array(arguments.dropFirst())), type(of: command) == named
    {
      return command
    }
    return try parseAsRoot()
  }
}
