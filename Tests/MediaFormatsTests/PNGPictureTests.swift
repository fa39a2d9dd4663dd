import Foundation
import MediaCore
import Testing

@testable import MediaFormats

/// Edits of the picture, judged by ImageMagick's decoder and pngcheck.
@Suite struct PNGPictureTests {
  static let kinds: [(type: Int, depth: Int)] =
    [1, 2, 4, 8, 16].map { (0, $0) } + [8, 16].map { (2, $0) } + [1, 2, 4, 8].map { (3, $0) }
    + [8, 16].map { (4, $0) } + [8, 16].map { (6, $0) }

  /// Rectangles of pixels outside of `box` are equal, and inside `written` is what the decoder shows.
  static func compare(
    _ old: [UInt16], _ new: [UInt16], width: Int, outcome: PNGEditing.Outcome, isExact: Bool, name: String
  ) {
    let box = outcome.box
    var strays = 0
    for pixel in 0..<old.count / 4 {
      let isInside = box.intersection(PixelRect(x: pixel % width, y: pixel / width, width: 1, height: 1))
      guard isInside.isEmpty else { continue }
      if (0..<4).contains(where: { old[4 * pixel + $0] != new[4 * pixel + $0] }) { strays += 1 }
    }
    #expect(strays == 0, "\(name): \(strays) pixels outside of \(box) changed")
    #expect(old != new, "\(name): nothing changed")
    guard isExact, let region = outcome.written else { return }
    var wrong = 0
    for y in 0..<region.rect.height {
      for x in 0..<region.rect.width {
        let pixel = 4 * ((region.rect.y + y) * width + region.rect.x + x)
        for channel in 0..<3 {
          let plane = region.planes[min(channel, region.planes.count - 1)]
          let value = Int(plane.samples[y * region.rect.width + x]) * 65535 / Int(plane.maxValue)
          if Int(new[pixel + channel]) != value { wrong += 1 }
        }
      }
    }
    #expect(wrong == 0, "\(name): \(wrong) samples in the box are not what was written")
  }

  @Test func everyKindKeepsThePixelsOutsideOfTheBox() throws {
    var specs: [PNGSpec] = []
    for (type, depth) in Self.kinds {
      for interlace in [0, 1] {
        for filter in 0...5 {
          specs.append(
            PNGSpec(
              name: "t\(type)d\(depth)i\(interlace)f\(filter)", type: type, depth: depth,
              interlace: interlace,
              filter: filter, seed: specs.count))
        }
      }
    }
    let shop = try PNGWorkshop(specs)
    var outcomes: [String: PNGEditing.Outcome] = [:]
    for (index, spec) in specs.enumerated() {
      let rect = PixelRect(x: index % 30, y: index % 23, width: 31, height: 17)
      let outcome = try PNGEditing.rewrite(
        shop.source(spec.name), to: shop.result(spec.name), painting: [rect])
      #expect(outcome.box.intersection(rect) == outcome.box, "\(spec.name)")
      outcomes[spec.name] = outcome
      if outcome.notes.allSatisfy({ !$0.contains("palette") && !$0.contains("greyscale") }) {
        let old = PNGEditing.ancillary(try PNGEditing.bytes(shop.source(spec.name)))
        let new = PNGEditing.ancillary(try PNGEditing.bytes(shop.result(spec.name)))
        if spec.type == 3 {
          #expect(old.count == new.count, "\(spec.name)")
        } else {
          #expect(old == new, "\(spec.name)")
        }
      }
    }
    #expect(try PNGWorkshop.pngcheck(shop.results) == "")
    let before = try PNGWorkshop.decodeAll(shop.sources)
    let after = try PNGWorkshop.decodeAll(shop.results)
    for spec in specs {
      let outcome = try #require(outcomes[spec.name])
      Self.compare(
        try #require(before[spec.name]), try #require(after[spec.name]), width: spec.width, outcome: outcome,
        isExact: true, name: spec.name)
    }
  }

  /// Streams of every level and strategy, edited in up to three places: the rest of their bits is kept, the whole
  /// inflates to the new picture, and the file grows by at most 5 %.
  @Test func splicedStreamsInflateToTheNewPicture() throws {
    var specs: [PNGSpec] = []
    for level in 0...9 {
      specs.append(
        PNGSpec(
          name: "level\(level)", type: 0, width: 700, height: 400, level: level,
          content: ["noise", "smooth", "text"][level % 3], seed: level))
    }
    for strategy in 1...4 {
      for content in ["smooth", "text", "flat"] {
        specs.append(
          PNGSpec(
            name: "strategy\(strategy)\(content)", type: 2, filter: strategy == 4 ? 0 : 5, width: 300,
            height: 250, strategy: strategy, content: content, chunkSize: strategy == 3 ? 0 : 5000,
            seed: strategy))
      }
    }
    specs.append(
      PNGSpec(name: "adam7", type: 2, interlace: 1, width: 300, height: 200, content: "smooth"))
    specs.append(
      PNGSpec(name: "window", type: 0, width: 500, height: 200, windowBits: 10, content: "text"))
    let shop = try PNGWorkshop(specs)
    var random = SystemRandomNumberGenerator.seeded(7)
    var outcomes: [String: PNGEditing.Outcome] = [:]
    for spec in specs {
      let rects = (0..<Int.random(in: 1...3, using: &random)).map { _ in
        PixelRect(
          x: Int.random(in: 0..<spec.width - 60, using: &random),
          y: Int.random(in: 0..<spec.height - 20, using: &random), width: 60, height: 20)
      }
      outcomes[spec.name] = try PNGEditing.rewrite(
        shop.source(spec.name), to: shop.result(spec.name), painting: rects)
      let sizes = try [shop.source(spec.name), shop.result(spec.name)].map { try PNGEditing.bytes($0).count }
      #expect(Double(sizes[1]) <= 1.05 * Double(sizes[0]) + 512, "\(spec.name): \(sizes)")
    }
    #expect(try PNGWorkshop.pngcheck(shop.results) == "")
    let before = try PNGWorkshop.decodeAll(shop.sources)
    let after = try PNGWorkshop.decodeAll(shop.results)
    for spec in specs {
      Self.compare(
        try #require(before[spec.name]), try #require(after[spec.name]), width: spec.width,
        outcome: try #require(outcomes[spec.name]), isExact: true, name: spec.name)
    }
  }

  @Test func unchangedPicturesKeepTheirBytes() throws {
    let shop = try PNGWorkshop([PNGSpec(name: "a", trailing: "00ff00ff")])
    let file = try PNGEditing.open(shop.source("a"))
    let output = try OutputFile(path: shop.result("a"))
    let edit = FrameEdit { (frame) throws(MediaError) in
      _ = try frame.writeRegion(try frame.readRegion(PixelRect(x: 3, y: 4, width: 20, height: 20)))
    }
    try file.rewrite(to: output, changes: MetadataChanges(), edit: MediaEdit(frames: edit))
    try output.commit(.rename)
    #expect(try PNGEditing.bytes(shop.source("a")) == PNGEditing.bytes(shop.result("a")))
  }
}

/// A repeatable stream of numbers (SplitMix64).
struct PNGSeededGenerator: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

extension SystemRandomNumberGenerator {
  static func seeded(_ seed: UInt64) -> PNGSeededGenerator { PNGSeededGenerator(state: seed) }
}
