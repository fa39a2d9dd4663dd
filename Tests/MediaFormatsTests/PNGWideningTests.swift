import MediaCore
import Testing

@testable import MediaFormats

/// Palettes that are given up for what is drawn, judged by ImageMagick's decoder and pngcheck.
@Suite struct PNGWideningTests {
  static let specs = [1, 2, 4, 8].flatMap { depth in
    [0, 1].map { interlace in
      PNGSpec(
        name: "d\(depth)i\(interlace)", type: 3, depth: depth, interlace: interlace, filter: 5,
        seed: 10 * depth + interlace)
    }
  }

  /// A pixel that no palette would have to hold comes out as it was drawn, all others as they were.
  @Test func samplesTakeAnyValue() throws {
    let shop = try PNGWorkshop(Self.specs)
    var written: [String: [UInt16]] = [:]
    for spec in Self.specs {
      let pixel = PixelRect(x: 3, y: 5, width: 1, height: 1)
      try PNGPackedFrameTests.visit(shop.source(spec.name), to: shop.result(spec.name)) {
        frame throws(MediaError) in
        let whole = PNGPackedFrameTests.whole(frame)
        let before = try frame.readRegion(whole)
        try frame.widen()
        #expect(try frame.readRegion(whole).planes == before.planes, "\(spec.name)")
        var region = try frame.readRegion(pixel)
        for plane in region.planes.indices { region.planes[plane].samples[0] ^= UInt16(37 + 11 * plane) }
        written[spec.name] = region.planes.map { $0.samples[0] }
        try frame.writeRegion(region)
      }
    }
    #expect(try PNGWorkshop.pngcheck(shop.results) == "")
    let (before, after) = (try PNGWorkshop.decodeAll(shop.sources), try PNGWorkshop.decodeAll(shop.results))
    for spec in Self.specs {
      let (old, new) = (try #require(before[spec.name]), try #require(after[spec.name]))
      let place = 4 * (5 * spec.width + 3)
      let drawn = try #require(written[spec.name]).map { $0 * 257 }
      #expect(Array(new[place..<place + 3]) == drawn, "\(spec.name)")
      let others = zip(old, new).enumerated().count { !(place..<place + 4).contains($0) && $1.0 != $1.1 }
      #expect(others == 0, "\(spec.name)")
    }
  }

  /// What is taken back leaves no trace.
  @Test func narrowingTakesItAllBack() throws {
    let shop = try PNGWorkshop(Self.specs)
    for spec in Self.specs {
      try PNGPackedFrameTests.visit(shop.source(spec.name), to: shop.result(spec.name)) {
        frame throws(MediaError) in
        try frame.widen()
        var region = try frame.readRegion(PNGPackedFrameTests.whole(frame))
        for plane in region.planes.indices { region.planes[plane].samples.reverse() }
        try frame.writeRegion(region)
        frame.narrow()
      }
      let isSame = try PNGEditing.bytes(shop.source(spec.name)) == PNGEditing.bytes(shop.result(spec.name))
      #expect(isSame, "\(spec.name)")
    }
  }

  /// There is nothing to widen.
  @Test func aPictureWithoutPaletteStays() throws {
    let shop = try PNGWorkshop([PNGSpec(name: "rgb", type: 2)])
    try PNGPackedFrameTests.visit(shop.source("rgb"), to: shop.result("rgb")) { frame throws(MediaError) in
      try frame.widen()
      frame.narrow()
    }
    let isSame = try PNGEditing.bytes(shop.source("rgb")) == PNGEditing.bytes(shop.result("rgb"))
    #expect(isSame)
  }
}
