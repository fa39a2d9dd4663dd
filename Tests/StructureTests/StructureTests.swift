import Foundation
import Testing

/// Laws about the sources themselves.
@Suite struct StructureTests {
  /// Where each id may stand as a literal: in its own room, and nowhere else.
  static let rooms: [(id: String, room: String)] = [
    ("png", "Sources/MediaFormats/PNG/"), ("jpeg", "Sources/MediaFormats/JPEG/"),
    ("mp4", "Sources/MediaFormats/ISOMedia/"), ("mov", "Sources/MediaFormats/ISOMedia/"),
    ("m4a", "Sources/MediaFormats/ISOMedia/"),
    ("wav", "Sources/MediaFormats/RIFF/"), ("avi", "Sources/MediaFormats/RIFF/"),
    ("mp3", "Sources/MediaFormats/MP3/"), ("adts", "Sources/MediaFormats/ADTS/"),
    ("aiff", "Sources/MediaFormats/AIFF/"), ("flac", "Sources/MediaFormats/FLAC/"),
    ("ogg", "Sources/MediaFormats/Ogg/"), ("opus", "Sources/MediaFormats/Ogg/"),
    ("mkv", "Sources/MediaFormats/Matroska/"), ("webm", "Sources/MediaFormats/Matroska/"),
    ("flv", "Sources/MediaFormats/FLV/"), ("asf", "Sources/MediaFormats/ASF/"),
    ("ts", "Sources/MediaFormats/TransportStream/"), ("caf", "Sources/MediaFormats/CAF/"),
    ("amr", "Sources/MediaFormats/AMR/"),
    ("explicit", "Sources/Labels/Explicit/"), ("metadata", "Sources/Labels/Implicit/"),
    ("watermark", "Sources/Labels/Watermark/"), ("iptc", "Sources/Labels/Implicit/"),
    ("traces", "Sources/Labels/Implicit/"),
  ]

  @Test(arguments: rooms) func anIDStandsOnlyInItsOwnRoom(_ id: String, _ room: String) throws {
    var isHome = false
    for path in Repository.files("Sources", [".swift"]) {
      // The stages of errors and the levels of checks are words of their own.
      if path.hasSuffix("MediaError.swift") || path.hasSuffix("LabelConfiguration.swift") { continue }
      guard try Repository.text(path).contains("\"\(id)\"") else { continue }
      if path.hasPrefix(room) { isHome = true } else { Issue.record("'\(id)' stands in \(path)") }
    }
    #expect(isHome)
  }

  static let imports: [(target: String, forbidden: [String])] = [
    (
      "MediaCore",
      ["MediaFormats", "Labels", "Ledger", "Typesetting", "TouchmarkPipeline", "CImageIO", "CXML"]
    ),
    ("Ledger", ["MediaFormats", "Labels", "Typesetting", "TouchmarkPipeline", "CImageIO", "CXML"]),
    ("MediaFormats", ["Labels", "Ledger", "Typesetting", "TouchmarkPipeline"]),
    ("Labels", ["MediaFormats", "Ledger", "Typesetting", "TouchmarkPipeline", "CImageIO", "CXML"]),
    ("Typesetting", ["MediaFormats", "Labels", "TouchmarkPipeline"]),
    ("TouchmarkPipeline", ["CImageIO", "CSQLite", "CXML", "ArgumentParser"]),
    ("touchmark", ["MediaFormats", "CImageIO", "CSQLite", "CXML"]),
  ]

  @Test(arguments: imports) func importsPointOneWay(_ target: String, _ forbidden: [String]) throws {
    for path in Repository.files("Sources/\(target)", [".swift"]) {
      for line in try Repository.text(path).split(separator: "\n") {
        let words = line.split(separator: " ")
        guard let index = words.firstIndex(of: "import"), index <= 1, index + 1 < words.count else {
          continue
        }
        #expect(!forbidden.contains(String(words[index + 1])), "\(path): \(line)")
      }
    }
  }

  @Test func roomsAreSmall() throws {
    var lengths: [Int] = []
    for path in Repository.files("Sources", [".swift", ".c", ".h"]) where !path.hasSuffix("font_data.c") {
      let count = try Repository.text(path).split(separator: "\n", omittingEmptySubsequences: false).count
      #expect(count <= 400, "\(path) has \(count) lines")
      lengths.append(count)
    }
    #expect(lengths.sorted()[lengths.count / 2] <= 120)
  }

  @Test func everyEscapeHatchSaysWhy() throws {
    let hatches = ["@unchecked Sendable", "nonisolated(unsafe)", "fatalError(", "try!", "as!"]
    for path in Repository.files("Sources", [".swift"]) {
      let lines = try Repository.text(path).split(separator: "\n", omittingEmptySubsequences: false)
      for (index, line) in lines.enumerated() where hatches.contains(where: line.contains) {
        let isExplained = line.contains("//") || (index > 0 && lines[index - 1].contains("//"))
        #expect(isExplained, "\(path):\(index + 1)")
      }
    }
  }

  @Test func everyFixtureHasOriginLicenceAndDigest() throws {
    let text = try Repository.text("Fixtures/MANIFEST.json")
    let entries = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: String]])
    let listed = Set(entries.compactMap { $0["path"] })
    let tools: Set<String> = ["MANIFEST.json", "manifest.py"]
    for path in Repository.files(
      "Fixtures", [".jpg", ".png", ".txt", ".mp4", ".mov", ".mkv", ".webm", ".wav", ".mp3", ".flac"])
    {
      let name = String(path.dropFirst("Fixtures/".count))
      #expect(listed.contains(name) || tools.contains(name), "\(name) is not in MANIFEST.json")
    }
    for entry in entries {
      let path = "Fixtures/\(entry["path"] ?? "")"
      for key in ["origin", "licence", "recipe"] { #expect(entry[key]?.isEmpty == false, "\(path) \(key)") }
      let sum = try Repository.run("sha256sum", [Repository.root.appendingPathComponent(path).path])
      #expect(sum.prefix(64) == entry["sha256"] ?? "", "\(path)")
    }
  }

  @Test func theReadmesTablesAreThoseOfTheCommand() throws {
    let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundlePath
    let folder = ((bundle ?? CommandLine.arguments[0]) as NSString).deletingLastPathComponent
    let tables = try Repository.run(folder + "/touchmark", ["formats", "--markdown"])
    let readme = try Repository.text("README.md")
    for table in tables.components(separatedBy: "\n\n") {
      #expect(readme.contains(table.trimmingCharacters(in: .newlines)), "README.md lacks:\n\(table)")
    }
  }

  @Test func theManualNamesEveryOptionOfTheCommand() throws {
    let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundlePath
    let folder = ((bundle ?? CommandLine.arguments[0]) as NSString).deletingLastPathComponent
    let manual = try Repository.text("Sources/touchmark/Manual/touchmark.1")
    for verb in ["label", "verify", "inspect", "formats", "keygen", "ledger", "bench"] {
      let help = try Repository.run(folder + "/touchmark", [verb, "--help"])
      let options = help.matches(of: /--([a-z0-9-]+)/).map { String($0.output.1) }
      #expect(!options.isEmpty)
      for option in Set(options).subtracting(["help", "version"]) {
        #expect(manual.contains("-\(option)"), "touchmark.1 lacks --\(option) of \(verb)")
      }
    }
  }
}
