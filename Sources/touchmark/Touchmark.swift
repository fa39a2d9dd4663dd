internal import ArgumentParser

@main struct Touchmark: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "touchmark")
}
