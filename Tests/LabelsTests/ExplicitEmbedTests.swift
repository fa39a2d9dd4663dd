import MediaCore
import Testing
import Typesetting

@testable import Labels

/// What the explicit label promises of every picture it is drawn on.
@Suite struct ExplicitEmbedTests {
  static let shapes = [
    PixelSize(width: 512, height: 512), PixelSize(width: 640, height: 360),
    PixelSize(width: 360, height: 640),
    PixelSize(width: 840, height: 360), PixelSize(width: 64, height: 64), PixelSize(width: 97, height: 61),
    PixelSize(width: 1500, height: 20), PixelSize(width: 301, height: 1024),
  ]

  static func record(
    _ text: String = "AI生成", _ position: LabelPosition = .bottomRight, fraction: Double = 0.05,
    any: Bool = false
  ) -> LabelRecord {
    LabelRecord(
      text: text, position: position, textHeightFraction: fraction, allowsAnyText: any, producer: "x",
      produceID: "y")
  }

  @discardableResult
  static func embed(_ record: LabelRecord, in frame: PlaneFrame) throws -> Embedding {
    try ExplicitTextLabel()
      .makeEmbedder(record, for: frame.info, typesetter: Font.embedded.makeTypesetter()).embed(in: frame)
  }

  /// Rows, in display order, between the first and the last in which the ink's tone is reached well inside the
  /// plate's columns: the height of the text as it is seen.
  static func inkRows(_ before: PlaneFrame, _ after: PlaneFrame, _ box: PixelRect) -> Int {
    // Black under it takes light ink on a dark plate, so ink is what got brighter than half.
    let display = after.orientation.displaySize(ofStored: after.size)
    let tone = after.shown(after.planes[0])
    let old = before.shown(before.planes[0])
    let half = after.planes[0].maxValue / 2
    let rows = (0..<display.height).filter { y in
      (0..<display.width).contains {
        tone[y * display.width + $0] > half && old[y * display.width + $0] <= half
      }
    }
    guard let first = rows.first, let last = rows.last else { return 0 }
    return last - first + 1
  }

  @Test(arguments: shapes, LabelPosition.allCases)
  func textIsAsHighAsTheClauseAsks(_ shape: PixelSize, _ position: LabelPosition) throws {
    let coding = Coding(model: .gray)
    let before = coding.frame(.black, shape)
    let after = coding.frame(.black, shape)
    let embedding = try Self.embed(Self.record("AI生成", position), in: after)
    let rows = Self.inkRows(before, after, embedding.box)
    #expect(Double(rows) >= 0.05 * Double(shape.shortestSide))
    #expect(rows >= 9)
    #expect(rows == embedding.textHeight)
  }

  @Test func hugePicturesGetFivePercent() throws {
    let coding = Coding(model: .gray)
    let shape = PixelSize(width: 8192, height: 8192)
    let plane = SamplePlane(
      width: 8192, height: 8192, samples: [UInt16](repeating: 0, count: shape.pixelCount))
    let frame = PlaneFrame(size: shape, model: coding.model, planes: [plane])
    let embedding = try Self.embed(Self.record(), in: frame)
    #expect(embedding.textHeight >= 410)
    #expect(Contrast.ratio(1, SRGB.linear(0.07)) > 4.5)
    #expect(frame.planes[0].samples.contains(255))
  }

  @Test(arguments: [("AI生成", 0.05), ("人工智能生成合成内容", 0.05), ("由AI生成", 0.08), ("AI合成", 0.2)])
  func fractionsAreHonoured(_ text: String, _ fraction: Double) throws {
    let shape = PixelSize(width: 900, height: 600)
    let frame = Coding(model: .gray).frame(.black, shape)
    let embedding = try Self.embed(Self.record(text, fraction: fraction), in: frame)
    #expect(Double(embedding.textHeight) >= fraction * 600)
    #expect(Double(embedding.textHeight) <= fraction * 600 + 2)
    #expect(embedding.text == text)
  }

  @Test func whatCannotFitSaysWhatWould() throws {
    let tooSmall = [
      (PixelSize(width: 1, height: 4000), "AI生成"), (PixelSize(width: 4000, height: 1), "AI生成"),
      (PixelSize(width: 1, height: 1), "AI生成"),
      (PixelSize(width: 1024, height: 1024), "由人工智能技术生成合成的图片，仅供参考，请仔细甄别"),
      (PixelSize(width: 300, height: 2000), "人工智能生成合成内容，人工智能生成合成内容"),
    ]
    for (shape, text) in tooSmall {
      let error = try #require(throws: MediaError.self) {
        try ExplicitTextLabel().makeEmbedder(
          Self.record(text), for: MediaInfo(format: .init(rawValue: "planes"), kind: .image, size: shape),
          typesetter: Font.embedded.makeTypesetter())
      }
      #expect(error.code == .insufficientCapacity)
      let match = try #require(error.message.firstMatch(of: /at least (\d+)×(\d+) pixels/))
      let enough = PixelSize(width: Int(match.1) ?? 0, height: Int(match.2) ?? 0)
      #expect(enough.width >= shape.width && enough.height >= shape.height)
      #expect(throws: Never.self) {
        try ExplicitTextLabel().makeEmbedder(
          Self.record(text), for: MediaInfo(format: .init(rawValue: "planes"), kind: .image, size: enough),
          typesetter: Font.embedded.makeTypesetter())
      }
    }
  }

  @Test(arguments: Coding.all, Orientation.allCases)
  func everyOrientationShowsTheSamePicture(_ coding: Coding, _ orientation: Orientation) throws {
    guard coding.chroma == PixelSize(width: 1, height: 1) else { return }
    let display = PixelSize(width: 201, height: 120)
    let stored = orientation.displaySize(ofStored: display)
    let upright = coding.frame(.grey, display)
    let turned = coding.frame(.grey, stored, orientation)
    upright.alpha = nil
    turned.alpha = nil
    try Self.embed(Self.record(), in: upright)
    try Self.embed(Self.record(), in: turned)
    for index in upright.planes.indices {
      #expect(turned.shown(turned.planes[index]) == upright.shown(upright.planes[index]))
    }
  }

  @Test(arguments: Coding.all, Orientation.allCases)
  func nothingOutsideTheBoxChanges(_ coding: Coding, _ orientation: Orientation) throws {
    let before = coding.frame(.noise, PixelSize(width: 111, height: 83), orientation)
    let after = coding.frame(.noise, before.size, orientation)
    // Every position meets every orientation in some coding.
    let index = coding.testDescription.utf8.reduce(0) { $0 &+ Int($1) } + Int(orientation.rawValue)
    let position = LabelPosition.allCases[index % LabelPosition.allCases.count]
    let box = try Self.embed(Self.record("AI生成", position), in: after).box
    var changed = 0
    var strays: [String] = []
    for (old, new) in zip(before.everyPlane, after.everyPlane) {
      for index in old.samples.indices where old.samples[index] != new.samples[index] {
        changed += 1
        let x = index % old.width * old.horizontalSubsampling
        let y = index / old.width * old.verticalSubsampling
        if x < box.x || x >= box.maxX || y < box.y || y >= box.maxY { strays.append("\(x),\(y)") }
      }
    }
    #expect(strays.isEmpty, "outside \(box)")
    #expect(changed > 200)
  }

  @Test(arguments: Ground.allCases, Coding.all)
  func inkStandsOffItsPlate(_ ground: Ground, _ coding: Coding) throws {
    let frame = coding.frame(ground, PixelSize(width: 80, height: 48))
    try Self.embed(Self.record(), in: frame)
    let (mask, layout) = try LabelSizing.fit(
      Self.record(), in: frame.size, typesetter: Font.embedded.makeTypesetter())
    let coverage = PlateCoverage(layout, mask: mask, orientation: .up, over: frame.whole.rect)
    #expect(frame.contrast(coverage) >= 4.5)
  }

  @Test func coarseQuantisersGetAnOpaquePlate() throws {
    let size = PixelSize(width: 240, height: 160)
    let frame = Coding(model: .gray).frame(.noise, size)
    // Six levels, each rounded towards the ground's grey: what a translucent plate gains is lost again.
    frame.quantise = { UInt16(min(255, (Int($0) + 32) / 64 * 64)) }
    try Self.embed(Self.record(), in: frame)
    let (mask, layout) = try LabelSizing.fit(
      Self.record(), in: size, typesetter: Font.embedded.makeTypesetter())
    let coverage = PlateCoverage(layout, mask: mask, orientation: .up, over: frame.whole.rect)
    #expect(frame.contrast(coverage) >= 4.5)
  }

  @Test func transparentGroundsGetAPlateForAnyPage() throws {
    for coding in Coding.all where coding.hasAlpha {
      let frame = coding.frame(.red, PixelSize(width: 240, height: 160))
      let embedding = try Self.embed(Self.record(), in: frame)
      let alpha = try #require(frame.alpha)
      let box = embedding.box
      let middle = alpha.samples[(box.y + box.height / 2) * alpha.width + box.x + 3]
      #expect(Double(middle) >= 0.9 * Double(alpha.maxValue))
    }
  }

  @Test func embeddingIsRepeatable() throws {
    let one = Coding(model: .rgb).frame(.noise, PixelSize(width: 240, height: 160))
    let two = Coding(model: .rgb).frame(.noise, one.size)
    try Self.embed(Self.record(), in: one)
    try Self.embed(Self.record(), in: two)
    #expect(one.planes == two.planes)
  }

  @Test func aFrameOfAnotherSizeIsRefused() throws {
    let info = Coding(model: .gray).frame(.grey, PixelSize(width: 300, height: 200)).info
    let embedder = try ExplicitTextLabel().makeEmbedder(
      Self.record(), for: info, typesetter: Font.embedded.makeTypesetter())
    let other = Coding(model: .gray).frame(.grey, PixelSize(width: 30, height: 20))
    let error = try #require(throws: MediaError.self) { try embedder.embed(in: other) }
    #expect(error.code == .malformed)
  }
}

/// GB 45438-2025 5.2 on the text itself.
@Suite struct ExplicitTextRuleTests {
  @Test(arguments: ["AI生成", "AI合成", "人工智能生成", "由AI生成合成", "豆包AI生成", "本图由人工智能合成"])
  func bothElementsPass(_ text: String) throws {
    try TextRule.check(ExplicitEmbedTests.record(text))
  }

  @Test(arguments: ["AI", "生成", "AI generated", "ai生成", "ＡＩ生成", "AI创作", "人工智能", "机器生成", ""])
  func aMissingElementIsRefusedWithTheClause(_ text: String) throws {
    let error = try #require(throws: MediaError.self) { try TextRule.check(ExplicitEmbedTests.record(text)) }
    #expect(error.code == .invalidArgument)
    #expect(error.message.contains("GB 45438-2025 5.2"))
    #expect(throws: Never.self) { try TextRule.check(ExplicitEmbedTests.record(text, any: true)) }
  }

  @Test(arguments: [0.049, 0.0, -1, .nan, .infinity, 0.51]) func heightsAgainstTheClauseAreRefused(
    _ fraction: Double
  ) throws {
    let error = try #require(throws: MediaError.self) {
      try TextRule.check(ExplicitEmbedTests.record(fraction: fraction))
    }
    #expect(error.code == .invalidArgument)
  }

  @Test func rowsAreRoundedUp() {
    for side in 1...3000 {
      let rows = TextRule.rows(0.05, of: PixelSize(width: side, height: 5000))
      #expect(rows * 20 >= side && rows * 20 < side + 40)
    }
  }
}
