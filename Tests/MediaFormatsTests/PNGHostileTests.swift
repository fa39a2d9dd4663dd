import Foundation
import MediaCore
import Testing

@testable import MediaFormats

/// Injured PNG files give an error or a result, and never a half output.
@Suite struct PNGHostileTests {
  private static let kinds: [PNGSpec] = [
    PNGSpec(name: "rgb", chunkSize: 300), PNGSpec(name: "grey2", type: 0, depth: 2),
    PNGSpec(name: "grey16", type: 0, depth: 16, interlace: 1), PNGSpec(name: "rgba16", type: 6, depth: 16),
    PNGSpec(name: "palette", type: 3, colors: 90, alphas: [0, 128]),
    PNGSpec(name: "palette2 interlaced", type: 3, depth: 2, interlace: 1, colors: 4),
    PNGSpec(name: "key", key: [7, 8, 9]),
    PNGSpec(
      name: "text",
      early: [["iTXt", Data("XML:com.adobe.xmp\0\0\0\0\0<a/>".utf8).hex], ["gAMA", "0000b18f"]],
      behind: [["tEXt", Data("parameters\0a cat".utf8).hex]], trailing: "00ff"),
  ]
  private static let box = PixelRect(x: 9, y: 9, width: 24, height: 16)
  private static let mark = MetadataProperty(
    namespace: "http://www.tc260.org.cn/ns/AIGC/1.0/", prefix: "TC260", name: "AIGC", value: "{}")

  @Test func truncationIsAnErrorAndNeverAnOutput() throws {
    let shop = try PNGWorkshop(Self.kinds)
    for kind in Self.kinds {
      let whole = try PNGEditing.bytes(shop.source(kind.name))
      let end = whole.count - kind.trailing.count / 2
      for length in stride(from: 0, to: end - 1, by: 37) {
        try Data(whole.prefix(length)).write(to: URL(fileURLWithPath: shop.source("cut")))
        #expect(throws: MediaError.self, "\(kind.name) cut at \(length) of \(whole.count)") {
          try Self.label(shop.source("cut"), shop.result("cut"))
        }
        #expect(!FileManager.default.fileExists(atPath: shop.result("cut")))
      }
    }
  }

  @Test func flippedBitsGiveAnErrorOrAResult() throws {
    let shop = try PNGWorkshop(Self.kinds)
    var random = PNGSeededGenerator(state: 37)
    for kind in Self.kinds {
      let whole = try PNGEditing.bytes(shop.source(kind.name))
      for round in 0..<2000 {
        var bytes = whole
        for _ in 0...Int.random(in: 0...3, using: &random) {
          bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= UInt8(
            1 << Int.random(in: 0...7, using: &random))
        }
        // Most injuries end at the checksum; the other half of the files has the right ones.
        if round % 2 == 0 { Self.sign(&bytes) }
        try Data(bytes).write(to: URL(fileURLWithPath: shop.source("flip")))
        try? Self.label(shop.source("flip"), shop.result("flip"))
      }
    }
  }

  private static func label(_ source: String, _ result: String) throws {
    _ = try PNGEditing.rewrite(
      source, to: result, painting: [box], changes: MetadataChanges(set: [mark]),
      limits: Limits(pixels: 1 << 20))
  }

  /// Gives every chunk that can still be told the checksum of its bytes.
  private static func sign(_ bytes: inout [UInt8]) {
    var position = 8
    while position + 12 <= bytes.count {
      let length = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
      guard position + 12 + length <= bytes.count else { return }
      let crc = checksum(bytes[position + 4..<position + 8 + length])
      for index in 0..<4 {
        bytes[position + 8 + length + index] = UInt8(truncatingIfNeeded: crc >> (24 - 8 * index))
      }
      position += 12 + length
    }
  }

  /// CRC-32 of ISO 3309, bit by bit.
  private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    return ~crc
  }
}

extension Data {
  fileprivate var hex: String { map { String(format: "%02x", $0) }.joined() }
}
