import MediaCore
import Testing

@testable import Labels

/// What strangers write is never a crash, and costs little.
@Suite struct MetadataMutationTests {
  static let labels = BuiltinLabels.table.labels.compactMap { $0 as? any MetadataLabel }

  static func replaced(_ item: MetadataItem, by value: String) -> MetadataItem {
    MetadataItem(
      carrier: item.carrier, namespace: item.namespace, name: item.name, value: value, form: item.form,
      offset: item.offset, path: item.path, prefix: item.prefix, isRegularPlace: item.isRegularPlace)
  }

  static func mutated(_ text: String, _ random: inout SeededRandom) -> String {
    var bytes = Array(text.utf8)
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let index = Int.random(in: 0...bytes.count, using: &random)
      switch Int.random(in: 0..<6, using: &random) {
      case 0 where index < bytes.count: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 1: bytes.insert(Array("{}[]\"\\:,\0 &1ntAIGC".utf8).randomElement(using: &random) ?? 0, at: index)
      case 2 where index < bytes.count: bytes.remove(at: index)
      case 3: bytes.removeLast(bytes.count - index)
      case 4: bytes.insert(contentsOf: bytes[..<index], at: index)
      default: bytes = Array(JSONValue.string(String(decoding: bytes, as: UTF8.self)).text.utf8)
      }
    }
    return String(decoding: bytes.prefix(4096), as: UTF8.self)
  }

  @Test func fiveThousandMutationsAreSurvived() {
    let variants = AIGCVariant.properties + AIGCVariant.carriers + AIGCVariant.values + AIGCVariant.others
    let seeds = variants.map(\.items) + GeneratorTraceTests.samples.map { [$0.item] }
    var random = SeededRandom(20_259)
    var valid = 0
    for round in 0..<5000 {
      let items = seeds[round % seeds.count].map {
        Self.replaced($0, by: Self.mutated($0.value, &random))
      }
      for label in Self.labels {
        for detection in label.detect(in: items) {
          #expect((0...1).contains(detection.confidence))
          #expect(detection.site.map(items.contains) == true)
          #expect(detection.fields.count <= 7 + 16)
          if AIGCMetadataLabel.validLabel(of: detection) != nil { valid += 1 }
        }
      }
    }
    // Some mutations leave a label whole and some do not; neither all nor none would test anything.
    #expect((100..<4900).contains(valid))
  }

  /// A megabyte of what each reader searches for.
  @Test(arguments: [
    "Steps: 1 ", "{\"AIGC\":", "AIGC{", "\\\"", "\"Label\":\"1\",", "{", "[", "&quot;", "{\"aigc_info\":\"",
    " --v ",
    "Job ID: ",
  ]) func aMegabyteIsReadInTime(_ piece: String) {
    let text = String(repeating: piece, count: (1 << 20) / piece.utf8.count)
    let items = [
      ImplicitSamples.xmp(text), ImplicitSamples.text("{" + text), ImplicitSamples.comment("\"" + text),
      ImplicitSamples.segment(text), ImplicitSamples.exif("{\"ContentProducer\":1," + text),
    ]
    let elapsed = ContinuousClock().measure {
      for label in Self.labels { #expect(label.detect(in: items).count <= items.count) }
    }
    // Five megabytes take half a second without optimisation; what is quadratic takes hours.
    #expect(elapsed < .seconds(20))
  }
}
