import Foundation
import Labels
import Ledger
import MediaCore
import Testing

@testable import TouchmarkPipeline

/// Runs that keep a ledger, and files looked up in one.
@Suite struct LedgerRunTests {
  private static let names = ["a.jpg", "b.png", "c.wav"]

  /// A folder `in` with a JPEG, a PNG and a WAV.
  private func makeShop() throws -> Workshop {
    let shop = try Workshop()
    let noise = "-attenuate 0.4 +noise Gaussian"
    try shop.picture("in/a.jpg", "-seed 5 -size 272x264 plasma:tan-navy \(noise) -quality 90")
    try shop.picture("in/b.png", "-seed 6 -size 270x260 plasma:red-green \(noise)")
    let samples = (0..<96_000).flatMap { [UInt8(truncatingIfNeeded: $0 &* $0), UInt8($0 / 997 % 60)] }
    var wave = Array("RIFF".utf8) + le(36 + samples.count) + Array("WAVEfmt ".utf8) + le(16)
    wave += [1, 0, 1, 0] + le(24_000) + le(48_000) + [2, 0, 16, 0]
    try shop.write("in/c.wav", wave + Array("data".utf8) + le(samples.count) + samples)
    return shop
  }

  private func le(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }

  private func makeKey(_ shop: Workshop) throws -> WatermarkKey {
    let path = shop.filePath("keys/a.key")
    return KeyFile.exists(path) ? try KeyFile.read(path) : try KeyFile.create(path)
  }

  @discardableResult private func label(
    _ shop: Workshop, _ input: String = "in", to output: String = "out", ledger: String? = "ledger",
    marks: Bool = false, _ adjust: (inout LabelConfiguration) -> Void = { _ in }
  ) throws -> BatchSummary {
    var record = Workshop.record()
    if marks { record.watermarkKey = try makeKey(shop) }
    record.aiSystem = "Painter"
    record.aiSystemVersion = "3"
    var configuration = LabelConfiguration(record: record)
    if let ledger { configuration.ledger = try LedgerWriter(shop.filePath(ledger)) }
    adjust(&configuration)
    let report = try ReportSink(shop.filePath("\(output).jsonl"))
    return try LabelRun(configuration, plan: .folder(shop.filePath(output)))(
      InputList(paths: [shop.filePath(input)]), options: BatchOptions(jobs: 2, report: report))
  }

  private func records(_ shop: Workshop, _ ledger: String = "ledger") throws -> [LedgerRecord] {
    var records: [LedgerRecord] = []
    try LedgerReader(shop.filePath(ledger)).forEach(since: nil, until: nil) { records.append($0) }
    return records.sorted { $0.output.description < $1.output.description }
  }

  private func look(_ shop: Workshop, _ name: String, marks: Bool = false) throws -> JSONValue {
    var configuration = VerifyConfiguration(keys: marks ? [try makeKey(shop)] : [])
    configuration.ledger = shop.filePath("ledger")
    let report = try ReportSink(shop.filePath("verify.jsonl"))
    _ = try VerifyRun(configuration)(
      InputList(paths: [shop.filePath(name)]), options: BatchOptions(jobs: 1, report: report))
    return try #require(try shop.lines("verify.jsonl").first { $0["type"] == "file" })
  }

  private func codes(_ line: JSONValue) -> [String] {
    guard case .array(let findings)? = line["findings"] else { return [] }
    return findings.filter { $0["code"] == "V-DIFF" }.compactMap { $0["severity"]?.string }
  }

  /// One row a file; what it says is what the report and the file say.
  @Test func everyLabelledFileIsOnRecord() throws {
    let shop = try makeShop()
    #expect(try label(shop)[.labelled] == 3)
    let records = try records(shop)
    #expect(records.map(\.output) == Self.names.map { shop.filePath("out/" + $0) })
    let lines = try shop.lines("out.jsonl").filter { $0["type"] == "file" }
    for record in records {
      let line = try #require(lines.first { $0["output"]?.string == record.output.description })
      #expect(record.produceID == line["produceID"]?.string)
      #expect(record.outputDigest == line["sha256"]?["output"]?.string)
      #expect(record.inputDigest == line["sha256"]?["input"]?.string)
      #expect(record.json["aigc"] == line["metadata"])
      #expect(record.json["explicitLabel"] == line["explicit"])
      #expect(record.model == "Painter 3")
      #expect(record.check == "metadata")
      #expect((record.perceptualHash == nil) == (record.media == .audio))
      #expect(record.layers.contains(AIGCMetadataLabel.id) && record.layers.contains(ExplicitTextLabel.id))
      #expect(abs(record.time.milliseconds - Timestamp.now.milliseconds) < 600_000)
    }
    // Again: new outputs at the same paths.
    try label(shop)
    let again = try self.records(shop)
    #expect(again.filter { $0.state == .current }.count == 3)
    #expect(again.filter { $0.state == .replaced }.map(\.outputDigest) == records.map(\.outputDigest))
  }

  @Test func aFileLeadsToItsRecordByWhatIsLeftOfIt() throws {
    let shop = try makeShop()
    try label(shop, marks: true)
    let records = try records(shop)
    let (jpeg, png) = (records[0], records[1])
    let lines = try shop.lines("out.jsonl").filter { $0["type"] == "file" }
    for record in [jpeg, png] {
      let line = lines.first { $0["output"]?.string == record.output.description }
      #expect(record.payload.utf8.count == 16)
      #expect(record.json["payload"] == line?["watermark"]?["payload"])
    }
    let whole = try look(shop, "out/a.jpg", marks: true)
    #expect(whole["ledger"]?["match"] == "payload")
    #expect(whole["ledger"]?["produceID"]?.string == jpeg.produceID)
    #expect(whole["ledger"]?["distance"] == 0)
    #expect(whole["verdict"] == "confirmed")
    #expect(codes(whole).isEmpty)
    #expect(try look(shop, "out/c.wav")["ledger"]?["match"] == "produceID")

    try Tool.run("convert", [shop.file("out/b.png"), "-strip", shop.file("strip.png")])
    let stripped = try look(shop, "strip.png", marks: true)
    #expect(stripped["ledger"]?["match"] == "payload")
    #expect(stripped["ledger"]?["produceID"]?.string == png.produceID)
    #expect(stripped["verdict"] == "suspected")
    #expect(codes(stripped) == ["error"], "the label is gone")

    let input = try look(shop, "in/b.png")
    #expect(input["ledger"]?["match"] == "sha256")
    #expect(input["ledger"]?["of"] == "input")
    #expect(codes(input).isEmpty)
    #expect(input["technique"] == .array(["ledger"]))

    // No label that could be read is left, only the picture.
    try Tool.run(
      "convert",
      [shop.file("out/b.png"), "-resize", "50%", "-flop", "-quality", "50", "-strip", shop.file("near.jpg")])
    let near = try look(shop, "near.jpg")
    #expect(near["ledger"]?["match"] == "perceptual")
    #expect(near["ledger"]?["produceID"]?.string == png.produceID)
    #expect(near["verdict"] == "suspected", "never confirmed by looks alone")
    #expect(near["technique"] == .array(["ledger"]))
    #expect(codes(near) == ["warning"])

    try shop.picture("other.png", "-seed 77 -size 200x170 plasma:white-black")
    let other = try look(shop, "other.png")
    #expect(other["ledger"]?["found"] == false)
    #expect(other["verdict"] == "none")
  }

  @Test func aLabelOnAnotherPictureIsToldFromItsOwn() throws {
    let shop = try makeShop()
    try label(shop)
    let record = try records(shop)[1]
    for (name, size, severity) in [("same", "270x260", "error"), ("other", "400x300", "warning")] {
      // Greys of no pattern, larger.
      let greys = (1...192).map { UInt8(truncatingIfNeeded: $0 &* $0 &* $0 &* 0x9E37_79B9 >> 13) }
      try shop.write("\(name).pgm", Array("P5 16 12 255\n".utf8) + greys)
      try Tool.run(
        "convert", [shop.file("\(name).pgm"), "-resize", "\(size)!", shop.file("\(name).png")])
      var forged = LabelConfiguration(record: Workshop.record())
      forged.digests = false
      _ = try Labeller(forged).label(
        Job(
          input: shop.filePath("\(name).png"), output: shop.filePath("forged-\(name).png"),
          produceID: record.produceID))
      let line = try look(shop, "forged-\(name).png")
      #expect(line["ledger"]?["match"] == "produceID")
      #expect(codes(line) == [severity])
    }
    // The producer's own fields, changed.
    _ = try Labeller(LabelConfiguration(record: LabelRecord(producer: "Somebody", produceID: ""))).label(
      Job(input: shop.filePath("in/b.png"), output: shop.filePath("taken.png"), produceID: record.produceID))
    let taken = try look(shop, "taken.png")
    #expect(codes(taken) == ["error"])
    #expect("\(taken)".contains("ContentProducer"))
  }

  /// What the label added to one picture, added to another: the copy attack by somebody who has both versions.
  @Test func aWatermarkOnAnotherPictureIsToldFromItsOwn() throws {
    let shop = try makeShop()
    try label(shop, marks: true)
    let record = try records(shop)[1]
    try shop.picture("other.png", "-seed 11 -size 270x260 plasma:yellow-navy -blur 0x1")
    func pixels(_ name: String) throws -> [UInt8] {
      try Tool.run("convert", [shop.file(name), "-depth", "8", shop.file("raw.rgb")])
      return try shop.bytes("raw.rgb")
    }
    let (before, after, ground) = (try pixels("in/b.png"), try pixels("out/b.png"), try pixels("other.png"))
    let sums = ground.indices.map { UInt8(clamping: Int(ground[$0]) + Int(after[$0]) - Int(before[$0])) }
    try shop.write("copied.ppm", Array("P6 270 260 255\n".utf8) + sums)
    try Tool.run("convert", [shop.file("copied.ppm"), shop.file("copied.png")])
    let line = try look(shop, "copied.png", marks: true)
    #expect(line["ledger"]?["match"] == "payload")
    #expect(line["ledger"]?["produceID"]?.string == record.produceID)
    // The metadata are gone, and the picture is another.
    #expect(codes(line) == ["error", "error"])
    #expect("\(line)".contains("unlike the one that this watermark was made for"))
  }

  @Test func resumeRecordsWhatAKilledRunHadNoTimeFor() throws {
    let shop = try makeShop()
    try label(shop, marks: true)
    let before = try records(shop)
    let outputs = try Self.names.map { try shop.bytes("out/" + $0) }
    let summary = try label(shop, ledger: "second", marks: true) { $0.resumes = true }
    #expect(summary[.skipped] == 3)
    let after = try records(shop, "second")
    #expect(try Self.names.map { try shop.bytes("out/" + $0) } == outputs)
    #expect(after.map(\.origin) == [.resume, .resume, .resume])
    for (old, new) in zip(before, after) {
      #expect(old.produceID == new.produceID && old.producer == new.producer)
      #expect(old.outputDigest == new.outputDigest && old.inputDigest == new.inputDigest)
      #expect(old.payload == new.payload && old.metadata == new.metadata && old.layers == new.layers)
      let distance = old.perceptualHash.flatMap { hash in new.perceptualHash.map(hash.distance) }
      #expect(distance == (old.media == .audio ? nil : 0))
    }
    // What is on record is not looked at again.
    try label(shop, ledger: "second") { $0.resumes = true }
    #expect(try records(shop, "second") == after)
  }

  @Test func withoutTheExplicitLabelTheRecipientIsOnRecord() throws {
    let shop = try makeShop()
    let waiver = ExplicitWaiver(recipient: "张三", agreement: "2026-17")
    try label(shop) { configuration in
      configuration.layers.removeAll { $0 == ExplicitTextLabel.id }
      configuration.waiver = waiver
    }
    for record in try records(shop) {
      #expect(record.recipient == "张三" && record.agreement == "2026-17")
      #expect(record.explicit.isEmpty && !record.layers.contains(ExplicitTextLabel.id))
    }
    let wrong: [(inout LabelConfiguration) -> Void] = [
      { $0.ledger = nil }, { $0.layers.append(ExplicitTextLabel.id) },
      { $0.layers.removeAll { $0 == AIGCMetadataLabel.id } },
      { $0.waiver = ExplicitWaiver(recipient: " ", agreement: "1") },
      { $0.waiver = ExplicitWaiver(recipient: "A", agreement: "") },
    ]
    for (index, adjust) in wrong.enumerated() {
      #expect(throws: MediaError.self) {
        try label(shop, to: "refused") { configuration in
          configuration.layers.removeAll { $0 == ExplicitTextLabel.id }
          configuration.waiver = waiver
          adjust(&configuration)
        }
      }
      #expect(!shop.exists("refused"), "case \(index)")
    }
  }
}
