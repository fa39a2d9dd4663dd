import MediaCore
import Testing
import Typesetting

@testable import Labels

/// The blind search against what the embedder draws.
@Suite struct ExplicitDetectTests {
  static func detect(_ frame: PlaneFrame, texts: [String] = []) throws -> [Detection] {
    let detector = try ExplicitTextLabel().makeDetector(
      for: frame.info, query: LabelQuery(texts: texts), typesetter: Font.embedded.makeTypesetter())
    try detector.observe(frame)
    return try detector.finish()
  }

  /// `frame` at half its size, by means of four pixels.
  static func halved(_ frame: PlaneFrame) -> PlaneFrame {
    let size = PixelSize(width: frame.size.width / 2, height: frame.size.height / 2)
    let planes = frame.planes.map { plane -> SamplePlane in
      var samples: [UInt16] = []
      for y in 0..<size.height {
        for x in 0..<size.width {
          let index = 2 * y * plane.width + 2 * x
          let sum =
            Int(plane.samples[index]) + Int(plane.samples[index + 1])
            + Int(plane.samples[index + plane.width])
            + Int(plane.samples[index + plane.width + 1])
          samples.append(UInt16((sum + 2) / 4))
        }
      }
      return SamplePlane(width: size.width, height: size.height, maxValue: plane.maxValue, samples: samples)
    }
    return PlaneFrame(size: size, orientation: frame.orientation, model: frame.model, planes: planes)
  }

  /// Every phrase at one position and every position with one phrase at least.
  static let placements = StandardPhrases.all.enumerated().map { index, text in
    (text, LabelPosition.allCases[index % LabelPosition.allCases.count])
  }

  @Test(arguments: placements) func whatWasEmbeddedIsFound(_ text: String, _ position: LabelPosition) throws {
    let ground = position.rawValue.count % 2 == 0 ? Ground.gradient : .noise
    let frame = Coding(model: .gray).frame(ground, PixelSize(width: 330, height: 250))
    let embedding = try ExplicitEmbedTests.embed(ExplicitEmbedTests.record(text, position), in: frame)
    let found = try Self.detect(frame)
    #expect(found.count == 1)
    #expect(found.first?["text"] == text)
    #expect(found.first?["position"] == position.rawValue)
    let box = try #require(found.first?.box)
    let common = box.intersection(embedding.box).size.pixelCount
    #expect(common * 10 >= embedding.box.size.pixelCount * 8)
  }

  @Test(arguments: Orientation.allCases) func everyOrientationIsSearchedUpright(_ orientation: Orientation)
    throws
  {
    let size = orientation.displaySize(ofStored: PixelSize(width: 300, height: 200))
    let frame = Coding(model: .rgb).frame(.gradient, size, orientation)
    let embedding = try ExplicitEmbedTests.embed(ExplicitEmbedTests.record(), in: frame)
    let found = try Self.detect(frame)
    #expect(found.first?["text"] == "AI生成")
    #expect(try #require(found.first?.box).intersection(embedding.box).isEmpty == false)
  }

  @Test(arguments: Coding.all) func everyCodingIsSearched(_ coding: Coding) throws {
    let frame = coding.frame(.gradient, PixelSize(width: 160, height: 240))
    try ExplicitEmbedTests.embed(ExplicitEmbedTests.record(), in: frame)
    #expect(try Self.detect(frame).first?["text"] == "AI生成")
  }

  @Test(arguments: ["AI生成", "人工智能生成", "由AI生成"], [Ground.white, .black, .gradient, .noise])
  func halfTheSizeIsStillFound(_ text: String, _ ground: Ground) throws {
    let frame = Coding(model: .gray).frame(ground, PixelSize(width: 520, height: 400))
    try ExplicitEmbedTests.embed(ExplicitEmbedTests.record(text), in: frame)
    #expect(try Self.detect(Self.halved(frame)).first?["text"] == text)
  }

  @Test func ownTextsAreFoundWhenAskedFor() throws {
    let text = "豆包AI生成"
    let frame = Coding(model: .gray).frame(.gradient, PixelSize(width: 400, height: 300))
    try ExplicitEmbedTests.embed(ExplicitEmbedTests.record(text, .topLeft), in: frame)
    #expect(try Self.detect(frame, texts: [text]).first?["text"] == text)
  }

  @Test func aQueryThatCannotBeSetIsRefused() throws {
    let frame = Coding(model: .gray).frame(.grey, PixelSize(width: 100, height: 100))
    let error = try #require(throws: MediaError.self) { try Self.detect(frame, texts: ["🦉"]) }
    #expect(error.code == .invalidArgument)
  }

  @Test(arguments: Ground.allCases, [PixelSize(width: 260, height: 241), PixelSize(width: 97, height: 61)])
  func unlabelledPicturesShowNothing(_ ground: Ground, _ shape: PixelSize) throws {
    #expect(try Self.detect(Coding(model: .gray).frame(ground, shape)).isEmpty)
  }

  @Test(arguments: [(1, 1), (1, 4000), (4000, 1), (13, 9), (30, 30)])
  func degenerateSizesAreSearchedToo(_ width: Int, _ height: Int) throws {
    let frame = Coding(model: .gray).frame(.noise, PixelSize(width: width, height: height))
    #expect(try Self.detect(frame).isEmpty)
  }

  @Test func correlationAgreesWithItsDefinition() throws {
    let mask = try Font.embedded.makeTypesetter().mask(for: "AI生成", inkHeight: 16)
    let template = TextTemplate(mask)
    let frame = Coding(model: .gray).frame(.noise, PixelSize(width: 90, height: 40))
    let patch = try TonePatch(frame, shown: PixelRect(x: 0, y: 0, width: 90, height: 40))
    let rim = (x: (template.width - mask.width) / 2, y: (template.height - mask.height) / 2)
    for (x, y) in [(0, 0), (3, 5), (90 - template.width, 40 - template.height)] {
      var a: [Double] = []
      var b: [Double] = []
      for row in 0..<template.height {
        for column in 0..<template.width {
          let inside = (rim.x..<rim.x + mask.width) ~= column && (rim.y..<rim.y + mask.height) ~= row
          a.append(inside ? Double(mask.coverage[(row - rim.y) * mask.width + column - rim.x]) : 0)
          b.append(Double(frame.planes[0].samples[(y + row) * 90 + x + column]))
        }
      }
      let meanA = a.reduce(0, +) / Double(a.count)
      let meanB = b.reduce(0, +) / Double(b.count)
      let covariance = zip(a, b).reduce(0) { $0 + ($1.0 - meanA) * ($1.1 - meanB) }
      let spread = { (v: [Double], m: Double) in v.reduce(0) { $0 + ($1 - m) * ($1 - m) } }
      let expected = covariance / (spread(a, meanA) * spread(b, meanB)).squareRoot()
      #expect(abs(template.correlation(patch, x: x, y: y) - expected) < 0.01)
    }
    #expect(template.correlation(patch, x: -1, y: 0) == 0)
    #expect(template.correlation(patch, x: 91 - template.width, y: 0) == 0)
  }
}
