import Foundation
import MediaCore
import Testing

@testable import MediaFormats

@Suite struct ExifBlockTests {
  @Test(arguments: [false, true]) func everyPlaceIsRead(isBigEndian: Bool) throws {
    let items = ExifSample.items(ExifSample.full(isBigEndian: isBigEndian).bytes)
    let label = "{\"AIGC\":\(XMPSamples.json)}"
    let expected: [(String, String, String, Bool)] = [
      ("IFD0", "ImageDescription", "AI generated content", true), ("IFD0", "Make", "ab", true),
      (XMPSamples.namespace, "AIGC", "x", false), ("IFD0", "UserComment", label, false),
      ("ExifIFD", "UserComment", label, true), ("IFD1", "Software", "thumbnailer", true),
      ("IFD1", "Artist", "A", true),
    ]
    #expect(items.map(\.namespace) == expected.map(\.0))
    #expect(items.map(\.name) == expected.map(\.1))
    #expect(items.map(\.value) == expected.map(\.2))
    #expect(items.map(\.isRegularPlace) == expected.map(\.3))
    #expect(items[4].path == "eXIf ExifIFD UserComment")
    #expect(items[4].carrier == .exif && items[4].form == .text && items[4].offset == 9)
    #expect(items[2].path == "eXIf IFD0 XMP rdf:Description/TC260:AIGC")
  }

  /// Texts of a UserComment and how each coding stores them.
  @Test(arguments: [false, true]) func commentCodings(isBigEndian: Bool) throws {
    let texts = ["{\"Label\":\"1\"}", "由AI生成", "a", "生成合成标识 {\"Label\":\"1\"}"]
    for text in texts {
      let little = Array(try #require(text.data(using: .utf16LittleEndian)))
      let big = Array(try #require(text.data(using: .utf16BigEndian)))
      let plain = Array(text.utf8)
      var codings: [[UInt8]] = [
        Array("ASCII\0\0\0".utf8) + plain, Array("ascii\0\0\0".utf8) + plain,
        Array("JIS\0\0\0\0\0".utf8) + plain, Array(repeating: 0, count: 8) + plain,
        Array(repeating: 0x20, count: 8) + plain, plain, plain + [0, 0, 0x20, 0],
        Array("UNICODE\0".utf8) + [0xFF, 0xFE] + little, Array("UNICODE\0".utf8) + [0xFE, 0xFF] + big,
        Array("UNICODE\0".utf8) + (isBigEndian ? big : little),
        Array("ASCII\0\0\0".utf8) + [0xFF, 0xFE] + little,
      ]
      // Written in the other order: only text with Latin in it can be told.
      if text.contains("\"") { codings.append(Array("UNICODE\0".utf8) + (isBigEndian ? little : big)) }
      if text.hasPrefix("{") { codings.append(Array("UNICODE\0".utf8) + plain) }
      for (index, value) in codings.enumerated() {
        for type: UInt16 in [7, 2] {
          let sample = ExifSample(isBigEndian: isBigEndian, exif: [.init(0x9286, value, type: type)])
          #expect(ExifSample.items(sample.bytes).map(\.value) == [text], "coding \(index), type \(type)")
        }
      }
    }
  }

  @Test func windowsTagsAreLittleEndian() throws {
    let value = Array(try #require("备注 AI\0".data(using: .utf16LittleEndian)))
    for isBigEndian in [false, true] {
      let sample = ExifSample(isBigEndian: isBigEndian, main: [.init(0x9C9C, value, type: 1)])
      #expect(ExifSample.items(sample.bytes).map(\.value) == ["备注 AI"])
      #expect(ExifSample.items(sample.bytes).map(\.name) == ["XPComment"])
    }
  }

  @Test func blankValuesAreNoItems() {
    let sample = ExifSample(
      main: [.init(0x010E, "   \0"), .init(0x010F, [0])],
      exif: [.init(0x9286, "ASCII\0\0\0", type: 7), .init(0xA420, "\0\0\0\0\0\0")])
    #expect(ExifSample.items(sample.bytes).isEmpty)
  }

  @Test func aStrayPrefixIsSteppedOver() {
    let sample = ExifSample.full(isBigEndian: true)
    let prefixed = Array("Exif\0\0".utf8) + sample.bytes
    #expect(ExifSample.items(prefixed) == ExifSample.items(sample.bytes))
    #expect(ExifBlock.orientation(in: prefixed) == .right)
    #expect(ExifSample.items(ExifBlock.blanking(ExifSample.items(prefixed), in: prefixed)).isEmpty)
  }

  @Test func orientationIsReadWhereItIsValid() {
    for isBigEndian in [false, true] {
      for raw: UInt8 in 0...9 {
        let short: [UInt8] = isBigEndian ? [0, raw, 0, 0] : [raw, 0, 0, 0]
        let long: [UInt8] = isBigEndian ? [0, 0, 0, raw] : [raw, 0, 0, 0]
        for (type, value) in [(UInt16(3), short), (4, long)] {
          let field = ExifSample.Field(0x0112, value, type: type, count: 1)
          let sample = ExifSample(isBigEndian: isBigEndian, main: [field])
          #expect(ExifBlock.orientation(in: sample.bytes) == Orientation(rawValue: raw))
          let elsewhere = ExifSample(isBigEndian: isBigEndian, exif: [field], second: [field])
          #expect(ExifBlock.orientation(in: elsewhere.bytes) == nil)
        }
      }
    }
    #expect(ExifBlock.orientation(in: []) == nil)
  }

  @Test(arguments: [false, true]) func blankingTakesOnlyWhatIsNamed(isBigEndian: Bool) throws {
    let bytes = ExifSample.full(isBigEndian: isBigEndian).bytes
    let items = ExifSample.items(bytes)
    for (index, item) in items.enumerated() {
      let blanked = ExifBlock.blanking([item], in: bytes)
      #expect(blanked.count == bytes.count)
      var rest = items
      rest.remove(at: index)
      #expect(ExifSample.items(blanked) == rest, "\(item.path)")
      #expect(ExifBlock.orientation(in: blanked) == .right)
      let changed = zip(bytes, blanked).filter { $0 != $1 }
      #expect(item.carrier == .xmp || changed.allSatisfy { $1 == 0 })
    }
    #expect(ExifSample.items(ExifBlock.blanking(items, in: bytes)).isEmpty)
    let codes = ExifBlock.blanking(items, in: bytes).split(separator: Array("ASCII\0\0\0".utf8))
    #expect(codes.count == 3)
    let other = MetadataItem(
      carrier: .exif, namespace: "IFD0", name: "Make", value: "other", form: .text, offset: 9, path: "")
    #expect(ExifBlock.blanking([other], in: bytes) == bytes)
  }

  @Test func loopsAndLiesAreSkipped() {
    var loop = ExifSample.full(isBigEndian: false)
    loop.main.append(.init(0x8769, [8, 0, 0, 0], type: 4, count: 1))
    #expect(ExifSample.items(loop.bytes).contains { $0.name == "Make" })
    var itself = ExifSample(main: [.init(0x010F, "ab\0")]).bytes
    itself.replaceSubrange(itself.count - 4..<itself.count, with: [8, 0, 0, 0])
    #expect(ExifSample.items(itself).map(\.value) == ["ab"])
    for count: UInt32 in [0, 5000, 0x7FFF_FFFF, .max] {
      for type: UInt16 in [0, 2, 5, 7, 12, 129, 999] {
        let sample = ExifSample(
          main: [.init(0x010E, "a long description\0", type: type, count: count), .init(0x010F, "ab\0")])
        #expect(ExifSample.items(sample.bytes).map(\.value) == ["ab"])
      }
    }
    let large = ExifSample(main: [.init(0x010E, String(repeating: "x", count: 3000))]).bytes
    let items = ExifSample.items(large, limits: Limits(metadataValueBytes: 1000))
    #expect(items.map(\.form) == [.presence])
  }

  @Test func entriesThatShareAValueCannotMultiplyIt() {
    let text = [UInt8](repeating: 0x41, count: 1 << 18)
    var sample = ExifSample(main: [.init(0x010E, text)]).bytes
    let entry = Array(sample[10..<22])
    // 20,000 entries over the same quarter megabyte.
    sample.replaceSubrange(8..<10, with: [0x20, 0x4E])
    sample.replaceSubrange(22..<22 + 12 * 19_999, with: Array(repeatElement(entry, count: 19_999).joined()))
    let items = ExifSample.items(sample)
    #expect(items.reduce(0) { $0 + $1.value.utf8.count } <= sample.count)
  }

  @Test func damageNeverCrashes() {
    var generator = SplitMix64(state: 0x45_7869_66)
    for isBigEndian in [false, true] {
      let bytes = ExifSample.full(isBigEndian: isBigEndian).bytes
      let items = ExifSample.items(bytes)
      for round in 0..<2000 {
        var damaged = bytes
        if round.isMultiple(of: 4) { damaged.removeLast(Int.random(in: 1..<bytes.count, using: &generator)) }
        for _ in 0...Int.random(in: 0...3, using: &generator) {
          // Most flips go where structure is.
          let end = Bool.random(using: &generator) ? min(120, damaged.count) : damaged.count
          let bit = Int.random(in: 0..<end * 8, using: &generator)
          damaged[bit / 8] ^= 1 << (bit % 8)
        }
        let found = ExifSample.items(damaged)
        let blanked = ExifBlock.blanking(items + found, in: damaged)
        #expect(blanked.count == damaged.count)
        _ = ExifBlock.orientation(in: damaged)
      }
    }
  }

  // MARK: exiftool as the judge

  @Test(arguments: ["II", "MM"]) func blocksOfExiftoolRead(order: String) throws {
    let folder = NSTemporaryDirectory() + "touchmark-formats-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let values = [
      "ImageDescription": "{\"AIGC\":{\"ServiceProvider\":\"腾讯云\"}}", "Make": "m", "Model": "Mod 1",
      "Software": "touch", "Artist": "someone", "HostComputer": "h", "Copyright": "(c) 2026",
      "XPComment": "备注", "XPTitle": "t", "UserComment": "由AI生成 {\"Label\":\"1\"}", "ImageUniqueID": "abc",
    ]
    let path = folder + "/a.exif"
    _ = try ExifTool.run(
      ["-ExifByteOrder=" + order, "-EXIF:Orientation#=8"] + values.map { "-EXIF:\($0.key)=\($0.value)" } + [
        path
      ])
    let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    let items = ExifSample.items(bytes)
    #expect(Dictionary(uniqueKeysWithValues: items.map { ($0.name, $0.value) }) == values)
    #expect(!items.map(\.isRegularPlace).contains(false))
    #expect(ExifBlock.orientation(in: bytes) == .left)

    let doomed = items.filter { ["UserComment", "ImageDescription", "Make"].contains($0.name) }
    let blanked = ExifBlock.blanking(doomed, in: bytes)
    let json = try ExifTool.run(["-j", "-EXIF:all", "-validate"], on: blanked, name: "b.exif")
    let list = try JSONSerialization.jsonObject(with: json) as? [[String: Any]]
    let after = try #require(list?.first)
    for (name, value) in values {
      let expected = doomed.contains { $0.name == name } ? "" : value
      #expect(after[name].map { "\($0)" } == expected, "\(name)")
    }
  }
}
