import Foundation
import MediaCore
import Testing
import Typesetting

/// What a line's coverage promises, over the embedded font.
@Suite struct FontTypesetterTests {
  static let phrases = ["AI生成", "由AI生成", "人工智能生成合成内容", "作品含AI生成内容", "AI-generated: été ß", "內容由AI產生"]
  static let heights = [1, 4, 9, 12, 20, 26, 52, 77, 205, 410]

  @Test(arguments: phrases, heights) func inkIsAsHighAsAsked(_ text: String, _ height: Int) throws {
    let mask = try Font.embedded.makeTypesetter().mask(for: text, inkHeight: height)
    let strongest = (0..<mask.height).map { y in
      mask.coverage[y * mask.width..<(y + 1) * mask.width].max() ?? 0
    }
    let first = try #require(strongest.firstIndex { $0 >= 128 })
    let last = try #require(strongest.lastIndex { $0 >= 128 })
    #expect(last - first + 1 == mask.inkHeight)
    #expect(mask.inkHeight >= height)
    // "Smallest": a row more is what a pointed top may cost, not a size larger.
    #expect(mask.inkHeight <= height + 1 + height / 64)
  }

  @Test(arguments: phrases) func maskIsCutToItsInk(_ text: String) throws {
    let mask = try Font.embedded.makeTypesetter().mask(for: text, inkHeight: 30)
    let rows = (0..<mask.height).map { y in
      mask.coverage[y * mask.width..<(y + 1) * mask.width].contains { $0 > 0 }
    }
    let columns = (0..<mask.width).map { x in
      (0..<mask.height).contains { mask.coverage[$0 * mask.width + x] > 0 }
    }
    #expect(rows.first == true && rows.last == true)
    #expect(columns.first == true && columns.last == true)
  }

  @Test func inkKeepsItsProportionsAtEverySize() throws {
    let typesetter = try Font.embedded.makeTypesetter()
    let large = try typesetter.mask(for: "AI生成", inkHeight: 400)
    for height in [12, 26, 52, 104] {
      let mask = try typesetter.mask(for: "AI生成", inkHeight: height)
      let expected = Double(large.width) * Double(mask.inkHeight) / Double(large.inkHeight)
      #expect(abs(Double(mask.width) - expected) <= 3)
    }
  }

  @Test func strokesAreSolidAndSoftEdged() throws {
    let mask = try Font.embedded.makeTypesetter().mask(for: "AI生成", inkHeight: 52)
    let solid = mask.coverage.count { $0 == 255 }
    let soft = mask.coverage.count { $0 > 0 && $0 < 255 }
    #expect(solid > soft)
    #expect(soft > mask.coverage.count / 50)
  }

  @Test func oneTypesetterRepeatsItself() throws {
    let typesetter = try Font.embedded.makeTypesetter()
    let first = try typesetter.mask(for: "AI生成", inkHeight: 26)
    for height in 1..<200 { _ = try typesetter.mask(for: "AI", inkHeight: height) }
    #expect(try typesetter.mask(for: "AI生成", inkHeight: 26) == first)
    #expect(try Font.embedded.makeTypesetter().mask(for: "AI生成", inkHeight: 26) == first)
  }

  @Test(arguments: [
    ("AI生成🦉", "U+1F989"), ("龘AI生成", "U+9F98"), ("AI生成 한", "U+D55C"),
  ]) func missingGlyphIsNamed(_ text: String, _ name: String) throws {
    let typesetter = try Font.embedded.makeTypesetter()
    let error = try #require(throws: MediaError.self) { try typesetter.mask(for: text, inkHeight: 20) }
    #expect(error.code == .invalidArgument)
    #expect(error.message.contains(name) && error.message.contains("--font FILE"))
  }

  @Test(arguments: ["", "AI\n生成", "AI\u{0}生成", "AI\u{2028}生成", "   ", String(repeating: "生", count: 257)])
  func whatIsNotALineIsRefused(_ text: String) throws {
    let typesetter = try Font.embedded.makeTypesetter()
    let error = try #require(throws: MediaError.self) { try typesetter.mask(for: text, inkHeight: 20) }
    #expect(error.code == .invalidArgument)
  }

  @Test func enormousLinesAreRefusedNotAllocated() throws {
    let typesetter = try Font.embedded.makeTypesetter()
    let text = String(repeating: "生", count: 256)
    for height in [3000, 100_000, .max / 2] {
      let error = try #require(throws: MediaError.self) { try typesetter.mask(for: text, inkHeight: height) }
      #expect(error.code == .limitExceeded || error.code == .invalidArgument)
    }
  }

  @Test func embeddedFontHasItsOwnName() throws {
    #expect(try Font.embedded.makeTypesetter().fontName == "Touchmark Label Sans Bold")
  }

  @Test func everyCharacterOfThePhraseListHasAGlyph() throws {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Fixtures/font/phrases.txt")
    let lines = try String(contentsOf: url, encoding: .utf8).split(whereSeparator: \.isNewline)
    let typesetter = try Font.embedded.makeTypesetter()
    for line in lines {
      for phrase in line.split(separator: " ") where phrase.contains(where: { !$0.isWhitespace }) {
        _ = try typesetter.mask(for: String(phrase), inkHeight: 9)
      }
    }
    #expect(lines.count > 5)
  }
}

/// Fonts from files.
@Suite struct FontTests {
  static func embeddedFile() throws -> [UInt8] {
    // The generated source holds the font's bytes in decimal.
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Sources/CTypesetting/font_data.c")
    let source = try String(contentsOf: url, encoding: .utf8)
    let list = try #require(source.split(separator: "{\n").dropFirst().first?.split(separator: "}").first)
    return list.split { $0 == "," || $0 == "\n" }.compactMap { UInt8($0) }
  }

  @Test func aFileSetsLikeTheEmbeddedFont() throws {
    let path = NSTemporaryDirectory() + "touchmark-font-\(UUID().uuidString).otf"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data(Self.embeddedFile()).write(to: URL(fileURLWithPath: path))
    let font = try Font(path: path)
    #expect(font.name == path)
    let mask = try font.makeTypesetter().mask(for: "AI生成", inkHeight: 26)
    #expect(try mask == Font.embedded.makeTypesetter().mask(for: "AI生成", inkHeight: 26))
  }

  @Test func whatIsNoFontIsRefused() throws {
    let junk: [[UInt8]] = [[], [0], Array("not a font".utf8), Array(repeating: 0xFF, count: 4096)]
    for bytes in junk {
      let error = try #require(throws: MediaError.self) { try Font(name: "junk", contents: bytes) }
      #expect(error.code == .invalidArgument)
    }
    let missing = try #require(throws: MediaError.self) { try Font(path: "/nonexistent/x.otf") }
    #expect(missing.code == .io)
  }

  @Test func damagedFontsGiveAnErrorOrAMask() throws {
    let bytes = try Self.embeddedFile()
    var generator = SplitMix(seed: 45438)
    var outcomes = 0
    for round in 0..<300 {
      var damaged = bytes
      if round % 3 == 0 { damaged.removeLast(Int(generator.next() % UInt64(bytes.count))) }
      for _ in 0..<4 where !damaged.isEmpty {
        damaged[Int(generator.next() % UInt64(damaged.count))] ^= 1 << UInt8(generator.next() % 8)
      }
      do {
        let font = try Font(name: "damaged", contents: damaged)
        let mask = try font.makeTypesetter().mask(for: "AI生成", inkHeight: 20)
        #expect(mask.inkHeight >= 20)
        outcomes += 1
      } catch { #expect(error.stage == .label) }
    }
    #expect(outcomes < 300)
  }

  @Test func workersShareOneFont() async throws {
    let expected = try Font.embedded.makeTypesetter().mask(for: "AI生成", inkHeight: 33)
    try await withThrowingTaskGroup(of: TextMask.self) { group in
      for _ in 0..<8 { group.addTask { try Font.embedded.makeTypesetter().mask(for: "AI生成", inkHeight: 33) } }
      for try await mask in group { #expect(mask == expected) }
    }
  }
}

/// A small seeded generator, so that a failure repeats.
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
