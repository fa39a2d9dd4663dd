import MediaCore
import Testing

@testable import Labels

@Suite struct IPTCLabelTests {
  static let label = IPTCLabel()
  static let namespace = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
  static let scheme = "http://cv.iptc.org/newscodes/digitalsourcetype/"

  static func item(
    _ value: String, _ name: String = "DigitalSourceType", form: MetadataItem.Form = .element,
    prefix: String = "Iptc4xmpExt", offset: UInt64 = 20
  ) -> MetadataItem {
    ImplicitSamples.xmp(value, namespace: namespace, prefix: prefix, name: name, form: form, offset: offset)
  }

  @Test func allPropertiesAreWrittenAndRead() throws {
    let record = LabelRecord(
      producer: "p", produceID: "1", aiSystem: "Model X", aiSystemVersion: "2.1", aiPrompt: "一只猫 <&> \"cat\"",
      aiPromptWriter: "Li")
    let properties = try Self.label.properties(for: record)
    #expect(properties.allSatisfy { $0.namespace == Self.namespace && $0.prefix == "Iptc4xmpExt" })
    #expect(
      properties.map(\.name) == [
        "DigitalSourceType", "AISystemUsed", "AISystemVersionUsed", "AIPromptInformation",
        "AIPromptWriterName",
      ])
    let found = Self.label.detect(in: ImplicitSamples.items(of: properties))
    #expect(found.count == 1)
    #expect(found.first?.confidence == 1)
    #expect(
      found.first?.fields.map(\.value)
        == ["trainedAlgorithmicMedia", "Model X", "2.1", "一只猫 <&> \"cat\"", "Li"])
  }

  @Test func emptyOnesAreNotWritten() throws {
    let properties = try Self.label.properties(for: LabelRecord(producer: "p", produceID: "1"))
    #expect(properties.map(\.value) == [Self.scheme + "trainedAlgorithmicMedia"])
  }

  @Test(arguments: [
    "digitalCapture", "", "print", "trainedAlgorithmicmedia2", "http://example.org/algorithmicMedia",
  ])
  func otherTermsAreRefused(_ term: String) throws {
    let record = LabelRecord(producer: "p", produceID: "1", digitalSourceType: term)
    let error = try #require(throws: MediaError.self) { _ = try Self.label.properties(for: record) }
    #expect(error.code == .invalidArgument)
    #expect(error.message.contains("trainedAlgorithmicMedia"))
  }

  @Test func controlCharactersAreRefused() throws {
    let record = LabelRecord(producer: "p", produceID: "1", aiPrompt: "a\u{0}b")
    let error = try #require(throws: MediaError.self) { _ = try Self.label.properties(for: record) }
    #expect(error.message.contains("AIPromptInformation"))
  }

  /// Every term in every spelling is found as the term.
  @Test(
    arguments: [
      "trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia", "compositeSynthetic",
      "algorithmicMedia",
      "virtualRecording",
    ], [MetadataItem.Form.element, .attribute])
  func everySpellingIsRead(_ term: String, _ form: MetadataItem.Form) {
    let spellings = [
      Self.scheme + term, "https://cv.iptc.org/newscodes/digitalsourcetype/\(term)", Self.scheme + term + "/",
      "digsrctype:\(term)", term, " \(term)\n", term.lowercased(),
    ]
    for spelling in spellings {
      let found = Self.label.detect(in: [Self.item(spelling, form: form)])
      #expect(found.first?["DigitalSourceType"] == term)
    }
  }

  @Test(arguments: [
    "digitalCapture", "computationalCapture", "humanEdits", "compositeCapture", "algorithmicallyEnhanced",
    "composite", "negativeFilm", "", "AI",
  ]) func otherSourcesAreNotFound(_ term: String) {
    #expect(Self.label.detect(in: [Self.item(Self.scheme + term), Self.item(term)]) == [])
  }

  @Test func aSystemAloneIsEvidence() {
    let found = Self.label.detect(in: [
      Self.item(Self.scheme + "digitalCapture"), Self.item("X", "AISystemUsed"),
    ])
    #expect(found.map(\.confidence) == [0.8])
    #expect(found.first?.fields == [.init("AISystemUsed", "X")])
    #expect(Self.label.detect(in: [Self.item(" ", "AISystemUsed")]) == [])
    #expect(
      Self.label.detect(in: [ImplicitSamples.text("trainedAlgorithmicMedia", "DigitalSourceType")]) == [])
  }

  @Test func packetsAreToldApart() {
    let items = [20, 900].map { Self.item("trainedAlgorithmicMedia", offset: $0) }
    #expect(Self.label.detect(in: items).map(\.site) == items)
  }
}
