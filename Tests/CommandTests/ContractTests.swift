import Foundation
import MediaCore
import Testing

/// What users script against: exit codes, reports, streams.
@Suite struct ContractTests {
  private let who = ["--producer", Binary.producer]

  @Test func helpNamesTheVerbsThatExist() throws {
    let binary = try Binary()
    let help = try binary.run(["--help"])
    #expect(help.code == 0)
    for verb in ["label", "verify", "inspect", "worker", "formats", "keygen", "ledger", "bench"] {
      #expect(help.output.contains("  \(verb) "))
    }
    #expect(try binary.run(["--version"]).output.hasPrefix("0."))
  }

  @Test(arguments: [
    [], ["x.png"], ["x.png", "--output", "o"], ["x.png", "--output", "o", "--in-place", "--producer", "P"],
    ["x.png", "--output", "o", "--producer", "P", "--layers", "sticker"],
    ["x.png", "--output", "o", "--producer", "P", "--text", "AI generated"],
    ["x.png", "--output", "o", "--producer", "P", "--existing", "maybe"],
    ["x.png", "--output", "o", "--producer", "P", "--memory", "lots"],
    ["x.png", "--output", "o", "--producer", "P", "--font", "/nowhere"],
    ["x.png", "--output", "o", "--producer", "P", "--profile", "/nowhere"],
    ["--manifest", "/nowhere", "--output", "o", "--producer", "P"],
  ])
  func usageMistakesOfLabelAre64(_ arguments: [String]) throws {
    let binary = try Binary()
    try binary.picture("x.png", "-size 99x99 xc:red")
    let outcome = try binary.run(["label"] + arguments)
    #expect(outcome.code == 64, "\(outcome)")
    #expect(outcome.errors.contains("Error: ") || outcome.errors.contains("touchmark: "))
    #expect(binary.tree("o").isEmpty)
  }

  @Test func exitCodesOfLabelAndVerify() throws {
    let binary = try Binary()
    try binary.gallery("in", count: 4)
    #expect(try binary.run(["label", "in", "--output", "out"] + who).code == 0)
    #expect(try binary.run(["verify", "out"]).code == 0)
    #expect(try binary.run(["verify", "out", "in"]).code == 1)
    #expect(try binary.run(["verify", "out", "--require", "metadata,explicit,iptc"]).code == 0)
    #expect(try binary.run(["verify", "in", "--declared"]).code == 1)
    #expect(try binary.run(["verify", "out", "--require", "sticker"]).code == 64)
    #expect(try binary.run(["verify"]).code == 64)
    try binary.write("in/broken.png", "no picture")
    #expect(try binary.run(["label", "in", "--output", "out2"] + who).code == 2)
    #expect(binary.tree("out2").count == 4)
    #expect(try binary.run(["verify", "in/broken.png", "out"]).code == 2)
    #expect(try binary.run(["inspect", "in/broken.png"]).code == 2)
    #expect(try binary.run(["inspect", "out/0.png"]).code == 0)
  }

  @Test func whatIsSeveralLinesIsPrintedAsSeveralLines() throws {
    let binary = try Binary()
    try binary.gallery("in", count: 2)
    let table = try binary.run([
      "bench", "in", "--layers", "metadata", "--runs", "1", "--jobs", "1", "--quiet",
    ])
    #expect(table.code == 0)
    let rows = table.output.split(separator: "\n")
    #expect(rows.contains { $0.hasPrefix("label all ") })
    #expect(rows.contains { $0.hasPrefix("CPU of label all:") })
    let inspection = try binary.run(["inspect", "in/0.png"]).output
    #expect(inspection.split(separator: "\n").count > 1)
    #expect(!(table.output + inspection).contains("\u{FFFD}"))
  }

  @Test func aReportOnStandardOutputIsNothingButJSONLines() throws {
    let binary = try Binary()
    try binary.gallery("in", count: 3)
    let label = try binary.run(["label", "in", "--output", "out", "--report", "-"] + who)
    #expect(try label.lines().map { $0["type"]?.string } == ["begin", "file", "file", "file", "summary"])
    #expect(label.errors.contains("labelled 3"))
    let verify = try binary.run(["verify", "out", "--report", "-"])
    let files = try verify.lines().filter { $0["type"] == "file" }
    #expect(files.count == 3)
    for file in files {
      #expect(file["verdict"] == "confirmed")
      #expect(file["label"] == "1")
      #expect(file["compliance"] == "compliant")
      #expect(file["layers"]?["metadata"]?["found"] == true)
      #expect(file["layers"]?["explicit"]?["text"] == "AI生成")
    }
  }

  @Test func noBarWhereNoTerminalIs() throws {
    let binary = try Binary()
    try binary.gallery("in", count: 3)
    // The first run makes a key and says so, once.
    let first = try binary.run(["label", "in", "--output", "first"] + who)
    #expect(first.errors.contains("made the watermark key"))
    let outcome = try binary.run(["label", "in", "--output", "out"] + who)
    #expect(outcome.errors.isEmpty)
    #expect(outcome.output.hasPrefix("labelled 3, skipped 0, failed 0; 3 files"))
  }

  @Test func aManifestComesFromStandardInput() throws {
    let binary = try Binary()
    try binary.gallery("in", count: 2)
    let manifest = """
      {"input":"in/0.png","output":"deep/er/x.png","produceID":"2026-1","text":"由AI生成"}
      {"input":"in/1.jpg"}
      """
    let outcome = try binary.run(
      ["label", "--manifest", "-", "--output", "out", "--report", "r"] + who, input: manifest)
    #expect(outcome.code == 0, "\(outcome)")
    #expect(binary.tree("out") == ["deep/er/x.png", "in/1.jpg"])
    let verify = try binary.run(["verify", "out/deep", "--report", "-"]).lines()
    #expect(verify[1]["layers"]?["explicit"]?["text"] == "由AI生成")
  }

  @Test func aProfileHoldsConstantsAndFlagsBeatIt() throws {
    let binary = try Binary()
    try binary.picture("x.png", "-size 200x200 xc:gray")
    try binary.write(
      "p.json",
      "{\"producer\":\"Some-Name\",\"text\":\"AI合成\",\"position\":\"top\",\"layers\":[\"explicit\",\"metadata\"]}"
    )
    let outcome = try binary.run([
      "label", "x.png", "--output", "o", "--profile", "p.json", "--position", "top-left", "--report", "-",
    ])
    let lines = try outcome.lines()
    #expect(lines[1]["metadata"]?["ContentProducer"] == "Some-Name")
    #expect(lines[1]["explicit"]?["text"] == "AI合成")
    #expect(lines[1]["explicit"]?["position"] == "top-left")
    #expect(lines[1]["iptc"] == nil)
    try binary.write("bad.json", "{\"producer\":\"N\",\"colour\":1}")
    #expect(try binary.run(["label", "x.png", "--output", "o", "--profile", "bad.json"]).code == 64)
  }

  @Test func anyTextIsAnExplicitChoiceAndIsRecorded() throws {
    let binary = try Binary()
    try binary.picture("x.png", "-size 400x200 xc:gray")
    let outcome = try binary.run(
      ["label", "x.png", "--output", "o", "--text", "AI generated", "--any-text", "--report", "-"] + who)
    #expect(outcome.code == 0, "\(outcome)")
    #expect(try outcome.lines()[0]["configuration"]?["anyText"] == true)
    #expect(try outcome.lines()[1]["explicit"]?["anyText"] == true)
  }

  @Test func inspectShowsOffsetsAndNoVerdict() throws {
    let binary = try Binary()
    try binary.gallery("in", count: 2)
    _ = try binary.run(["label", "in", "--output", "out"] + who)
    let text = try binary.run(["inspect", "out/0.png", "out/1.jpg", "--all"]).output
    #expect(text.contains("at byte "))
    #expect(text.contains("ContentProducer    \(Binary.producer)"))
    for word in ["confirmed", "suspected"] { #expect(!text.contains(word)) }
  }

  @Test func fileNamesCannotDriveTheTerminal() throws {
    let binary = try Binary()
    try binary.write("in/\u{1B}[31mred.png", "no picture")
    let outcome = try binary.run(["label", "in", "--output", "out"] + who)
    #expect(outcome.code == 2)
    #expect(!outcome.errors.contains("\u{1B}"))
    #expect(outcome.errors.contains("[31mred.png"))
  }

  @Test func catalogueIsJSONAndMarkdown() throws {
    let binary = try Binary()
    let json = try JSONValue(parsing: Array(try binary.run(["formats", "--json"]).output.utf8))
    guard case .array(let formats)? = json["formats"] else { Issue.record("no formats"); return }
    #expect(formats.contains { $0["id"] == "png" } && formats.contains { $0["id"] == "jpeg" })
    #expect(try binary.run(["formats", "--markdown"]).output.contains("| png | image |"))
    #expect(try binary.run(["formats", "--json", "--markdown"]).code == 64)
  }
}
