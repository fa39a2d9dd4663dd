import MediaCore

@testable import Labels

/// Values that keep the place but not the schema, and labels of other schemas.
extension AIGCVariant {
  private typealias S = ImplicitSamples
  private static let code = ImplicitSamples.code
  private static let three: [Detection.Field] = [
    .init("Label", "1"), .init("ContentProducer", code), .init("ProduceID", "7"),
  ]

  /// `{"Label":…,"ContentProducer":…,"ProduceID":…` and what follows.
  private static func text(
    label: String = "\"1\"", producer: String = "\"\(code)\"", id: String = "\"7\"", rest: String = ""
  ) -> String {
    "{\"Label\":\(label),\"ContentProducer\":\(producer),\"ProduceID\":\(id)\(rest)}"
  }

  static let values: [AIGCVariant] = [
    AIGCVariant("three keys only", label(text()), fields: three, findings: ["V-REQ info"]),
    AIGCVariant(
      "label as a number", label(text(label: "1")), fields: three,
      findings: ["V-LABEL warning", "V-REQ info"]),
    AIGCVariant(
      "ID as a number", label(text(id: "7")), fields: three, findings: ["V-JSON warning", "V-REQ info"]),
    AIGCVariant(
      "plain name", label(text(producer: "\"doubao\"")),
      fields: [three[0], .init("ContentProducer", "doubao"), three[2]],
      findings: ["V-CODE info", "V-REQ info"]),
    AIGCVariant(
      "name with spaces", label(text(producer: "\"Minimax Agent AI\"")),
      fields: [three[0], .init("ContentProducer", "Minimax Agent AI"), three[2]],
      findings: ["V-CODE info", "V-CHARSET warning", "V-REQ info"]),
    AIGCVariant(
      "wrong check character", label(text(producer: "\"001191110000MA0000000X10001\"")),
      fields: [three[0], .init("ContentProducer", "001191110000MA0000000X10001"), three[2]],
      findings: ["V-CODE warning", "V-REQ info"]),
    AIGCVariant(
      "nested reserved code",
      label(text(rest: #","ReservedCode1":{"SecurityData":{"Type":"TC260PG","Version":1}}"#)),
      fields: three + [.init("ReservedCode1", #"{"SecurityData":{"Type":"TC260PG","Version":1}}"#)],
      findings: ["V-JSON warning", "V-SIG info", "V-REQ info"]),
    AIGCVariant(
      "reserved code as text",
      label(text(rest: #","ReservedCode2":"{\"SecurityData\":{\"Type\":\"TC260PG\"}}""#)),
      fields: three + [.init("ReservedCode2", #"{"SecurityData":{"Type":"TC260PG"}}"#)],
      findings: ["V-SIG info", "V-REQ info"]),
    AIGCVariant(
      "opaque reserved code", label(text(rest: #","ReservedCode1":"L-e862483430d978cb""#)),
      fields: three + [.init("ReservedCode1", "L-e862483430d978cb")], findings: ["V-REQ info"]),
    AIGCVariant(
      "extra keys", label(text(rest: #","Timestamp":"2026","Model":3"#)),
      fields: three + [.init("Timestamp", "2026"), .init("Model", "3")],
      findings: ["V-UNKNOWN warning", "V-REQ info"]),
    AIGCVariant(
      "a key twice", label(text(rest: #","Label":"3""#)), fields: three,
      findings: ["V-JSON warning", "V-REQ info"]),
    AIGCVariant(
      "other order", label("{\"ProduceID\":\"7\",\"ContentProducer\":\"\(code)\",\"Label\":\"1\"}"),
      fields: [three[2], three[1], three[0]], findings: ["V-REQ info"]),
    AIGCVariant(
      "text behind", label(text() + "x"), fields: three, findings: ["V-JSON warning", "V-REQ info"]),
    AIGCVariant(
      "propagator's own", label(#"{"Label":"3","ContentProducer":"","ContentPropagator":"\#(code)"}"#),
      fields: [.init("Label", "3"), .init("ContentProducer", ""), .init("ContentPropagator", code)],
      findings: ["V-REQ warning", "V-REQ info"]),
  ]

  static let others: [AIGCVariant] = [
    AIGCVariant(
      "label AIGC with a time stamp",
      S.text(#"{"AIGC":\#(text(label: "\"AIGC\"", rest: #","Timestamp":"2026""#))}"#),
      fields: [.init("Label", "AIGC"), three[1], three[2], .init("Timestamp", "2026")],
      findings: ["V-LABEL warning", "V-UNKNOWN warning", "V-LOC info", "V-REQ info"], standing: .damaged),
    AIGCVariant(
      "label 4", label(text(label: "\"4\"")), fields: [.init("Label", "4"), three[1], three[2]],
      findings: ["V-LABEL error", "V-REQ info"], standing: .damaged),
    AIGCVariant(
      "no ID", label(text(id: "\"\"")), fields: [three[0], three[1], .init("ProduceID", "")],
      findings: ["V-REQ error", "V-REQ info"], standing: .damaged),
    AIGCVariant(
      "null producer", label(text(producer: "null")),
      fields: [three[0], .init("ContentProducer", ""), three[2]],
      findings: ["V-REQ error", "V-JSON warning", "V-REQ info"], standing: .damaged),
    AIGCVariant(
      "empty object", label("{}"), fields: [], findings: ["V-REQ error", "V-REQ info"], standing: .damaged),
    AIGCVariant("empty value", label(""), fields: [], findings: ["V-JSON error"], standing: .damaged),
    AIGCVariant("no JSON", label("yes"), fields: [], findings: ["V-JSON error"], standing: .damaged),
    AIGCVariant("an array", label("[1]"), fields: [], findings: ["V-JSON error"], standing: .damaged),
    AIGCVariant(
      "truncated", label("{\"Label\":\"1\",\"ContentProducer\":\"\(code)\",\"ProduceID\":\"2026"),
      fields: [three[0], three[1]], findings: ["V-JSON error"], standing: .damaged),
    AIGCVariant(
      "truncated by content", S.exif("{\"AIGC\":{\"Label\":\"1\",\"ContentProd"), fields: [three[0]],
      findings: ["V-JSON error", "V-LOC info"], standing: .damaged),
    AIGCVariant(
      "truncated bare by content", S.comment("{ \"Label\": \"1\", \"ContentProducer\": \"\(code)\", \"Pro"),
      fields: [three[0], three[1]], findings: ["V-JSON error", "V-LOC warning"], standing: .damaged),
    AIGCVariant(
      "2023 schema",
      S.exif(
        #"{"AIGC":{"ServiceProvider":"腾讯云","ServiceUser":"u","Time":"2024-01-01","ContentId":"c"}}"#,
        "ImageDescription", in: "IFD0"),
      fields: [
        .init("ServiceProvider", "腾讯云"), .init("ServiceUser", "u"), .init("Time", "2024-01-01"),
        .init("ContentId", "c"),
      ], findings: ["V-LEGACY info"], standing: .legacy),
    AIGCVariant(
      "app data",
      S.exif(
        #"{"data":{"product":"lv","exportType":"export"},"aigc_info":"{\"aigc_label_type\":2}"}"#,
        "ImageDescription", in: "IFD0"),
      fields: [.init("product", "lv"), .init("exportType", "export"), .init("aigc_label_type", "2")],
      findings: ["V-LEGACY info"], standing: .legacy),
  ]
}
