import Labels
import MediaCore
import Synchronization
import Testing

@testable import TouchmarkPipeline

/// Files are looked at for the payload that they are to get only where it may be there.
@Suite struct NewPayloadRunTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var produceID: String?
    var payload: UInt64?
    var payloadOfRun: UInt64?
    let isNew: Bool
    var testDescription: String { "\(produceID ?? "-") \(payload ?? 0) \(payloadOfRun ?? 0)" }
  }

  @Test(arguments: [
    Case(isNew: true), Case(produceID: "P1", isNew: false), Case(payload: 7, isNew: false),
    Case(payloadOfRun: 7, isNew: false),
  ]) func aPayloadIsNewWhereNobodyGaveIt(_ one: Case) throws {
    let shop = try Workshop()
    // Large and calm enough for two marks, whatever their payloads.
    try shop.picture("a.png", "-seed 6 -size 900x700 plasma:red-green -attenuate 0.1 +noise Gaussian")
    var record = Workshop.record()
    record.watermarkKey = WatermarkKey(bytes: Array(1...32))
    record.payload = one.payloadOfRun
    let witness = Witness()
    let labeller = try Labeller(
      LabelConfiguration(record: record, layers: [WatermarkLabel.id], labels: LabelTable([witness])))
    func label(_ input: String, _ output: String) throws -> LabelResult {
      try labeller.label(
        Job(
          input: shop.filePath(input), output: shop.filePath(output), produceID: one.produceID,
          payload: one.payload))
    }
    func field(_ name: String, _ result: LabelResult) -> String? {
      result.drawn.first?.embedding.fields.first { $0.name == name }?.value
    }
    let first = try label("a.png", "out/a.png")
    #expect(witness.isNew.value == one.isNew)
    // Labelled again, the same payload stays as it is, and a new one is another.
    let second = try label("out/a.png", "out/b.png")
    #expect((field("payload", first) == field("payload", second)) != one.isNew)
    #expect((field("present", second) != nil) != one.isNew)
  }
}

/// The watermark, and whether the payload was said to be new.
private struct Witness: FrameLabel {
  let isNew = Answer()

  var descriptor: LabelDescriptor { WatermarkLabel().descriptor }

  func makeEmbedder(
    _ record: LabelRecord, for info: MediaInfo, typesetter: any Typesetter
  ) throws(MediaError) -> any FrameEmbedder {
    isNew.set(record.isNew)
    return try WatermarkLabel().makeEmbedder(record, for: info, typesetter: typesetter)
  }

  func makeDetector(
    for info: MediaInfo, query: LabelQuery, typesetter: any Typesetter
  ) throws(MediaError) -> any FrameDetector {
    try WatermarkLabel().makeDetector(for: info, query: query, typesetter: typesetter)
  }
}

private final class Answer: Sendable {
  private let kept = Mutex<Bool?>(nil)
  var value: Bool? { kept.withLock { $0 } }
  func set(_ value: Bool) { kept.withLock { $0 = value } }
}
