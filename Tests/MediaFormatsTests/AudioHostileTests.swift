import Foundation
import MediaCore
import Testing

@testable import MediaFormats

/// Injured files give an error or a result within bounds.
@Suite struct AudioHostileTests {
  static let clips = AudioContainerTests.readable.map(\.0)
  static let limits = Limits(metadataValueBytes: 1 << 16, metadataItems: 512, indexBytes: 1 << 20)

  private static func exercise(_ shop: AudioWorkshop, _ bytes: [UInt8]) throws {
    try shop.write("hurt", bytes)
    guard let file = try? shop.open("hurt", limits: limits) else { return }
    #expect(file.metadata.count <= limits.metadataItems)
    #expect(file.metadata.allSatisfy { $0.value.utf8.count <= limits.metadataValueBytes })
    do {
      try shop.rewrite(
        "hurt", to: "result", set: [AudioWorkshop.label()],
        remove: file.metadata.filter { $0.name.lowercased() == "aigc" }, limits: limits)
    } catch is MediaError { return }
    let after = try shop.open("result", limits: limits).metadata
    #expect(after.contains { $0.name == "AIGC" && $0.value == AudioWorkshop.json })
  }

  /// A labelled clip with what comes behind its headers cut short.
  private static func subject(_ shop: AudioWorkshop, _ clip: String) throws -> [UInt8] {
    try shop.write("in", try AudioWorkshop.clip(clip))
    if (try? shop.label()) == nil { return try shop.bytes("in") }
    return try shop.bytes("out")
  }

  @Test(arguments: clips) func truncationIsAnErrorOrAResult(_ clip: String) throws {
    let shop = try AudioWorkshop()
    let whole = try Self.subject(shop, clip)
    for length in stride(from: 0, to: min(whole.count, 20000), by: 37) {
      try Self.exercise(shop, Array(whole.prefix(length)))
    }
    for length in stride(from: 20000, to: whole.count, by: 2003) {
      try Self.exercise(shop, Array(whole.prefix(length)))
    }
  }

  @Test(arguments: clips) func flippedBitsGiveAnErrorOrAResult(_ clip: String) throws {
    let shop = try AudioWorkshop()
    let whole = Array(try Self.subject(shop, clip).prefix(30000))
    var seed = AudioSeed(state: 2026)
    for round in 0..<600 {
      var bytes = whole
      // Most of what can go wrong stands at the beginning.
      let reach = round % 3 == 0 ? bytes.count : min(bytes.count, 700)
      for _ in 0...seed.next(4) { bytes[seed.next(reach)] ^= UInt8(1 << seed.next(8)) }
      try Self.exercise(shop, bytes)
    }
  }

  @Test(arguments: clips) func lyingSizesGiveAnErrorOrAResult(_ clip: String) throws {
    let shop = try AudioWorkshop()
    let whole = Array(try Self.subject(shop, clip).prefix(9000))
    var seed = AudioSeed(state: 7)
    let words: [[UInt8]] = [
      [0, 0, 0, 0], [255, 255, 255, 255], [255, 255, 255, 127], [127, 255, 255, 255], [0, 0, 0, 128],
      [1, 0, 0, 0],
      [0, 0, 0, 1],
    ]
    for _ in 0..<300 {
      var bytes = whole
      let place = seed.next(min(500, bytes.count - 4))
      bytes.replaceSubrange(place..<place + 4, with: words[seed.next(words.count)])
      try Self.exercise(shop, bytes)
    }
  }

  @Test func aHundredThousandTinyPartsAreRefusedInTime() throws {
    let shop = try AudioWorkshop()
    let chunk: [UInt8] = Array("junk".utf8) + [0, 0, 0, 0]
    let chunks = Array(repeatElement(chunk, count: 100_000).joined())
    let size = UInt32(chunks.count + 28)
    let form = Array("fmt ".utf8) + [16, 0, 0, 0] + [UInt8](repeating: 1, count: 16)
    let frame = Array("TIT2".utf8) + [UInt8](repeating: 0, count: 6)
    let files: [[UInt8]] = [
      Array("RIFF".utf8) + size.littleEndianBytes + Array("WAVE".utf8) + form + chunks,
      Array("RIFF".utf8) + size.littleEndianBytes + Array("AVI ".utf8) + chunks,
      Array("FORM".utf8) + size.bigEndianBytes + Array("AIFF".utf8) + chunks,
      Array("ID3".utf8) + [3, 0, 0, 4, 0x62, 0x5A, 0] + Array(repeatElement(frame, count: 100_000).joined())
        + [0xFF, 0xFB, 0x90, 0],
      FLACFormat.mark + [0, 0, 0, 34] + [UInt8](repeating: 0, count: 34)
        + Array(repeatElement([2, 0, 0, 0], count: 100_000).joined()),
    ]
    for bytes in files {
      try shop.write("in", bytes)
      let start = ContinuousClock.now
      do {
        _ = try shop.open("in")
        Issue.record("opened")
      } catch let error as MediaError { #expect(error.code == .limitExceeded, "\(error)") }
      #expect(ContinuousClock.now - start < .seconds(5))
    }
    // Pages without end are no error, they only take their time.
    let page = OggPage.serialized(flags: 2, granule: 0, serial: 1, sequence: 0, lacing: [], body: [])
    let head = try AudioWorkshop.clip("speech.opus").prefix(2000)
    try shop.write("in", head + Array(repeatElement(page, count: 100_000).joined()))
    #expect(throws: MediaError.self) { try shop.open("in") }
  }
}
