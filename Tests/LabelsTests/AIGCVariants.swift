import Labels
import MediaCore
import Testing

/// Every way of writing the label that a reader must accept, with what is irregular about each.
struct AIGCVariant: CustomTestStringConvertible {
  let name: String
  let items: [MetadataItem]
  let findings: Set<String>
  var fields = ["Label": "1", "ContentProducer": Self.producer, "ProduceID": "20261123-000001"]
  var isStatement = true
  var testDescription: String { name }

  static let producer = "001191110000MA0000000H10001"
  static let json =
    #"{"Label":"1","ContentProducer":"001191110000MA0000000H10001","ProduceID":"20261123-000001","ReservedCode1":"","ContentPropagator":"","PropagateID":"","ReservedCode2":""}"#
  static let wrapped = "{\"AIGC\":\(json)}"
  static let escaped = json.replacing("\"", with: "\\\"")

  static func xmp(
    _ value: String, _ form: MetadataItem.Form = .element, name: String = "AIGC",
    namespace: String = AIGCMetadataLabel.namespace, prefix: String = "TC260", isRegular: Bool = true
  ) -> MetadataItem {
    MetadataItem(
      carrier: .xmp, namespace: namespace, name: name, value: value, form: form, offset: 33,
      path: "iTXt XMP rdf:Description/\(prefix):\(name)", prefix: prefix, isRegularPlace: isRegular)
  }

  static func text(_ value: String, key: String = "AIGC", isRegular: Bool = true) -> MetadataItem {
    MetadataItem(
      carrier: .text, namespace: "tEXt", name: key, value: value, form: .text, offset: 40,
      path: "tEXt \(key)",
      isRegularPlace: isRegular)
  }

  static func exif(_ value: String, _ tag: String = "UserComment", _ directory: String = "ExifIFD")
    -> MetadataItem
  {
    MetadataItem(
      carrier: .exif, namespace: directory, name: tag, value: value, form: .text, offset: 2,
      path: "APP1 \(directory) \(tag)", isRegularPlace: (tag == "UserComment") == (directory == "ExifIFD"))
  }

  static func other(_ carrier: MetadataCarrier, _ value: String, _ namespace: String) -> MetadataItem {
    MetadataItem(
      carrier: carrier, namespace: namespace, name: "", value: value, form: .raw, offset: 2, path: namespace)
  }

  static let all: [AIGCVariant] = [
    .init(name: "element", items: [xmp(json)], findings: []),
    .init(name: "attribute", items: [xmp(json, .attribute)], findings: ["V-LOC"]),
    .init(name: "lower-case prefix", items: [xmp(json, prefix: "tc260")], findings: []),
    .init(
      name: "wrong namespace", items: [xmp(json, namespace: "http://ns.adobe.com/xap/1.0/tc/")],
      findings: ["V-NS"]),
    .init(name: "wrapped in XMP", items: [xmp(wrapped)], findings: ["V-LOC"]),
    .init(name: "encoded twice", items: [xmp("\"\(escaped)\"")], findings: ["V-JSON"]),
    .init(name: "escaped", items: [xmp(escaped)], findings: ["V-JSON"]),
    .init(name: "out of place", items: [xmp(json, isRegular: false)], findings: ["V-LOC"]),
    .init(name: "separate properties", items: separate, findings: ["V-LOC"]),
    .init(name: "text raw", items: [text(json)], findings: ["V-LOC"]),
    .init(name: "text wrapped", items: [text(wrapped)], findings: ["V-LOC"]),
    .init(name: "text lower-case key", items: [text(json, key: "aigc")], findings: ["V-LOC"]),
    .init(name: "text padded", items: [text("\u{FEFF} " + json + "\0 ")], findings: ["V-LOC"]),
    .init(name: "text under another key", items: [text(wrapped, key: "Comment")], findings: ["V-LOC"]),
    .init(name: "UserComment wrapped", items: [exif(wrapped)], findings: ["V-LOC"]),
    .init(name: "UserComment bare", items: [exif(json)], findings: ["V-LOC"]),
    .init(name: "UserComment in IFD0", items: [exif(wrapped, "UserComment", "IFD0")], findings: ["V-LOC"]),
    .init(name: "ImageDescription", items: [exif(wrapped, "ImageDescription", "IFD0")], findings: ["V-LOC"]),
    .init(name: "glued in a segment", items: [other(.segment, json, "APP0")], findings: ["V-LOC"]),
    .init(name: "comment segment", items: [other(.comment, wrapped, "COM")], findings: ["V-LOC"]),
    .init(
      name: "three members", items: [xmp(#"{"Label":"1","ContentProducer":"doubao","ProduceID":"7"}"#)],
      findings: ["V-CODE"], fields: ["Label": "1", "ContentProducer": "doubao", "ProduceID": "7"]),
    .init(
      name: "number for a label", items: [xmp(json.replacing("\"Label\":\"1\"", with: "\"Label\":1"))],
      findings: ["V-LABEL"]),
    .init(
      name: "object in a reserved code",
      items: [xmp(json.replacing(#""ReservedCode1":"""#, with: #""ReservedCode1":{"SecurityData":{}}"#))],
      findings: ["V-JSON", "V-SIG"]),
    .init(
      name: "unknown member", items: [xmp(json.replacing("{\"Label", with: "{\"Extra\":\"x\",\"Label"))],
      findings: ["V-UNKNOWN"]),
    .init(
      name: "member twice", items: [xmp(json.replacing("{\"Label", with: "{\"Label\":\"1\",\"Label"))],
      findings: ["V-JSON"]),
    .init(
      name: "Chinese producer", items: [xmp(json.replacing(producer, with: "某公司"))],
      findings: ["V-CHARSET", "V-CODE"],
      fields: ["Label": "1", "ContentProducer": "某公司", "ProduceID": "20261123-000001"]),
    .init(
      name: "wrong check digit", items: [xmp(json.replacing("0000H1", with: "0000J1"))], findings: ["V-CODE"],
      fields: ["Label": "1"]),
    .init(
      name: "no ProduceID", items: [xmp(json.replacing("20261123-000001", with: ""))], findings: ["V-REQ"],
      fields: ["Label": "1", "ContentProducer": producer, "ProduceID": ""]),
    .init(
      name: "propagator's label", items: [xmp(propagators)], findings: ["V-REQ", "V-CODE"],
      fields: ["Label": "3", "ContentPropagator": "platform", "PropagateID": "9"]),
    .init(
      name: "unknown label value", items: [xmp(json.replacing("\"Label\":\"1\"", with: "\"Label\":\"9\""))],
      findings: ["V-LABEL"], fields: ["Label": "9"], isStatement: false),
    .init(
      name: "AIGC for a label", items: [xmp(json.replacing("\"Label\":\"1\"", with: "\"Label\":\"AIGC\""))],
      findings: ["V-LABEL"], fields: ["Label": "AIGC"], isStatement: false),
    .init(
      name: "cut short", items: [xmp(String(json.prefix(90)))], findings: ["V-JSON"],
      fields: ["Label": "1", "ContentProducer": producer]),
    .init(
      name: "no JSON", items: [xmp("generated")], findings: ["V-JSON"], fields: [:], isStatement: false),
    .init(
      name: "schema of 2023",
      items: [exif(#"{"AIGC":{"ServiceProvider":"腾讯云","Time":"2025"}}"#, "ImageDescription", "IFD0")],
      findings: ["V-LEGACY"], fields: ["schema": "TC260-PG-20233A", "ServiceProvider": "腾讯云"],
      isStatement: false),
    .init(
      name: "private JSON of an application",
      items: [exif(#"{"aigc_info":{"aigc_label_type":1},"product":"x"}"#, "ImageDescription", "IFD0")],
      findings: ["V-LEGACY"], fields: ["schema": "aigc_info"], isStatement: false),
  ]

  private static let propagators =
    #"{"Label":"3","ContentProducer":"","ProduceID":"","ReservedCode1":"","ContentPropagator":"platform","PropagateID":"9","ReservedCode2":""}"#

  private static let separate = [
    xmp("1", .attribute, name: "Label"), xmp(producer, .attribute, name: "ContentProducer"),
    xmp("20261123-000001", .attribute, name: "ProduceID"),
  ]
}
