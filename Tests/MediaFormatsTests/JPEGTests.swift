import Foundation
import MediaCore
import Testing

@testable import MediaFormats

/// Edits in the DCT domain, judged by djpeg and ImageMagick.
@Suite struct JPEGTests {
  static let label = MetadataProperty(
    namespace: "http://www.tc260.org.cn/ns/AIGC/1.0/", prefix: "TC260", name: "AIGC",
    value: "{\"Label\":\"1\"}")

  private func countOfScans(_ bytes: [UInt8]) -> Int {
    zip(bytes, bytes.dropFirst()).count { $0 == 0xFF && $1 == 0xDA }
  }

  /// Every pixel outside of `box` is equal, and some inside is not.
  private func compare(_ a: [UInt8], _ b: [UInt8], channels: Int, width: Int, box: PixelRect, _ name: String)
  {
    #expect(a.count == b.count, "\(name)")
    guard a.count == b.count else { return }
    var strays = 0
    for index in a.indices where a[index] != b[index] {
      let pixel = index / channels
      let (x, y) = (pixel % width, pixel / width)
      if x < box.x || x >= box.maxX || y < box.y || y >= box.maxY { strays += 1 }
    }
    #expect(strays == 0, "\(name): \(strays) samples outside of \(box)")
    #expect(a != b, "\(name): nothing changed")
  }

  @Test(arguments: JPEGWorkshop.recipes, ["173x149", "64x64", "33x7"])
  func everyPixelOutsideOfTheBoxStays(_ recipe: JPEGWorkshop.Recipe, _ size: String) throws {
    let shop = try JPEGWorkshop()
    try shop.make(recipe, size: size)
    let info = try shop.open("in.jpg").file.info
    #expect(info.coding == recipe.coding)
    let (width, height) = (info.size.width, info.size.height)
    for rect in [
      PixelRect(x: width / 3, y: height / 3, width: max(1, width / 4), height: max(1, height / 4)),
      PixelRect(x: width - 5, y: height - 3, width: 5, height: 3),
    ] {
      let box = try shop.rewrite(paint: rect)
      let decoders = ["convert -quiet", "djpeg", "djpeg -nosmooth", "djpeg -dct float"]
      for decoder in decoders where decoder.hasPrefix("convert") || recipe.name != "cmyk" {
        let isConvert = decoder.hasPrefix("convert")
        let tail =
          isConvert ? "-depth 8 rgba:-" : "| tail -c \(width * height * (recipe.name == "grey" ? 1 : 3))"
        let a = try shop.shell("\(decoder) in.jpg \(tail)")
        let b = try shop.shell("\(decoder) out.jpg \(tail)")
        let channels = isConvert ? 4 : recipe.name == "grey" ? 1 : 3
        compare(a, b, channels: channels, width: width, box: box, "\(recipe) \(size) \(decoder)")
      }
      let (before, after) = (try shop.bytes("in.jpg"), try shop.bytes("out.jpg"))
      #expect(countOfScans(before) == countOfScans(after))
      #expect(try shop.open("out.jpg").file.info.coding == recipe.coding)
      #expect(after.count < before.count + 4096)
    }
  }

  @Test(arguments: JPEGWorkshop.recipes) func writingBackWhatWasReadChangesNoByte(
    _ recipe: JPEGWorkshop.Recipe
  ) throws {
    let shop = try JPEGWorkshop()
    try shop.make(recipe)
    let (opened, _) = try shop.open("in.jpg")
    let output = try OutputFile(path: shop.file("out.jpg"))
    let edit = FrameEdit { (frame) throws(MediaError) in
      let region = try frame.readRegion(PixelRect(x: 20, y: 20, width: 90, height: 60))
      #expect(try frame.writeRegion(region).isEmpty)
    }
    try opened.rewrite(to: output, changes: MetadataChanges(), edit: MediaEdit(frames: edit))
    try output.commit(.rename)
    #expect(try shop.bytes("in.jpg") == shop.bytes("out.jpg"))
  }

  @Test func allSegmentsAndWhatFollowsTheImageSurvive() throws {
    let shop = try JPEGWorkshop()
    for recipe in JPEGWorkshop.recipes where ["420", "progressive", "optimised"].contains(recipe.name) {
      try shop.make(recipe)
      try shop.shell(
        "exiftool -q -overwrite_original -Artist=A -Comment='two words' -XMP-dc:Title=T -IPTC:City=C in.jpg")
      var bytes = try shop.bytes("in.jpg")
      var profile: [UInt8] = []
      for part in 0..<3 {
        profile += [0xFF, 0xE2, 0x10, 0x10] + Array("ICC_PROFILE\0".utf8) + [UInt8(part + 1), 3]
        profile += (0..<0x1000).map { UInt8(truncatingIfNeeded: $0 * 7 + part) }
      }
      let trailer = (0..<5000).map { UInt8(truncatingIfNeeded: $0 * 31) }
      bytes.insert(contentsOf: profile, at: 2)
      try shop.write("in.jpg", bytes + trailer)
      for paint in [nil, PixelRect(x: 50, y: 50, width: 40, height: 20)] {
        try shop.rewrite(paint: paint, changes: MetadataChanges(set: [Self.label]))
        let result = try shop.bytes("out.jpg")
        #expect(result.suffix(5000).elementsEqual(trailer))
        #expect(Array(result[2..<2 + profile.count]) == profile)
        let tags = try shop.shell(
          "exiftool -s3 -Artist -Comment -XMP-dc:Title -IPTC:City -XMP-TC260:AIGC out.jpg")
        #expect(String(decoding: tags, as: UTF8.self) == "A\ntwo words\nT\nC\n{\"Label\":\"1\"}\n")
        #expect(try shop.open("out.jpg").file.metadata.count { $0.name == "AIGC" } == 1)
      }
    }
  }

  @Test func aMultiPictureIndexFollowsItsPictures() throws {
    let shop = try JPEGWorkshop()
    try shop.make(JPEGWorkshop.recipes[2])
    let plain = try shop.bytes("in.jpg")
    let second = [UInt8]([0xFF, 0xD8, 0xFF, 0xD9]) + [UInt8](repeating: 7, count: 300)
    // APP2 MPF, little endian: one entry field, two pictures.
    func index(first: Int, second: Int, offset: Int) -> [UInt8] {
      func long(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
      let tiff: [UInt8] =
        [0x49, 0x49, 0x2A, 0] + long(8) + [1, 0, 0x02, 0xB0, 7, 0] + long(32) + long(26) + long(0)
      let entries =
        long(0x30000) + long(first) + long(0) + long(0) + long(0) + long(second) + long(offset) + long(0)
      let payload = Array("MPF\0".utf8) + tiff + entries
      return [0xFF, 0xE2, 0, UInt8(payload.count + 2)] + payload
    }
    let size = index(first: 0, second: 0, offset: 0).count
    let primary = plain.count + size
    // Offsets count from the byte order mark, eight bytes into the segment that stands behind SOI.
    let segment = index(first: primary, second: second.count, offset: primary - 10)
    try shop.write("in.jpg", [0xFF, 0xD8] + segment + plain[2...] + second)
    for paint in [nil, PixelRect(x: 50, y: 50, width: 60, height: 30)] {
      try shop.rewrite(paint: paint, changes: MetadataChanges(set: [Self.label]))
      let result = try shop.bytes("out.jpg")
      let newPrimary = result.count - second.count
      let word = Array("MPF\0".utf8)
      let place = try #require(JPEGGluedText.index(of: word, in: result, before: 4000))
      let expected = index(first: newPrimary, second: second.count, offset: newPrimary - place - 4)
      #expect(Array(result[place - 4..<place - 4 + size]) == expected)
    }
  }

  /// A file of libultrahdr's: gain map behind EOI, found by MPF and by the XMP directory of the first picture.
  @Test func aGainMapStaysWithItsPicture() throws {
    let shop = try JPEGWorkshop()
    let fixture = URL(fileURLWithPath: #filePath)
      .appendingPathComponent("../../../Fixtures/pictures/gain-map.jpg").standardizedFileURL
    try shop.write("in.jpg", Array(try Data(contentsOf: fixture)))
    func parts(_ name: String) throws -> [[UInt8]] {
      try ["-MPImage2", "-XMP-hdrgm:all", "-XMP-Container:all", "-ICC_Profile"].map {
        try shop.shell("exiftool -b \($0) \(name)")
      }
    }
    let before = try parts("in.jpg")
    #expect(before.dropLast().allSatisfy { !$0.isEmpty })
    for paint in [nil, PixelRect(x: 50, y: 50, width: 60, height: 30)] {
      try shop.rewrite(paint: paint, changes: MetadataChanges(set: [Self.label]))
      #expect(try parts("out.jpg") == before)
      #expect(try shop.open("out.jpg").file.metadata.count { $0.name == "AIGC" } == 1)
    }
  }

  @Test func labelsInEveryPlaceAreFoundAndTakenAway() throws {
    let shop = try JPEGWorkshop()
    let json = "{\"Label\":\"1\",\"ContentProducer\":\"p\",\"ProduceID\":\"n\"}"
    func segment(_ marker: UInt8, _ payload: [UInt8]) -> [UInt8] {
      [0xFF, marker, UInt8((payload.count + 2) >> 8), UInt8((payload.count + 2) & 255)] + payload
    }
    try shop.make(JPEGWorkshop.recipes[2])
    let plain = try shop.bytes("in.jpg")
    let places: [(String, [UInt8], MetadataCarrier)] = [
      ("COM", segment(0xFE, Array("{\"AIGC\":\(json)}".utf8)), .comment),
      ("APP3", segment(0xE3, Array("AIGC\(json)".utf8)), .segment),
      (
        "APP0",
        segment(0xE0, Array("JFIF\0".utf8) + [1, 1, 0, 0, 1, 0, 1, 0, 0] + Array("AIGC\(json)".utf8)),
        .segment
      ),
    ]
    for (name, bytes, carrier) in places {
      try shop.write("in.jpg", [0xFF, 0xD8] + bytes + plain[2...])
      let item = try #require(
        try shop.open("in.jpg").file.metadata.first { $0.value.contains("ContentProducer") })
      #expect(item.carrier == carrier)
      #expect(item.namespace == name)
      #expect(item.offset == 2)
      try shop.rewrite(changes: MetadataChanges(set: [Self.label], remove: [item]))
      let after = try shop.open("out.jpg").file.metadata
      #expect(!after.contains { $0.value.contains("ContentProducer") })
      #expect(after.contains { $0.name == "AIGC" && $0.isRegularPlace })
    }
  }

  @Test func anExtendedPacketIsWrittenAnewWithoutTheLabelAndReferredTo() throws {
    let shop = try JPEGWorkshop()
    try shop.make(JPEGWorkshop.recipes[2])
    let plain = try shop.bytes("in.jpg")
    let history = String(repeating: "a stroke, ", count: 9000) + "a last one"
    let others = MetadataProperty(
      namespace: "http://ns.adobe.com/photoshop/1.0/", prefix: "photoshop", name: "History", value: history)
    for properties in [[Self.label], [others, Self.label]] {
      let whole = try XMPPacket.applying(MetadataChanges(set: properties), to: nil, limits: Limits())
      let extended = try JPEGExtendedXMP(whole)
      #expect(extended.segments.count > whole.count + (properties.count == 1 ? 0 : 100))
      let main = try XMPPacket.applying(
        MetadataChanges(set: [JPEGExtendedXMP.reference(to: extended.guid)]), to: nil, limits: Limits())
      let head = try JPEGSegment.serialized(.app1, JPEGSite.packetPrefix + main)
      try shop.write("in.jpg", plain[..<2] + head + extended.segments + plain[2...])
      let item = try #require(try shop.open("in.jpg").file.metadata.first { $0.name == "AIGC" })
      #expect(!item.isRegularPlace)

      for (changes, count) in [([], 0), ([Self.label], 1)] {
        try shop.rewrite(changes: MetadataChanges(set: changes, remove: [item]))
        let after = try shop.open("out.jpg").file.metadata
        #expect(after.count { $0.name == "AIGC" } == count)
        #expect(after.contains { $0.name == "History" && $0.value == history } == (properties.count == 2))
        #expect(after.contains { $0.name == "HasExtendedXMP" } == (properties.count == 2))
        let tags = try shop.shell("exiftool -s3 -Warning -XMP-photoshop:History out.jpg")
        let isRead = String(decoding: tags, as: UTF8.self) == (properties.count == 2 ? history + "\n" : "")
        #expect(isRead)
      }
    }
  }

  @Test func aPacketInPhotoshopsResourcesLosesTheLabelAndNothingElse() throws {
    let shop = try JPEGWorkshop()
    try shop.make(JPEGWorkshop.recipes[2])
    let plain = try shop.bytes("in.jpg")
    let title = MetadataProperty(
      namespace: "http://purl.org/dc/elements/1.1/", prefix: "dc", name: "format", value: "image/jpeg")
    func resource(_ id: UInt8, _ data: [UInt8]) -> [UInt8] {
      Array("8BIM".utf8) + [4, id, 0, 0] + UInt32(data.count).bigEndianBytes + data
        + (data.count % 2 == 1 ? [0] : [])
    }
    for value in ["{\"Label\":\"1\"}", "{\"Label\":\"12\"}"] {
      let label = MetadataProperty(
        namespace: Self.label.namespace, prefix: Self.label.prefix, name: "AIGC", value: value)
      let packet = try XMPPacket.applying(MetadataChanges(set: [title, label]), to: nil, limits: Limits())
      let bytes =
        Array("Photoshop 3.0\0".utf8) + resource(0x0B, Array("an:address".utf8)) + resource(0x24, packet)
        + resource(0x22, Array("thumb".utf8))
      try shop.write("in.jpg", try plain[..<2] + JPEGSegment.serialized(.app13, bytes) + plain[2...])
      let item = try #require(try shop.open("in.jpg").file.metadata.first { $0.name == "AIGC" })
      try shop.rewrite(changes: MetadataChanges(remove: [item]))
      let after = try shop.open("out.jpg").file.metadata
      #expect(after.map(\.value) == ["image/jpeg"])
      let result = try shop.bytes("out.jpg")
      for text in ["an:address", "thumb\0"] {
        #expect(JPEGGluedText.index(of: Array(text.utf8), in: result, before: 4000) != nil)
      }
      let warning = try shop.shell("exiftool -s3 -Warning out.jpg")
      #expect(warning.isEmpty)
    }
  }

  @Test func truncationIsAnErrorAndNeverAnOutput() throws {
    let shop = try JPEGWorkshop()
    for recipe in JPEGWorkshop.recipes where ["420", "progressive", "arithmetic"].contains(recipe.name) {
      try shop.make(recipe, size: "96x80")
      let whole = try shop.bytes("in.jpg")
      for length in stride(from: 0, to: whole.count - 1, by: 37) {
        try shop.write("in.jpg", Array(whole.prefix(length)))
        #expect(throws: MediaError.self, "\(recipe) cut at \(length)") {
          try shop.rewrite(paint: PixelRect(x: 20, y: 20, width: 16, height: 16))
        }
      }
    }
  }

  @Test func injuredFilesGiveAnErrorOrAResult() throws {
    let shop = try JPEGWorkshop()
    var state: UInt64 = 99
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    for recipe in JPEGWorkshop.recipes {
      try shop.make(recipe, size: "64x48")
      try shop.shell("exiftool -q -overwrite_original -UserComment=x -XMP-dc:Title=T in.jpg")
      let whole = try shop.bytes("in.jpg")
      for _ in 0..<2000 {
        var bytes = whole
        for _ in 0...next(4) { bytes[next(bytes.count)] ^= UInt8(1 << next(8)) }
        try shop.write("in.jpg", bytes)
        _ = try? shop.rewrite(
          paint: PixelRect(x: 8, y: 8, width: 16, height: 16), changes: MetadataChanges(set: [Self.label]))
      }
    }
  }

  @Test func manyScansAreDecodedWhereTheyAreCheap() throws {
    let shop = try JPEGWorkshop()
    var script = "0,1,2: 0 0 0 0;\n"
    for k in 1...63 { script += "0: \(k) \(k) 0 0;\n" }
    script += "1: 1 63 0 0;\n2: 1 63 0 0;\n"
    try shop.write("scans.txt", Array(script.utf8))
    for (size, isCheap) in [("173x149", true), ("9000x9000", false)] {
      try shop.shell("convert -size \(size) xc:tan ppm:- | cjpeg -scans scans.txt > in.jpg")
      let start = ContinuousClock.now
      do {
        try shop.rewrite(paint: PixelRect(x: 8, y: 8, width: 16, height: 16))
        #expect(isCheap, "66 scans of \(size) were decoded")
      } catch let error as MediaError {
        #expect(!isCheap, "\(error)")
        #expect(error.code == .limitExceeded)
        #expect(error.message.contains("more scans"))
      }
      #expect(ContinuousClock.now - start < .seconds(30))
    }
  }

  @Test func whatIsTooLargeIsRefusedBeforeItIsDecoded() throws {
    let shop = try JPEGWorkshop()
    try shop.make(JPEGWorkshop.recipes[2])
    var bytes = try shop.bytes("in.jpg")
    let frame = try #require(bytes.indices.dropLast(10).first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 })
    for index in 5...8 { bytes[frame + index] = 0xFF }
    try shop.write("in.jpg", bytes)
    do {
      try shop.rewrite(paint: PixelRect(x: 0, y: 0, width: 8, height: 8))
      Issue.record("a frame of 65535 × 65535 was decoded")
    } catch let error as MediaError { #expect(error.code == .limitExceeded) }
    for (marker, code) in [(0xC3, MediaError.Code.unsupported), (0xC5, .unsupported), (0xC7, .unsupported)] {
      try shop.make(JPEGWorkshop.recipes[2])
      var bytes = try shop.bytes("in.jpg")
      bytes[frame + 1] = UInt8(marker)
      try shop.write("in.jpg", bytes)
      do { try shop.rewrite(paint: PixelRect(x: 0, y: 0, width: 8, height: 8)) } catch let error as MediaError
      {
        #expect(error.code == code)
      }
    }
  }
}

/// The transform against its definition.
@Suite struct BlockTransformTests {
  @Test func bothDirectionsAreTheDefinition() {
    var state: UInt64 = 5
    func next() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 40) / Double(1 << 24)
    }
    let steps = [Float](repeating: 1, count: 64)
    for _ in 0..<20 {
      let coefficients = (0..<64).map { _ in Int16((next() - 0.5) * 200) }
      var samples = [Float](repeating: 0, count: 64)
      BlockTransform.samples(coefficients, steps, into: &samples)
      for y in 0..<8 {
        for x in 0..<8 {
          var sum = 0.0
          for v in 0..<8 {
            for u in 0..<8 {
              let scale = (u == 0 ? 0.5.squareRoot() : 1) * (v == 0 ? 0.5.squareRoot() : 1) / 4
              sum +=
                scale * Double(coefficients[8 * v + u]) * cos(Double((2 * x + 1) * u) * .pi / 16)
                * cos(Double((2 * y + 1) * v) * .pi / 16)
            }
          }
          #expect(abs(Double(samples[8 * y + x]) - 128 - sum) < 0.01)
        }
      }
      var back = [Int16](repeating: 0, count: 64)
      BlockTransform.coefficients(samples, steps, into: &back)
      #expect(back == coefficients)
    }
  }
}
