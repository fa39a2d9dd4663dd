import Foundation
import MediaCore
import Testing

@testable import MediaFormats

/// FLAC decoded and coded anew by ourselves: damage is an error, and the codec agrees with itself and its checksums.
@Suite struct FLACSoundTests {
  private struct Random {
    var state: UInt64
    mutating func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
  }

  @Test func checksumsAreThoseOfTheStandards() {
    let text = Array("123456789".utf8)
    #expect(FLACChecksum.crc8(text) == 0xF4)
    #expect(text.withUnsafeBytes { FLACChecksum.crc16($0) } == 0xFEE8)
    let vectors = [
      ("", "d41d8cd98f00b204e9800998ecf8427e"), ("abc", "900150983cd24fb0d6963f7d28e17f72"),
      (
        "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
        "57edf4a22be3c955ac49da2e2107b67a"
      ),
    ]
    for (text, sum) in vectors {
      var whole = MD5()
      whole.add(Array(text.utf8))
      #expect(whole.finish().map { String(format: "%02x", $0) }.joined() == sum)
      var bytewise = MD5()
      for byte in text.utf8 { bytewise.add([byte]) }
      #expect(bytewise.finish().map { String(format: "%02x", $0) }.joined() == sum)
    }
  }

  /// The eight tables are the one of the definition, whatever the length and the place in memory.
  @Test func theFrameChecksumIsThatOfTheDefinition() {
    var random = Random(state: 5)
    let bytes = (0..<64).map { _ in UInt8(random.next(256)) }
    for start in 0..<9 {
      for end in start...bytes.count {
        let bitwise = bytes[start..<end].reduce(UInt16(0)) { sum, byte in
          (0..<8).reduce(sum ^ UInt16(byte) << 8) { sum, _ in sum & 0x8000 != 0 ? sum << 1 ^ 0x8005 : sum << 1
          }
        }
        let sum = bytes.withUnsafeBytes {
          FLACChecksum.crc16(UnsafeRawBufferPointer(rebasing: $0[start..<end]))
        }
        #expect(sum == bitwise, "bytes \(start) to \(end)")
      }
    }
  }

  /// Any samples come back, whatever they are: noise at full scale, constants, slopes, one sample.
  @Test(arguments: [8, 16, 24, 32], [1, 2, 8]) func whatIsCodedIsDecoded(_ bits: Int, _ channels: Int) throws
  {
    var random = Random(state: UInt64(bits))
    let limit = 1 << (bits - 1)
    for count in [1, 2, 16, 192, 4096, 4097] {
      for kind in 0..<4 {
        let samples = (0..<channels).map { channel in
          (0..<count).map { index -> Int in
            switch kind {
            case 0: random.next(2 * limit) - limit
            case 1: channel - 1
            case 2: (index * 37 / 16) % limit - channel
            default: index % 3 == 0 ? -limit : limit - 1
            }
          }
        }
        let stored: [UInt8] = [
          0xFF, 0xF8, 0x70, UInt8(channels - 1) << 4, 0, UInt8((count - 1) >> 8), UInt8((count - 1) & 255),
        ]
        var head = stored + [FLACChecksum.crc8(stored)]
        head += [UInt8](repeating: 0, count: 32)
        let header = try #require(head.withUnsafeBytes { FLACFrameHeader($0, at: 0, streamBits: bits) })
        let coded = FLACFrameEncoder.encode(samples, like: header)
        let padded = coded + [UInt8](repeating: 0xFF, count: FLACBitReader.padding)
        let outcome = padded.withUnsafeBytes { FLACFrameDecoder.decode($0, at: 0, streamBits: bits) }
        guard case .frame(let frame) = outcome else {
          Issue.record("\(bits) bits, \(channels) channels, \(count) samples of kind \(kind): \(outcome)")
          continue
        }
        #expect(frame.samples == samples && frame.length == coded.count)
      }
    }
  }

  @Test func damageIsAnError() throws {
    let path = #filePath.replacingOccurrences(
      of: "Tests/MediaFormatsTests/FLACSoundTests.swift", with: "Fixtures/clips/speech.flac")
    let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    let folder = NSTemporaryDirectory() + "touchmark-flac-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var random = Random(state: 3)
    var outcomes = (fine: 0, refused: 0)
    for trial in 0..<60 {
      var bytes = whole
      if trial % 3 == 0 {
        bytes.removeLast(random.next(whole.count))
      } else {
        for _ in 0...random.next(4) { bytes[random.next(bytes.count)] ^= UInt8(1 << random.next(8)) }
      }
      try Data(bytes).write(to: URL(fileURLWithPath: folder + "/a.flac"))
      do {
        let input = try InputFile(path: folder + "/a.flac")
        let file = try #require(
          try FLACFormat().open(input, limits: Limits(), scratch: Scratch()) as? any AudioMediaFile)
        let count = file.audio?.count ?? 0
        let edit = AudioEdit(ranges: [0..<min(count, 500)]) { (block) throws(MediaError) in
          for channel in block.channels.indices {
            block.channels[channel] = block.channels[channel].map { -$0 }
          }
        }
        let output = try OutputFile(path: folder + "/b.flac")
        try file.rewrite(to: output, changes: MetadataChanges(), edit: MediaEdit(sound: edit))
        outcomes.fine += 1
      } catch is MediaError { outcomes.refused += 1 }
    }
    #expect(outcomes.refused > 20, "\(outcomes)")
  }
}
