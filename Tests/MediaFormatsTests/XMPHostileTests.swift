import Foundation
import MediaCore
import Testing

@testable import MediaFormats

@Suite struct XMPHostileTests {
  private func refuses(_ code: MediaError.Code, _ text: String, limits: Limits = Limits()) {
    let bytes = Array(text.utf8)
    let read = #expect(throws: MediaError.self) {
      try XMPPacket.items(in: bytes, offset: 0, path: "XMP", limits: limits)
    }
    #expect(read?.code == code)
    let merge = #expect(throws: MediaError.self) {
      try XMPPacket.applying(MetadataChanges(set: [XMPSamples.label]), to: bytes, limits: limits)
    }
    #expect(merge?.code == code)
  }

  private func description(_ rest: String) -> String {
    XMPSamples.rdf("<rdf:Description \(rest)</rdf:Description>")
  }

  @Test func documentTypesAreRefusedUnread() throws {
    let secret = NSTemporaryDirectory() + "touchmark-formats-" + UUID().uuidString
    try "secret".write(toFile: secret, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: secret) }
    let body = description("xmlns:a=\"urn:a\"><a:b>&e;</a:b>")
    let laughs = (1...20).map { "<!ENTITY e\($0) \"\(String(repeating: "&e\($0 - 1);", count: 10))\">" }
      .joined()
    for subset in [
      "<!ENTITY e SYSTEM \"file://\(secret)\">", "<!ENTITY % p SYSTEM \"http://localhost:9/x\"> %p;",
      "<!ENTITY e0 \"ha\">" + laughs + "<!ENTITY e \"&e20;\">", "",
    ] {
      let text = "<!DOCTYPE rdf [\(subset)]>" + body
      refuses(.malformed, text)
      refuses(.malformed, "<?xpacket begin=\"\"?>" + text)
      for encoding: String.Encoding in [.utf16LittleEndian, .utf32BigEndian] {
        let bytes = Array(try #require(text.data(using: encoding)))
        #expect(throws: MediaError.self) {
          try XMPPacket.items(in: bytes, offset: 0, path: "XMP", limits: Limits())
        }
      }
    }
    refuses(.malformed, "<!DOCTYPE x SYSTEM \"file://\(secret)\">" + body)
  }

  @Test func undeclaredEntitiesAreDamageAndNotText() throws {
    let text = description("xmlns:a=\"urn:a\"><a:b>x&e;y</a:b><a:c>kept</a:c>")
    let items = try XMPSamples.items(text)
    #expect(items.contains { $0.name == "c" && $0.value == "kept" })
    #expect(items.filter { $0.form == .raw }.count == 1)
  }

  @Test func sizesAreBounded() {
    refuses(.limitExceeded, description(">" + String(repeating: "x", count: 10 << 20)))
    let deep = String(repeating: "<a:b>", count: 100) + String(repeating: "</a:b>", count: 100)
    refuses(.limitExceeded, description("xmlns:a=\"urn:a\">" + deep))
    let deeper = String(repeating: "<a:b>", count: 100_000) + String(repeating: "</a:b>", count: 100_000)
    refuses(
      .limitExceeded, description("xmlns:a=\"urn:a\">" + deeper), limits: Limits(metadataValueBytes: 4 << 20))
    let many = (0..<5000).map { "<a:n\($0)>v</a:n\($0)>" }.joined()
    refuses(.limitExceeded, description("xmlns:a=\"urn:a\">" + many))
  }

  @Test func quadraticPacketsAreRefusedBeforeTheyAreParsed() {
    refuses(.limitExceeded, description((0..<90_000).map { "a\($0)='' " }.joined() + ">"))
    refuses(.limitExceeded, description((0..<40_000).map { "xmlns:a\($0)='u' " }.joined() + ">"))
    let nested = (0..<30).map { level in
      "<x " + (0..<100).map { "xmlns:a\(level)b\($0)='u' " }.joined() + ">"
    }
    refuses(.limitExceeded, description(">" + nested.joined()))
  }

  @Test func longArraysAreReadInPart() throws {
    let list = (0..<20_000).map { "<rdf:li>uuid:\($0)</rdf:li>" }.joined()
    let text = description("xmlns:a=\"urn:a\"><a:b><rdf:Bag>\(list)</rdf:Bag></a:b><a:c>behind</a:c>")
    let items = try XMPSamples.items(text)
    #expect(items.count < 1000)
    #expect(items.last?.value == "behind")
    let merged = try XMPSamples.apply(to: text)
    #expect(merged.components(separatedBy: "<rdf:li>").count == 20_001)
  }

  @Test func longNamesDoNotMultiply() throws {
    let long = String(repeating: "n", count: 30_000)
    let leaves = String(repeating: "<a:b/>", count: 3000)
    let open = (0..<20).map { "<a:\(long)\($0)>" }.joined()
    let close = (0..<20).reversed().map { "</a:\(long)\($0)>" }.joined()
    let limits = Limits(metadataValueBytes: 4 << 20)
    let items = try XMPSamples.items(
      description("xmlns:a=\"urn:\(long)\">" + open + leaves + close), limits: limits)
    #expect(items.count == 3000)
    #expect(items.reduce(0) { $0 + $1.path.utf8.count } < 8 << 20)
  }

  @Test func damageNeverCrashesAndNeverMergesSilently() throws {
    var generator = SplitMix64(state: 0x584D_50)
    let packets = [
      XMPSamples.adobe, try XMPSamples.apply(to: XMPSamples.adobe), XMPReadTests.variants[2].text,
    ]
    for text in packets {
      let bytes = Array(text.utf8)
      let items = try XMPSamples.items(text)
      for round in 0..<2000 {
        var damaged = bytes
        if round.isMultiple(of: 4) { damaged.removeLast(Int.random(in: 1..<bytes.count, using: &generator)) }
        for _ in 0...Int.random(in: 0...3, using: &generator) {
          let bit = Int.random(in: 0..<damaged.count * 8, using: &generator)
          damaged[bit / 8] ^= 1 << (bit % 8)
        }
        let found = (try? XMPPacket.items(in: damaged, offset: 0, path: "XMP", limits: Limits())) ?? []
        let changes = MetadataChanges(set: [XMPSamples.label], remove: items + found)
        guard let merged = try? XMPPacket.applying(changes, to: damaged, limits: Limits()) else { continue }
        let after = try XMPPacket.items(in: merged, offset: 0, path: "XMP", limits: Limits())
        #expect(after.filter { $0.name == "AIGC" && $0.namespace == XMPSamples.namespace }.count == 1)
        #expect(after.allSatisfy { $0.form != .raw })
      }
    }
  }

  @Test func workersParseAtOnce() async throws {
    let text = XMPSamples.adobe
    let expected = try XMPSamples.apply(to: text)
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<64 {
        group.addTask { try (0..<20).allSatisfy { _ in try XMPSamples.apply(to: text) == expected } }
      }
      for try await isEqual in group { #expect(isEqual) }
    }
  }
}
