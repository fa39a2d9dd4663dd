import MediaCore
import Testing

@testable import Labels

/// What is written, and what is refused with which words.
@Suite struct AIGCWriteTests {
  static let label = AIGCMetadataLabel()

  @Test func theTextIsTheOneOfTheStandard() throws {
    let record = LabelRecord(producer: ImplicitSamples.code, produceID: "20261123-000001")
    let properties = try Self.label.properties(for: record)
    #expect(
      properties == [
        MetadataProperty(
          namespace: "http://www.tc260.org.cn/ns/AIGC/1.0/", prefix: "TC260", name: "AIGC",
          value: ImplicitSamples.json)
      ])
    #expect(properties.first?.value.utf8.count == 169)
  }

  /// A record with every key filled from the allowed characters.
  static func record(_ random: inout SeededRandom) -> LabelRecord {
    let plain = (0x21...0x7E).filter { $0 != 0x22 && $0 != 0x5C }.map { Character(Unicode.Scalar(UInt8($0))) }
    func value(_ range: ClosedRange<Int>, quotes: Bool = false) -> String {
      String(
        (0..<Int.random(in: range, using: &random)).map { _ in
          quotes && Int.random(in: 0..<8, using: &random) == 0
            ? "\"" : plain[Int.random(in: 0..<plain.count, using: &random)]
        })
    }
    let isOwn = Bool.random(using: &random)
    var record = LabelRecord(
      label: "1", producer: ImplicitSamples.realCodes.randomElement(using: &random) ?? "",
      produceID: value(1...40))
    if !isOwn { record.producer = value(1...19) }
    record.reservedCode1 = value(0...300, quotes: true)
    record.propagator = Bool.random(using: &random) ? value(1...19) : ""
    record.propagateID = value(0...40)
    record.reservedCode2 = value(0...300, quotes: true)
    if !record.propagator.isEmpty { record.label = ["1", "2", "3"].randomElement(using: &random) ?? "1" }
    return record
  }

  @Test func whatIsWrittenIsRead() throws {
    var random = SeededRandom(45438)
    for _ in 0..<500 {
      let record = Self.record(&random)
      let found = Self.label.detect(
        in: ImplicitSamples.items(of: try Self.label.properties(for: record)))
      #expect(found.count == 1)
      #expect(
        found.first?.fields
          == AnnexE.Key.allCases.map { Detection.Field($0.rawValue, record[$0]) })
      #expect(found.first?.findings.filter { $0.severity != .info } == [])
      #expect(found.first?.confidence == 1)
      #expect(found.first.flatMap(AIGCMetadataLabel.validLabel(of:)) == record.label)
    }
  }

  /// A record that breaks one rule, and the words that the error must hold.
  struct Refusal: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let record: LabelRecord
    let words: [String]

    init(_ words: String..., change: (inout LabelRecord) -> Void) {
      var record = LabelRecord(producer: ImplicitSamples.code, produceID: "1")
      change(&record)
      testDescription = words.joined(separator: " ")
      self.record = record
      self.words = words
    }
  }

  static let refusals: [Refusal] = [
    Refusal("ContentProducer", "U+5927 at position 1", "Annex E j", "27-character code") {
      $0.producer = "大公司"
    },
    Refusal("ContentProducer", "0x20 at position 8") { $0.producer = "Minimax Agent AI" },
    Refusal("ProduceID", #"'"' (0x22) at position 2"#, "ReservedCode1") { $0.produceID = "a\"b" },
    Refusal("ReservedCode1", #"'\' (0x5C) at position 1"#) { $0.reservedCode1 = "\\\"" },
    Refusal("PropagateID", "0x7F at position 3") { $0.propagateID = "ab\u{7F}" },
    Refusal("ReservedCode2", "0x0A at position 1") { $0.reservedCode2 = "\n" },
    Refusal("Label is '4'", "Annex E c") { $0.label = "4" },
    Refusal("Label is ''") { $0.label = "" },
    Refusal("ContentProducer is empty") { $0.producer = "" },
    Refusal("ProduceID is empty", "unique") { $0.produceID = "" },
    Refusal("ContentPropagator is empty", "Label \"2\"") { $0.label = "2" },
    Refusal("ContentPropagator is empty", "Label \"3\"") { $0.label = "3" },
    Refusal("2049 characters", "2048", "Tencent") { $0.reservedCode1 = String(repeating: "a", count: 2049) },
    Refusal("ContentProducer", "position 22 is 'X'", "'H'") { $0.producer = "001191110000MA0000000X10001" },
    Refusal("ContentProducer", "26 characters instead of 27") { $0.producer = "001191110000MA0000000H1000" },
    Refusal("ContentPropagator", "position 24", "upper-case") {
      $0.propagator = "001191110000MA0000000H1a001"
    },
  ]

  @Test(arguments: refusals) func aBrokenRecordIsRefused(_ refusal: Refusal) throws {
    let error = try #require(throws: MediaError.self) {
      _ = try Self.label.properties(for: refusal.record)
    }
    #expect(error.code == .invalidArgument)
    for word in refusal.words { #expect(error.message.contains(word), "\(error.message)") }
  }

  @Test func aPropagatorsLabelNeedsNoProducer() throws {
    let record = LabelRecord(
      label: "2", producer: "", produceID: "", propagator: ImplicitSamples.code, propagateID: "p1")
    let found = Self.label.detect(in: ImplicitSamples.items(of: try Self.label.properties(for: record)))
    #expect(found.first?.findings.map(\.code) == ["V-REQ", "V-REQ"])
    #expect(found.first?.findings.allSatisfy { $0.severity == .warning } == true)
    #expect(found.first.flatMap(AIGCMetadataLabel.validLabel(of:)) == "2")
  }

  @Test func namesAreNoted() {
    let record = LabelRecord(producer: "doubao", produceID: "1", propagator: ImplicitSamples.code)
    let notes = AIGCMetadataLabel.notes(on: record)
    #expect(notes.count == 1)
    #expect(notes.first?.contains("ContentProducer 'doubao' is a name") == true)
  }

  @Test func itHoldsAtMostOneInAFile() {
    #expect(Self.label.descriptor.isExclusive)
    #expect(Self.label.descriptor.isDefault)
    #expect(BuiltinLabels.table.label(AIGCMetadataLabel.id) != nil)
  }
}
