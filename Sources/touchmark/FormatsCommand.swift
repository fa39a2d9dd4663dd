internal import ArgumentParser
internal import TouchmarkPipeline

struct FormatsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "formats", abstract: "Lists the formats and labels, and what each supports.")

  @Flag(help: "As JSON.") var json = false
  @Flag(help: "As Markdown tables.") var markdown = false

  mutating func validate() throws {
    if json, markdown { throw ValidationError("Give --json or --markdown, not both.") }
  }

  func run() {
    let catalogue = Catalogue()
    print(json ? catalogue.json : markdown ? catalogue.markdown : catalogue.text)
  }
}
