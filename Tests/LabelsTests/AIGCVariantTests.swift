import MediaCore
import Testing

@testable import Labels

/// A way that labels are written in the wild, and what must be read out of it.
struct AIGCVariant: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let items: [MetadataItem]
  var fields = ImplicitSamples.fields
  /// `V-LOC warning` …, in any order.
  var findings: Set<String> = []
  var standing = AIGCMetadataLabel.Standing.valid

  init(
    _ name: String, _ items: MetadataItem..., fields: [Detection.Field] = ImplicitSamples.fields,
    findings: Set<String> = [], standing: AIGCMetadataLabel.Standing = .valid
  ) {
    testDescription = name
    self.items = items
    self.fields = fields
    self.findings = findings
    self.standing = standing
  }
}

extension AIGCVariant {
  private typealias S = ImplicitSamples
  private static let json = ImplicitSamples.json
  private static let wrapped = "{\"AIGC\":\(ImplicitSamples.json)}"
  private static func twice(_ text: String) -> String { JSONValue.string(text).text }
  private static let escaped = json.replacing("\"", with: "\\\"")
  private static let wrongSpace = "http://ns.adobe.com/xap/1.0/tc/"

  /// Section 5 of the rules: forms of the XMP property.
  static let properties: [AIGCVariant] = [
    AIGCVariant("element", S.xmp(json)),
    AIGCVariant("attribute", S.xmp(json, form: .attribute)),
    AIGCVariant("wrong namespace", S.xmp(json, namespace: wrongSpace), findings: ["V-NS warning"]),
    AIGCVariant(
      "namespace without slash", S.xmp(json, namespace: "http://www.tc260.org.cn/ns/AIGC/1.0"),
      findings: ["V-NS warning"]),
    AIGCVariant("undeclared prefix", S.xmp(json, namespace: ""), findings: ["V-NS warning"]),
    AIGCVariant("lower-case prefix", S.xmp(json, prefix: "tc260"), findings: ["V-NS info"]),
    AIGCVariant("another prefix", S.xmp(json, prefix: "ns1"), findings: ["V-NS info"]),
    AIGCVariant("local name in other case", S.xmp(json, name: "Aigc"), findings: ["V-NS warning"]),
    AIGCVariant("wrapped", S.xmp(wrapped), findings: ["V-JSON info"]),
    AIGCVariant("encoded twice", S.xmp(twice(json)), findings: ["V-JSON warning"]),
    AIGCVariant(
      "encoded twice in a wrapper", S.xmp("{\"AIGC\":\(twice(json))}"),
      findings: ["V-JSON info", "V-JSON warning"]),
    AIGCVariant("wrapper encoded twice", S.xmp(twice(wrapped)), findings: ["V-JSON info", "V-JSON warning"]),
    AIGCVariant("escaped by backslashes", S.xmp(escaped), findings: ["V-JSON warning"]),
    AIGCVariant(
      "escaped by entities twice", S.xmp(json.replacing("\"", with: "&quot;")), findings: ["V-JSON warning"]),
    AIGCVariant("white space and padding", S.xmp("\u{FEFF} \n\(json)\0\0 ")),
    AIGCVariant("spaces inside", S.xmp(json.replacing(",", with: " ,\n  ").replacing(":", with: " : "))),
    AIGCVariant(
      "extended packet", S.xmp(json, isRegularPlace: false), findings: ["V-LOC warning"]),
    AIGCVariant(
      "property of another packet",
      S.xmp(wrapped, namespace: "http://ns.adobe.com/exif/1.0/", prefix: "exif"),
      findings: ["V-LOC warning"]),
    AIGCVariant(
      "seven properties",
      S.xmp("1", name: "Label", form: .attribute), S.xmp(S.code, name: "ContentProducer", form: .attribute),
      S.xmp("20261123-000001", name: "ProduceID"), S.xmp("", name: "ReservedCode1"),
      S.xmp("", name: "ContentPropagator"), S.xmp("", name: "PropagateID"), S.xmp("", name: "ReservedCode2"),
      findings: ["V-LOC warning"]),
    AIGCVariant(
      "three keys without a namespace",
      S.xmp("1", namespace: "", prefix: "", name: "Label"),
      S.xmp(S.code, namespace: "", prefix: "", name: "ContentProducer"),
      S.xmp("7", namespace: "", prefix: "", name: "ProduceID"),
      fields: [.init("Label", "1"), .init("ContentProducer", S.code), .init("ProduceID", "7")],
      findings: ["V-LOC warning", "V-NS warning", "V-REQ info"]),
  ]

  /// Section 6.1: other carriers of pictures.
  static let carriers: [AIGCVariant] = [
    AIGCVariant("tEXt wrapped", S.text(wrapped), findings: ["V-LOC info"]),
    AIGCVariant("tEXt raw", S.text(json), findings: ["V-LOC info"]),
    AIGCVariant("tEXt, key in lower case", S.text(json, "aigc"), findings: ["V-LOC info"]),
    AIGCVariant("zTXt", S.text(json, chunk: "zTXt"), findings: ["V-LOC warning"]),
    AIGCVariant("iTXt", S.text(wrapped, chunk: "iTXt"), findings: ["V-LOC warning"]),
    AIGCVariant("behind IDAT", S.text(json, isRegularPlace: false), findings: ["V-LOC warning"]),
    AIGCVariant("another key", S.text(wrapped, "Comment"), findings: ["V-LOC warning"]),
    AIGCVariant("UserComment wrapped", S.exif(wrapped), findings: ["V-LOC info"]),
    AIGCVariant("UserComment bare", S.exif(json), findings: ["V-LOC info"]),
    AIGCVariant(
      "UserComment in IFD0", S.exif(wrapped, in: "IFD0", isAtHome: false), findings: ["V-LOC warning"]),
    AIGCVariant(
      "UserComment in IFD1", S.exif(wrapped, in: "IFD1", isAtHome: false), findings: ["V-LOC warning"]),
    AIGCVariant(
      "ImageDescription", S.exif(wrapped, "ImageDescription", in: "IFD0"), findings: ["V-LOC warning"]),
    AIGCVariant("XPComment", S.exif(json, "XPComment", in: "IFD0"), findings: ["V-LOC warning"]),
    AIGCVariant("COM wrapped", S.comment(wrapped), findings: ["V-LOC warning"]),
    AIGCVariant("COM bare", S.comment(json), findings: ["V-LOC warning"]),
    AIGCVariant(
      "COM encoded twice", S.comment(twice(wrapped)), findings: ["V-LOC warning", "V-JSON warning"]),
    AIGCVariant("COM escaped", S.comment(escaped), findings: ["V-LOC warning", "V-JSON warning"]),
    AIGCVariant("glued into a segment", S.segment("AIGC\(json)"), findings: ["V-LOC warning"]),
    AIGCVariant(
      "glued among other bytes", S.segment("JFXX\u{1}\u{FFFD}AIGC\(json)\0\u{FFFD}tail"),
      findings: ["V-LOC warning"]),
    AIGCVariant("wrapped in a segment", S.segment("x\(wrapped)"), findings: ["V-LOC warning"]),
  ]

  @Sendable static func label(_ text: String) -> MetadataItem { ImplicitSamples.xmp(text) }
}

@Suite struct AIGCVariantTests {
  static func weights(_ findings: [Finding]) -> Set<String> {
    Set(findings.map { "\($0.code) \($0.severity.rawValue)" })
  }

  @Test(arguments: AIGCVariant.properties + AIGCVariant.carriers + AIGCVariant.values + AIGCVariant.others)
  func everyVariantIsRead(_ variant: AIGCVariant) throws {
    let found = AIGCMetadataLabel().detect(in: variant.items)
    #expect(found.count == 1)
    let detection = try #require(found.first)
    #expect(detection.fields == variant.fields)
    #expect(Self.weights(detection.findings) == variant.findings, "\(detection.findings)")
    #expect(AIGCMetadataLabel.standing(of: detection) == variant.standing)
    #expect(detection.site == variant.items.first)
    let isWhole = variant.standing != .legacy && !detection.findings.contains { $0.severity == .error }
    #expect((detection.confidence == 1) == isWhole)
    #expect(AIGCMetadataLabel.items(of: detection, in: variant.items) == variant.items)
  }

  @Test func everySiteOfAFileIsOneDetection() {
    let items = (AIGCVariant.properties + AIGCVariant.carriers).enumerated().flatMap { index, variant in
      variant.items.map { item in
        MetadataItem(
          carrier: item.carrier, namespace: item.namespace, name: item.name, value: item.value,
          form: item.form, offset: UInt64(index) * 1000, path: item.path, prefix: item.prefix,
          isRegularPlace: item.isRegularPlace)
      }
    }
    let found = AIGCMetadataLabel().detect(in: items)
    #expect(found.count == AIGCVariant.properties.count + AIGCVariant.carriers.count)
    #expect(found.compactMap(\.site?.offset) == (0..<found.count).map { UInt64($0) * 1000 })
  }

  @Test func aSecondSetOfKeysIsASecondLabel() {
    let names = ["Label", "ContentProducer", "ProduceID"]
    let items = (names + names).map { ImplicitSamples.xmp("1", name: $0) }
    #expect(AIGCMetadataLabel().detect(in: items).count == 2)
  }

  /// What must not be taken for a label.
  static let strangers: [MetadataItem] = [
    ImplicitSamples.xmp("Red", namespace: "http://ns.adobe.com/xap/1.0/", prefix: "xmp", name: "Label"),
    ImplicitSamples.xmp("AIGC", namespace: "http://purl.org/dc/elements/1.1/", prefix: "dc", name: "subject"),
    ImplicitSamples.xmp("XMP packet is damaged AIGC", namespace: "", prefix: "", name: "", form: .raw),
    ImplicitSamples.text("true"), ImplicitSamples.text("由AI生成"), ImplicitSamples.text("x", "AIGCProducer"),
    ImplicitSamples.text(#"{"Label":"Sunset","Author":"me"}"#, "Comment"),
    ImplicitSamples.text(#"{"prompt":"AIGC, ContentProducer","steps":20}"#, "parameters"),
    ImplicitSamples.text("{broken ContentProducer", "Comment"),
    ImplicitSamples.exif("a photograph of the AIGC conference"),
    ImplicitSamples.exif(#"{"product":"lv","exportType":"export","aigc_info":{"aigc_label_type":0}}"#),
    ImplicitSamples.exif(#"{"ServiceProvider":"a hotel"}"#), ImplicitSamples.comment("AIGC=1; Producer=x"),
    ImplicitSamples.segment("Photoshop 3.0"),
  ]

  @Test(arguments: strangers) func strangersAreNoLabels(_ item: MetadataItem) {
    #expect(AIGCMetadataLabel().detect(in: [item]) == [])
  }
}
