import Foundation
import MediaCore
import Testing

@testable import Labels

/// Laws of the image watermark on frames in memory.
@Suite struct WatermarkTests {
  static let key = WatermarkKey(bytes: (0..<32).map { UInt8($0) }).unsafelyUnwrapped
  static let otherKey = WatermarkKey(bytes: (1..<33).map { UInt8($0) }).unsafelyUnwrapped
  static let payload = WatermarkPayload(bits: 0x0123_4567_89AB_CDEF)

  /// Soft shapes and grain, as pictures have.
  static func picture(
    _ width: Int, _ height: Int, model: ColorModel = .gray, maxValue: UInt16 = 255, alpha: SamplePlane? = nil,
    seed: UInt64 = 5
  ) -> PlaneFrame {
    var random = PolarCodeTests.Random(state: seed)
    let count = model == .gray ? 1 : 3
    let tone = Double(maxValue) / 255
    let planes = (0..<count).map { plane in
      SamplePlane(
        width: width, height: height, maxValue: maxValue,
        samples: (0..<width * height).map { index in
          let (x, y) = (Double(index % width), Double(index / width))
          let shape = 128 + 50 * sin(x / 37 + Double(plane)) * cos(y / 29) + 20 * sin((x + 2 * y) / 11)
          return UInt16(min(max((shape + 6 * Double(random.normal())) * tone, 0), Double(maxValue)))
        })
    }
    return PlaneFrame(
      size: PixelSize(width: width, height: height), model: model, planes: planes, alpha: alpha)
  }

  static func mark(_ frame: PlaneFrame, _ key: WatermarkKey = key) throws -> Embedding {
    try ImageWatermarkEmbedder(TileCode(key), payload).embed(in: frame)
  }

  static func payloads(in frame: PlaneFrame, _ keys: [WatermarkKey] = [key]) throws -> [String] {
    let detector = ImageWatermarkDetector(keys, WatermarkSearch(keys.map { TileCode($0) }))
    try detector.observe(frame)
    return try detector.finish().compactMap { $0["payload"] }
  }

  static func error(_ a: PlaneFrame, _ b: PlaneFrame) -> Double {
    let scale = 255 / Double(a.planes[0].maxValue)
    var sum = 0.0
    for (p, q) in zip(a.planes, b.planes) {
      for (x, y) in zip(p.samples, q.samples) { sum += pow((Double(x) - Double(y)) * scale, 2) }
    }
    return sum / Double(a.planes.count * a.planes[0].samples.count)
  }

  @Test func payloadsAreThePublishedVectors() {
    #expect(WatermarkPayload(producer: "X", produceID: "1").description == "d0f88d8b9bba47c2")
    #expect(
      WatermarkPayload(producer: "001191110000MA0000000H10001", produceID: "2026-000001").description
        == "b3105c0f6119ef43")
    #expect(WatermarkPayload(hexadecimal: "0123456789abcdef") == Self.payload)
    for text in ["", "0123", "0123456789abcdeg", "+123456789abcdef"] {
      #expect(WatermarkPayload(hexadecimal: text) == nil)
    }
  }

  @Test(arguments: [
    (ColorModel.gray, UInt16(255)), (.rgb, 255), (.ycbcr, 255), (.gray, 65535), (.cmyk(inverted: true), 255),
  ])
  func whatIsEmbeddedIsReadAndHardlyDiffers(_ model: ColorModel, _ maxValue: UInt16) throws {
    let isInk = model == .cmyk(inverted: true)
    let frame = Self.picture(256, 256, model: isInk ? .rgb : model, maxValue: maxValue)
    let marked = PlaneFrame(
      size: frame.size, model: model, planes: isInk ? frame.planes + [frame.planes[0]] : frame.planes)
    let source = PlaneFrame(size: frame.size, model: model, planes: marked.planes)
    let embedding = try Self.mark(marked)
    #expect(embedding.fields.first == .init("payload", Self.payload.description))
    #expect(try Self.payloads(in: marked) == [Self.payload.description])
    #expect(10 * log10(255 * 255 / Self.error(source, marked)) > 39)
    // What is reported is of the planes that are marked, the first of which is always one.
    let (before, after) = (source.planes[0], marked.planes[0])
    let squares = zip(before.samples, after.samples).reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
    let psnr = 10 * log10(pow(Double(before.maxValue), 2) * Double(before.samples.count) / squares)
    let reported = try #require(embedding.fields.first { $0.name == "psnr" }.flatMap { Double($0.value) })
    #expect(abs(reported - psnr) < 0.5, "reported \(reported), is \(psnr)")
  }

  @Test func aWrongKeyFindsNothingAndTheRightOneOfManyDoes() throws {
    let frame = Self.picture(256, 256)
    _ = try Self.mark(frame)
    #expect(try Self.payloads(in: frame, [Self.otherKey]) == [])
    #expect(try Self.payloads(in: frame, [Self.otherKey, Self.key]) == [Self.payload.description])
    #expect(try Self.payloads(in: Self.picture(256, 256)) == [])
  }

  @Test func embeddingTwiceIsEmbeddingOnceAndAlwaysTheSame() throws {
    let (frame, twin) = (Self.picture(256, 256), Self.picture(256, 256))
    _ = try Self.mark(frame)
    _ = try Self.mark(twin)
    #expect(frame.planes == twin.planes)
    let again = try Self.mark(frame)
    #expect(frame.planes == twin.planes)
    #expect(again.fields.contains(.init("present", "true")))
  }

  @Test func turnedMirroredNegativeAndCutPicturesAreRead() throws {
    let frame = Self.picture(320, 256)
    _ = try Self.mark(frame)
    let samples = frame.planes[0].samples
    func altered(_ width: Int, _ height: Int, _ value: (Int, Int) -> UInt16) -> PlaneFrame {
      PlaneFrame(
        size: PixelSize(width: width, height: height), model: .gray,
        planes: [
          SamplePlane(
            width: width, height: height,
            samples: (0..<width * height).map { value($0 % width, $0 / width) })
        ])
    }
    let variants = [
      altered(256, 320) { samples[(255 - $0) * 320 + $1] },
      altered(320, 256) { samples[$1 * 320 + 319 - $0] },
      altered(320, 256) { 255 - samples[$1 * 320 + $0] },
      altered(270, 220) { samples[($1 + 21) * 320 + $0 + 37] },
    ]
    for (index, variant) in variants.enumerated() {
      #expect(try Self.payloads(in: variant) == [Self.payload.description], "variant \(index)")
    }
  }

  @Test func fullyTransparentPixelsStayAsTheyAre() throws {
    let alpha = SamplePlane(
      width: 256, height: 256, samples: (0..<256 * 256).map { $0 % 256 < 90 ? 0 : 255 })
    let (frame, source) = (
      Self.picture(256, 256, model: .rgb, alpha: alpha), Self.picture(256, 256, model: .rgb, alpha: alpha)
    )
    _ = try Self.mark(frame)
    #expect(frame.alpha == alpha)
    for index in 0..<256 * 256 where index % 256 < 90 {
      for plane in 0..<3 {
        #expect(frame.planes[plane].samples[index] == source.planes[plane].samples[index])
      }
    }
  }

  /// Adding up the tiles of a marked picture without its key, and laying the sum over another picture, must not make it
  /// pass for one of the payload.
  @Test func aFoldWithoutTheKeyDoesNotCarryThePayload() throws {
    let (source, marked) = (Self.picture(512, 512), Self.picture(512, 512))
    _ = try Self.mark(marked)
    // The strongest form of the attack: the attacker has the very difference.
    var tile = [Double](repeating: 0, count: 64 * 64)
    for index in 0..<512 * 512 {
      let difference = Double(marked.planes[0].samples[index]) - Double(source.planes[0].samples[index])
      tile[index / 512 % 64 * 64 + index % 64] += difference / 64
    }
    let forged = Self.picture(512, 512, seed: 77)
    for index in 0..<512 * 512 {
      let value = Double(forged.planes[0].samples[index]) + 1.5 * tile[index / 512 % 64 * 64 + index % 64]
      forged.planes[0].samples[index] = UInt16(min(max(value.rounded(), 0), 255))
    }
    #expect(try Self.payloads(in: forged) == [])
  }

  @Test func picturesTooSmallAreRefusedWithTheSizeThatWouldDo() throws {
    #expect {
      _ = try Self.mark(Self.picture(127, 400))
    } throws: { error in
      (error as? MediaError)?.code == .insufficientCapacity && "\(error)".contains("128")
    }
  }

  /// Of noise little can be read: it is marked anew and stronger as long as no more error follows than stays invisible, or refused.
  @Test(arguments: [130, 160, 200]) func whatIsDrawnStrongerStaysWithinTheLargestError(side: Int) throws {
    let largest = 255.0 * 255 / 8511
    #expect(EmbeddingStrength.largestFactor(from: largest) == 1)
    #expect(abs(EmbeddingStrength.largestFactor(from: largest / 2) - 2.squareRoot()) < 1e-9)
    // Less than 42.1 dB is for what stays very similar alone, and nothing leaves less similarity than invisible marks do.
    let (error, other) = (255.0 * 255 / 25119, 255.0 * 255 / 16218)
    #expect(
      abs(EmbeddingStrength.largestFactor(from: error, similarity: 0.9935) - (other / error).squareRoot())
        < 1e-9)
    #expect(EmbeddingStrength.largestFactor(from: error, similarity: 0.986) == 1)
    for seed: UInt64 in 1...2 {
      var random = PolarCodeTests.Random(state: seed)
      let frame = Self.picture(side, side)
      for index in frame.planes[0].samples.indices {
        frame.planes[0].samples[index] = UInt16(min(max(128 + 45 * random.normal(), 0), 255))
      }
      let before = frame.planes[0].samples
      do { _ = try Self.mark(frame) } catch let error as MediaError where error.code == .insufficientCapacity
      {}
      let squares = zip(before, frame.planes[0].samples).map { pow(Double($0) - Double($1), 2) }
      #expect(squares.reduce(0, +) / Double(squares.count) < 1.1 * largest)
    }
  }

  @Test func aPaletteIsGivenUpForTheMarkOnly() throws {
    let frame = Self.picture(256, 256)
    _ = try Self.mark(frame)
    #expect((frame.widenings, frame.narrowings) == (1, 0))
    _ = try Self.mark(frame)
    #expect((frame.widenings, frame.narrowings) == (2, 1), "the mark is there")
  }

  /// Nothing of a mark that is given up may stay, for the file is still written with its other labels.
  @Test func aMarkThatCannotBeReadIsTakenBack() throws {
    var random = PolarCodeTests.Random(state: 21)
    let samples = (0..<128 * 128).map { _ in UInt16(min(max(128 + 90 * random.normal(), 0), 255)) }
    func frame() -> PlaneFrame {
      PlaneFrame(
        size: PixelSize(width: 128, height: 128), model: .gray,
        planes: [SamplePlane(width: 128, height: 128, samples: samples)])
    }
    let (noise, source) = (frame(), frame())
    #expect(throws: MediaError.self) { try Self.mark(noise) }
    #expect(noise.planes == source.planes)
    #expect(noise.narrowings == 1)
    let steps = (0..<64).map { 4 + Float($0 / 8 + $0 % 8) }
    let (blocks, original) = (BlockFrame(source, steps: steps), BlockFrame(source, steps: steps))
    #expect(throws: MediaError.self) {
      try ImageWatermarkEmbedder(TileCode(Self.key), Self.payload).embed(in: blocks)
    }
    #expect(blocks.coefficients == original.coefficients)
  }

  /// Coefficients move by whole steps, of which the limits know nothing unless what was really added is measured.
  @Test(arguments: [Float(0.5), 2])
  func aMarkInCoefficientsKeepsItsLimits(_ slope: Float) throws {
    let picture = Self.picture(256, 256)
    let steps = (0..<64).map { 1 + slope * Float($0 / 8 + $0 % 8 + 2) }
    let (marked, source) = (BlockFrame(picture, steps: steps), BlockFrame(picture, steps: steps))
    _ = try ImageWatermarkEmbedder(TileCode(Self.key), Self.payload).embed(in: marked)
    let whole = PixelRect(x: 0, y: 0, width: 256, height: 256)
    let (a, b) = (try source.readRegion(whole).planes[0], try marked.readRegion(whole).planes[0])
    func plane(_ samples: SamplePlane) -> PlaneFrame {
      PlaneFrame(size: source.size, model: .gray, planes: [samples])
    }
    let error = Self.error(plane(a), plane(b))
    #expect(10 * log10(255 * 255 / error) > 42, "\(10 * log10(255 * 255 / error)) dB")
    #expect(try Self.payloads(in: plane(b)) == [Self.payload.description])
  }

  @Test func anyFrameIsSearchedWithoutACrash() throws {
    for (width, height) in [(1, 1), (63, 900), (64, 64), (1, 4000), (900, 64), (129, 255)] {
      for seed: UInt64 in [0, 1] {
        let frame = Self.picture(width, height, seed: seed)
        if seed == 0 { frame.planes[0].samples = frame.planes[0].samples.map { _ in 255 } }
        #expect(try Self.payloads(in: frame) == [])
      }
    }
  }
}

/// The watermark on what no camera and no artist makes.
@Suite struct StrangePictureTests {
  /// Bytes of a picture of each kind and layout: noise, few values, and only the two extremes.
  private static func bytes(_ index: Int) -> [UInt8] {
    var random = PolarCodeTests.Random(state: UInt64(1 + index))
    let sides = [(0, 0), (63, 399), (127, 199), (159, 159), (4095, 5), (2, 4095), (255, 99), (130, 195)][
      index % 8]
    let header = [
      UInt8(index % 6), UInt8(index / 6 % 256), UInt8(sides.0 & 255), UInt8(sides.0 >> 8),
      UInt8(sides.1 & 255),
      UInt8(sides.1 >> 8),
    ]
    return header
      + (0..<5000).map { _ in
        let value = UInt8(truncatingIfNeeded: random.next())
        return index % 3 == 0 ? value : index % 3 == 1 ? value & 3 : (value & 1) * 255
      }
  }

  @Test(arguments: Array(stride(from: 0, to: 48, by: 7)))
  func whateverIsSentIsSearchedAndMarkedOrRefused(_ index: Int) throws {
    let frame = StrangeFrames.frame(Self.bytes(index))
    let outcome = try StrangeFrames.outcome(
      of: frame, [WatermarkTests.key, WatermarkTests.otherKey], WatermarkTests.payload)
    #expect(outcome.unmarked.compactMap { $0["payload"] } == [], "of \(frame.size)")
    if let marked = outcome.marked {
      #expect(
        marked.compactMap { $0["payload"] } == [WatermarkTests.payload.description], "of \(frame.size)")
    }
  }
}

/// Parts of the watermark by themselves.
@Suite struct WatermarkPartTests {
  @Test func signsOfTilesCancelAndKeysDiffer() {
    let (code, other) = (TileCode(WatermarkTests.key), TileCode(WatermarkTests.otherKey))
    for signs in code.signs { #expect(signs.reduce(0, +) == 0) }
    #expect(code.order != other.order)
    #expect(code.mask != other.mask)
    #expect(Set(code.order).count == PolarCode.picture.length)
    #expect(code.message.count == 256)
    #expect(TileCode(WatermarkTests.key).mask == code.mask)
  }

  @Test func theTileHasUnitPowerAndItsBlocksAreItsTransform() {
    let pattern = TilePattern(TileCode(WatermarkTests.key), WatermarkTests.payload, eighths: 9)
    for plane in [pattern.plus, pattern.minus] {
      #expect(plane.count == 72 * 72)
      let power = plane.reduce(0) { $0 + $1 * $1 } / Float(plane.count)
      #expect(abs(power - 1) < 0.05, "\(power)")
      let blocks = CosineTransform.blocks(of: plane, side: 72)
      let energy = blocks.reduce(0) { $0 + $1 * $1 } / Float(plane.count)
      #expect(abs(energy - power) < 1e-3)
    }
  }

  @Test func momentsOfCoefficientsAreThoseOfTheSamples() {
    var random = PolarCodeTests.Random(state: 4)
    var samples = [Float](repeating: 0, count: 64)
    for index in samples.indices { samples[index] = Float((128 + 40 * random.normal()).rounded()) }
    let coefficients = CosineTransform.blocks(of: samples.map { $0 - 128 }, side: 8).map {
      Int16($0.rounded())
    }
    let steps = (0..<64).map { Float(1 + $0 % 3) }
    let quantised = zip(coefficients, steps).map { Int16((Float($0) / $1).rounded()) }
    var moments = CellMoments(width: 8, height: 8, cell: 8)
    for side in [9, 16, 72] {
      let reading = BlockReading(BlockShape(side: side), steps: steps)
      var kept = [Float](repeating: 0, count: reading.shape.count)
      var mean = [Float](repeating: 0, count: 1)
      mean.withUnsafeMutableBufferPointer { mean in
        BlockMoments(steps: steps).read(quantised, row: 0, into: &moments, reading.shape, &kept, mean)
      }
      var same = kept
      reading.read(quantised, columns: 1, into: &same)
      let expected = (0..<reading.shape.count).map { index -> Float in
        let place = index / reading.shape.pitch * 8 + index % reading.shape.pitch
        return Float(quantised[place]) * steps[place]
      }
      #expect(same == expected && mean == [expected[0]])
      let bounded = [0] + expected.dropFirst().map { min(max($0, -BlockFold.bound), BlockFold.bound) }
      #expect(kept == bounded)
    }
    let expected = CellMoments(LumaPlane(width: 8, height: 8, values: samples), cell: 8)
    #expect(abs(moments.sum[0] - expected.sum[0]) < 40)
    #expect(abs(moments.squares[0] - expected.squares[0]) < 0.02 * expected.squares[0])
    #expect(abs(moments.alongX[0] - expected.alongX[0]) < 60)
    #expect(abs(moments.alongY[0] - expected.alongY[0]) < 60)
  }

  /// A key's choice must not decide how much of a message outlasts what takes the high frequencies, or the low ones.
  @Test(arguments: [UInt8(1), 7, 200]) func everyKeyHasTheSameShareOfEachFrequency(_ byte: UInt8) throws {
    let key = try #require(WatermarkKey(bytes: [UInt8](repeating: byte, count: WatermarkKey.byteCount)))
    let code = TileCode(key)
    func square(_ wave: TileCode.Wave) -> Int { wave.x * wave.x + wave.y * wave.y }
    let all = Set((code.message + code.sync[0]).map { $0.x * 100 + $0.y })
    #expect(all.count == code.message.count + code.sync[0].count && code.message.count == 256)
    for limit in stride(from: 30, through: 250, by: 10) {
      let (message, sync) = (
        code.message.count { square($0) <= limit }, code.sync[0].count { square($0) <= limit }
      )
      #expect(abs(Double(message) - Double(message + sync) * 8 / 11) < 3, "\(limit)")
    }
    for pattern in code.sync {
      #expect(pattern.map { $0.x * 100 + $0.y } == code.sync[0].map { $0.x * 100 + $0.y })
    }
  }

  @Test func theBoundIsOnlyPassedWithEvidence() {
    var looks = LookCount(usual: 4)
    looks.add()
    let pose = ErrorShare.Pose(turns: 1, isTurned: false, isNegative: false, fit: .none)
    func log10p(_ statistic: Double, sync: Double = 0) -> Double {
      WatermarkDecision.log10p(
        statistic * statistic / 2, sync: sync * sync / 2, readings: looks, lattices: looks, pose: pose)
    }
    #expect(log10p(0) == 0)
    #expect(log10p(11) > WatermarkDecision.acceptance)
    #expect(log10p(12.5) < WatermarkDecision.acceptance)
    // Synchronisation helps only beyond what all geometries together may reach by chance.
    #expect(log10p(11, sync: 5) > WatermarkDecision.acceptance)
    #expect(log10p(11, sync: 9) < WatermarkDecision.acceptance)
    // However well a mark is seen, a message that is not believed is none.
    #expect(log10p(0, sync: 20) == 0)
  }

  @Test func aMapIsFoundFromWhatItMaps() throws {
    var map = TileMap(
      Lattice(side: 80, cosine: 0.98, sine: 0.2, aspect: 1.05, shear: 0.01), shiftX: 11, shiftY: 40)
    (map.g, map.h) = (0.004, -0.003)
    let sightings = (-3...3).flatMap { v in
      (-3...3).map { u -> TileMap.Sighting in
        let point = map.point(Double(u), Double(v))
        return .init(u: Double(u), v: Double(v), x: point.x, y: point.y, weight: 5)
      }
    }
    let start = TileMap(
      Lattice(side: 79, cosine: 0.98, sine: 0.2, aspect: 1.04, shear: 0), shiftX: 11, shiftY: 40)
    let found = try #require(TileMap.fit(sightings, around: start, isProjective: true))
    for sighting in sightings {
      let point = found.point(sighting.u, sighting.v)
      #expect(abs(point.x - sighting.x) < 0.1 && abs(point.y - sighting.y) < 0.1)
      let tile = map.tile(sighting.x, sighting.y)
      #expect(abs(tile.u - sighting.u) < 1e-6 && abs(tile.v - sighting.v) < 1e-6)
    }
  }

  /// Whole rows at a time and place by place must come to the same, or upright pictures would be searched differently.
  @Test(arguments: [0.0, 0.5])
  func anUprightFoldIsThatOfALatticeTurnedByNothing(_ offset: Double) {
    var random = PolarCodeTests.Random(state: 3)
    let plane = LumaPlane(width: 150, height: 131, values: (0..<150 * 131).map { _ in random.normal() })
    let upright = TileFold.of(plane, Lattice(ax: 50, ay: 0, bx: 0, by: 47), offset: offset)
    let turned = TileFold.of(plane, Lattice(ax: 50, ay: 1e-7, bx: 1e-7, by: 47), offset: offset)
    let differing = zip(upright, turned).filter { abs($0 - $1) > 0.01 }.count
    // At the very edge one of them may stop a place earlier.
    #expect(differing < 140, "\(differing)")
    #expect(upright.contains { $0 != 0 })
  }

  @Test func synchronisationIsFoundWhereItWasDrawn() {
    let code = TileCode(WatermarkTests.key)
    let pattern = TilePattern(code, WatermarkTests.payload, eighths: 8)
    let plane = LumaPlane(
      width: 128, height: 128,
      values: (0..<128 * 128).map { pattern.plus[($0 / 128 + 5) % 64 * 64 + ($0 % 128 + 9) % 64] })
    let match = SyncSearch(code).best(TileFold.of(plane, Lattice(ax: 64, ay: 0, bx: 0, by: 64), offset: 0))
    // The plane's middle is at pixel 63.5, which lies at cell 64 + 9.
    #expect((match.pattern, match.symmetry) == (TileCode.pattern(of: WatermarkTests.payload), 0))
    #expect((match.shiftX, match.shiftY) == (9, 5))
    #expect(!match.isNegative)
    #expect(match.score > 8)
  }
}
