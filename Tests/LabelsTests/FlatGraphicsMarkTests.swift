import Foundation
import MediaCore
import Testing

@testable import Labels

/// Flat graphics have wider tiles, and where their rows are bytes with colours a copy in blue.
@Suite struct FlatGraphicsMarkTests {
  /// Plain boxes in few colours, on white.
  static func picture(_ width: Int = 360, _ height: Int = 300, _ channels: PackedChannels = .rgb)
    -> PackedPicture
  {
    PackedPicture(width, height, channels) { x, y, channel in
      let box = (x / 60 + y / 50 * 3) % 5
      let color: (UInt8, UInt8, UInt8) =
        switch box {
        case 0: (200, 60, 40)
        case 1: (40, 120, 90)
        case 2: (90, 90, 200)
        default: (255, 255, 255)
        }
      return channel == 0 ? color.0 : channel == 1 ? color.1 : channel == 2 ? color.2 : 255
    }
  }

  static func mark(_ frame: any Frame) throws -> Embedding {
    try ImageWatermarkEmbedder(TileCode(WatermarkTests.key), WatermarkTests.payload).embed(in: frame)
  }

  static func payloads(in frame: any Frame) throws -> [String] {
    let keys = [WatermarkTests.key]
    let detector = ImageWatermarkDetector(keys, WatermarkSearch(keys.map { TileCode($0) }))
    try detector.observe(frame)
    return try detector.finish().compactMap { $0["payload"] }
  }

  @Test(arguments: [PackedChannels.rgb, .rgba]) func aCopyInBlueIsReadByItself(_ channels: PackedChannels)
    throws
  {
    let (marked, source) = (Self.picture(360, 300, channels), Self.picture(360, 300, channels))
    _ = try Self.mark(marked)
    #expect(try Self.payloads(in: marked) == [WatermarkTests.payload.description])
    var error = 0.0
    for (a, b) in zip(marked.samples, source.samples) { error += pow(Double(a) - Double(b), 2) }
    #expect(10 * log10(255 * 255 * Double(marked.samples.count) / error) > 42)
    let plane = try #require(try WorkingPlane(bluenessOf: marked))
    var outcome = WatermarkSearch.Outcome()
    WatermarkSearch([TileCode(WatermarkTests.key)]).search(
      blueness: SearchPyramid(plane.luma), of: marked.size, scale: plane.scale, nearby: [], into: &outcome)
    #expect(outcome.finding?.payload == WatermarkTests.payload.bits)
    #expect(outcome.finding.map { $0.log10p < WatermarkDecision.acceptance } ?? false)
    // Where luma is not read, that is enough for `label`.
    let search = WatermarkSearch([TileCode(WatermarkTests.key)])
    #expect(
      search.readAsDrawn(blueness: plane.luma, of: marked.size)?.payload == WatermarkTests.payload.bits)
    let unmarked = try #require(try WorkingPlane(bluenessOf: source))
    #expect(search.readAsDrawn(blueness: unmarked.luma, of: source.size) == nil)
  }

  /// White cuts off what is above it: as much is left there of the luma's mark as elsewhere, which no more than 0.75 grey levels are
  /// meant for.
  @Test func onWhiteTheMarkDeviatesAsInOtherFlatPlaces() throws {
    let marked = PackedPicture(512, 512, .rgb) { x, _, _ in x < 256 ? 255 : 128 }
    _ = try Self.mark(marked)
    func deviation(from: Int, grey: Double) -> Double {
      var (sum, squares) = (0.0, 0.0)
      for y in 0..<512 {
        for x in from + 16..<from + 240 {
          let pixel = 3 * (512 * y + x)
          let red = 0.299 * Double(marked.samples[pixel])
          let green = 0.587 * Double(marked.samples[pixel + 1])
          let change = red + green + 0.114 * Double(marked.samples[pixel + 2]) - grey
          sum += change
          squares += change * change
        }
      }
      let count = 512.0 * 224
      return (squares / count - sum / count * sum / count).squareRoot()
    }
    let (white, grey) = (deviation(from: 0, grey: 255), deviation(from: 256, grey: 128))
    #expect(white > 0.9 * grey && white < 1.1 * grey, "\(white), \(grey)")
    #expect(max(white, grey) < 0.8)
  }

  /// What a codec or a cut leaves of one copy in blue must not hide the other.
  @Test(arguments: [0, 1]) func eachCopyInBlueIsReadByItself(_ copy: Int) throws {
    let marked = Self.picture(640, 520)
    let widths = CellWidths(marked.size).blue
    #expect(widths.count == 2)
    _ = try Self.mark(marked)
    let plane = try #require(try WorkingPlane(bluenessOf: marked))
    let side = 8 * Double(widths[copy]) * plane.scale
    var outcome = WatermarkSearch.Outcome()
    WatermarkSearch([TileCode(WatermarkTests.key)]).readInPlace(
      SearchPyramid(plane.luma), lattices: [Lattice(ax: side, ay: 0, bx: 0, by: side)], into: &outcome)
    #expect(outcome.finding?.payload == WatermarkTests.payload.bits)
  }

  /// Every corner moved by about three parts of a hundred: no one lattice holds quite for all of it.
  @Test func aPictureSeenAslantIsReadByItsBlue() throws {
    let marked = Self.picture(640, 520)
    _ = try Self.mark(marked)
    let samples = marked.samples
    let aslant = PackedPicture(640, 520, .rgb) { x, y, channel in
      let (u, v) = (Double(x) / 640, Double(y) / 520)
      let scale = 1 / (1 + 0.15 * u - 0.13 * v)
      let (across, down) = ((0.02 + 1.03 * u - 0.04 * v) * scale, (0.03 * u - 0.02 + 0.93 * v) * scale)
      let (column, row) = (min(max(Int(640 * across), 0), 639), min(max(Int(520 * down), 0), 519))
      return samples[(row * 640 + column) * 3 + channel]
    }
    let luma = try #require(try WorkingPlane(aslant))
    let widths = CellWidths(aslant.size)
    let nearby = widths.nearbyInBlue(widths.seen(luma.luma, scale: luma.scale))
    #expect(nearby == widths.blue)
    let blue = try #require(try WorkingPlane(bluenessOf: aslant))
    var outcome = WatermarkSearch.Outcome()
    WatermarkSearch([TileCode(WatermarkTests.key)]).search(
      blueness: SearchPyramid(blue.luma), of: aslant.size, scale: blue.scale, nearby: nearby, into: &outcome)
    #expect(outcome.finding?.payload == WatermarkTests.payload.bits)
  }

  @Test func whatIsBusyHasNoCopiesToLookForAslant() throws {
    var random = PolarCodeTests.Random(state: 5)
    let busy = PackedPicture(640, 512, .rgb) { _, _, _ in UInt8(min(max(128 + 20 * random.normal(), 0), 255))
    }
    let luma = try #require(try WorkingPlane(busy))
    let widths = CellWidths(busy.size)
    #expect(widths.nearbyInBlue(widths.seen(luma.luma, scale: luma.scale)).isEmpty)
  }

  @Test func copiesInBlueHaveWholeSquaresAndNearlyTwoTilesEachWay() {
    for side in stride(from: 130, through: 4000, by: 10) {
      for long in [side, side * 3 / 2, 3 * side] {
        let size = PixelSize(width: long, height: side)
        let luma = CellWidths(size).flat
        let widths = CellWidths(size).blue
        #expect(widths.contains(luma))
        #expect(CellWidths(size).both.allSatisfy(widths.contains))
        #expect(widths.count < 2 || widths[0] < widths[1])
        for eighths in widths {
          #expect(8 * eighths % CellWidths.block(eighths: eighths) == 0)
          #expect(eighths == luma || eighths < luma || 14 * eighths <= size.shortestSide)
        }
      }
    }
  }

  /// Noise that neither luma nor blue is read through, each looked at by itself.
  @Test func lumaAndBlueAreReadTogetherWhereNeitherIsAlone() throws {
    let marked = Self.picture(512, 512)
    _ = try Self.mark(marked)
    let blueness = try #require(try WorkingPlane(bluenessOf: marked))
    let size = (blueness.luma.width, blueness.luma.height)
    var random = PolarCodeTests.Random(state: 11)
    func noisy(_ plane: LumaPlane, _ deviation: Float) -> LumaPlane {
      LumaPlane(
        width: plane.width, height: plane.height,
        values: plane.values.map { $0 + deviation * random.normal() })
    }
    let plane = try #require(try WorkingPlane(marked)).luma.reduced(to: size)
    let widths = CellWidths(marked.size).both
    func payload(_ planes: [LumaPlane]) -> UInt64? {
      let pyramid = SearchPyramid(planes[0], isSeparate: planes.count > 1)
      for plane in planes.dropFirst() { pyramid.add(plane) }
      let side = 8 * Double(widths[0]) * blueness.scale
      var outcome = WatermarkSearch.Outcome()
      WatermarkSearch([TileCode(WatermarkTests.key)]).readInPlace(
        pyramid, lattices: [Lattice(ax: side, ay: 0, bx: 0, by: side)], into: &outcome)
      return outcome.finding?.payload
    }
    var isReadTogetherAlone = false
    for louder: Float in [0.93, 1, 1.07, 1.14, 1.21, 1.28, 1.35] where !isReadTogetherAlone {
      let (luma, blue) = (
        noisy(plane, louder * Self.lumaNoise), noisy(blueness.luma, louder * Self.blueNoise)
      )
      let (apart, together) = ([payload([luma]), payload([blue])], payload([blue, luma]))
      #expect((apart + [together]).allSatisfy { $0 == nil || $0 == WatermarkTests.payload.bits })
      isReadTogetherAlone = apart.allSatisfy { $0 == nil } && together != nil
    }
    #expect(isReadTogetherAlone)
  }

  /// Noise that none of three copies is read through by itself.
  @Test func allCopiesInTheirOwnTilesAreReadTogether() throws {
    let marked = Self.picture(640, 520)
    _ = try Self.mark(marked)
    #expect(CellWidths(marked.size).blue.count == 2)
    let luma = try #require(try WorkingPlane(marked)).luma
    let blueness = try #require(try WorkingPlane(bluenessOf: marked)).luma
    var random = PolarCodeTests.Random(state: 4)
    func noisy(_ plane: LumaPlane, _ deviation: Float) -> SearchPyramid {
      SearchPyramid(
        LumaPlane(
          width: plane.width, height: plane.height,
          values: plane.values.map { $0 + deviation * random.normal() }))
    }
    var isReadTogetherAlone = false
    for louder: Float in stride(from: 1, through: 3, by: 0.1) where !isReadTogetherAlone {
      let (first, second) = (noisy(luma, 3 * louder), noisy(blueness, 10 * louder))
      let search = WatermarkSearch([TileCode(WatermarkTests.key)])
      var (apart, together) = (WatermarkSearch.Outcome(), WatermarkSearch.Outcome())
      search.readInPlace(first, of: marked.size, drawn: \.drawn, into: &apart)
      if apart.finding != nil { continue }
      search.readInPlace(second, of: marked.size, drawn: \.blue, into: &apart)
      if apart.finding != nil { continue }
      search.readInPlace(first, blueness: second, of: marked.size, into: &together)
      #expect(together.finding.map { $0.payload == WatermarkTests.payload.bits } ?? true)
      isReadTogetherAlone = together.finding != nil
    }
    #expect(isReadTogetherAlone)
  }

  private static let lumaNoise: Float = 3.5
  private static let blueNoise: Float = 12

  /// Luma that shows nothing any more, as low quality leaves it, must not hide the copy.
  @Test func aPictureIsReadByItsBlueWhereItsLumaIsPlain() throws {
    let (marked, source) = (Self.picture(), Self.picture())
    _ = try Self.mark(marked)
    for index in marked.samples.indices {
      let pixel = index / 3 * 3
      // Grey levels of the marked picture's luma less the source's go off all channels.
      func luma(_ samples: [UInt8]) -> Double {
        0.299 * Double(samples[pixel]) + 0.587 * Double(samples[pixel + 1]) + 0.114
          * Double(samples[pixel + 2])
      }
      let less = luma(marked.samples) - luma(source.samples)
      if index % 3 == 2 {
        for channel in 0..<3 {
          let value = Double(marked.samples[pixel + channel]) - less
          marked.samples[pixel + channel] = UInt8(min(max(value.rounded(), 0), 255))
        }
      }
    }
    #expect(try Self.payloads(in: marked) == [WatermarkTests.payload.description])
  }

  /// Thin lines on black, after what JPEG of quality 70 does to black: luma of a grey level goes, and blue is quantised at half the size.
  @Test(arguments: [PackedChannels.rgb, .rgba]) func whatIsBlackIsReadByItsBlue(_ channels: PackedChannels)
    throws
  {
    let (width, height, count) = (640, 512, channels.rawValue)
    let marked = PackedPicture(width, height, channels) { x, y, channel in
      channel == 3 ? 255 : (x + 2 * y) % 160 < 2 || y == 300 ? [230, 40, 240][channel] : 0
    }
    let source = marked.samples
    _ = try Self.mark(marked)
    let error = zip(marked.samples, source).reduce(0.0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
    #expect(10 * log10(255 * 255 * Double(3 * width * height) / error) > 42)
    for top in stride(from: 0, to: height, by: 16) {
      for left in stride(from: 0, to: width, by: 16) {
        let pixels = (0..<256).map { count * ((top + $0 / 16) * width + left + $0 % 16) }
        let added = pixels.map { Double(marked.samples[$0 + 2]) - Double(source[$0 + 2]) }
        let kept = Self.quantised(added)
        for (pixel, blue) in zip(pixels, kept) {
          for channel in 0..<2 { marked.samples[pixel + channel] = source[pixel + channel] }
          marked.samples[pixel + 2] = UInt8(min(max(Double(source[pixel + 2]) + blue, 0), 255).rounded())
        }
      }
    }
    #expect(try Self.payloads(in: marked) == [WatermarkTests.payload.description])
  }

  /// What of 16 × 16 values of blue is left by chroma of half the size, a blue of 2 being a Cb of 1, with 0.6 of the steps of T.81, table K.2: of
  /// the coefficients that are not 99 there.
  private static func quantised(_ blue: [Double]) -> [Double] {
    let steps: [(place: Int, step: Double)] = [
      (0, 17), (1, 18), (2, 24), (3, 47), (8, 18), (9, 21), (10, 26), (11, 66), (16, 24), (17, 26), (18, 56),
      (24, 47),
      (25, 66),
    ]
    let small: [Double] = (0..<64).map { index in
      let corner = index / 8 * 32 + index % 8 * 2
      return (blue[corner] + blue[corner + 1] + blue[corner + 16] + blue[corner + 17]) / 8
    }
    var result = [Double](repeating: 0, count: 256)
    for (place, step) in steps {
      let wave: [Double] = (0..<64).map { index in
        let down = CosineTransform.basis(place / 8, index / 8)
        return down * CosineTransform.basis(place % 8, index % 8)
      }
      var sum = 0.0
      for index in 0..<64 { sum += wave[index] * small[index] }
      let kept = (sum / (0.6 * step)).rounded() * 0.6 * step
      guard kept != 0 else { continue }
      for index in 0..<256 { result[index] += 2 * kept * wave[index / 32 * 8 + index % 16 / 2] }
    }
    return result
  }

  @Test func embeddingTwiceIsEmbeddingOnce() throws {
    let marked = Self.picture()
    _ = try Self.mark(marked)
    let once = marked.samples
    #expect(try Self.mark(marked).fields.contains(.init("present", "true")))
    #expect(marked.samples == once)
  }

  @Test func anUnmarkedPictureHoldsNothing() throws {
    #expect(try Self.payloads(in: Self.picture()) == [])
    #expect(try Self.payloads(in: Self.picture().planes) == [])
  }

  @Test func turnedAndMirroredGraphicsAreRead() throws {
    let frame = Self.picture()
    _ = try Self.mark(frame)
    let samples = frame.samples
    let variants = [
      PackedPicture(300, 360, .rgb) { x, y, channel in samples[((299 - x) * 360 + y) * 3 + channel] },
      PackedPicture(360, 300, .rgb) { x, y, channel in samples[(y * 360 + 359 - x) * 3 + channel] },
    ]
    for variant in variants {
      #expect(try Self.payloads(in: variant) == [WatermarkTests.payload.description])
    }
  }

  /// What deflate stores once: a file of few colours must not grow by a new row for each row of the mark.
  @Test(arguments: [(8, 2), (16, 4), (32, 8), (64, 16)]) func aFlatTileIsMadeOfSquares(_ widths: (Int, Int)) {
    let (eighths, block) = widths
    #expect(CellWidths.block(eighths: eighths) == block)
    let tile = TilePattern(
      TileCode(WatermarkTests.key), WatermarkTests.payload, eighths: eighths, block: block)
    var square = 0.0
    for y in 0..<tile.side {
      for x in 0..<tile.side {
        let corner = y / block * block * tile.side + x / block * block
        #expect(tile.plus[y * tile.side + x] == tile.plus[corner])
        square += Double(tile.minus[y * tile.side + x] * tile.minus[y * tile.side + x])
      }
    }
    // The mean of the four pixels in the middle takes something off the highest frequencies, most where there are no more.
    #expect((0.7..<1.1).contains(square / Double(tile.side * tile.side)))
  }

  @Test func widthsOfFlatCellsHoldWholeSquares() {
    for eighths in 8...600 {
      let whole = CellWidths.wholeBlocks(eighths)
      #expect(8 * whole % CellWidths.block(eighths: whole) == 0)
      #expect(CellWidths.wholeBlocks(whole) == whole)
    }
  }

  @Test func rowsOfASquareAreMarkedAlike() throws {
    let marked = PackedPicture(768, 640, .rgb) { _, _, channel in [190, 120, 70][channel] }
    _ = try Self.mark(marked)
    // The narrower of the copies in blue has the smallest squares.
    let block =
      CellWidths(marked.size).blue.map { CellWidths.block(eighths: $0) }.min()
      ?? 0
    #expect(block == 4)
    let row = 768 * 3
    for y in 0..<640 where y % block > 0 {
      #expect(marked.samples[y * row..<(y + 1) * row].elementsEqual(marked.samples[(y - 1) * row..<y * row]))
    }
  }

  /// Discs as wide as cells are apart all over two thirds: they disturb wide cells more than their busyness tells.
  private static func drawing(seed: UInt64, _ channels: PackedChannels, noise: UInt64) -> PackedPicture {
    var random = PolarCodeTests.Random(state: seed)
    let (width, height) = (512, 512)
    var values = [UInt8](repeating: 200, count: width * height)
    for _ in 0..<1500 {
      let (middle, line) = (Int(random.next() % 340), Int(random.next() % 512))
      let radius = 4 + Int(random.next() % 9)
      let value = UInt8(truncatingIfNeeded: 60 + random.next() % 4 * 40)
      for y in max(0, line - radius)..<min(height, line + radius) {
        for x in max(0, middle - radius)..<min(340, middle + radius)
        where (x - middle) * (x - middle) + (y - line) * (y - line) < radius * radius {
          values[y * width + x] = value
        }
      }
    }
    return PackedPicture(width, height, channels) { x, y, _ in
      values[y * width + x] &+ UInt8(truncatingIfNeeded: random.next() % noise)
    }
  }

  /// In grey, with copies in blue, and where faint noise keeps the ground from being flat.
  @Test(arguments: UInt64(1)...4, [(PackedChannels.gray, UInt64(1)), (.rgb, 1), (.gray, 2), (.gray, 5)])
  func whatIsDisturbedIsReadOrRefused(seed: UInt64, kind: (channels: PackedChannels, noise: UInt64)) throws {
    let marked = Self.drawing(seed: seed, kind.channels, noise: kind.noise)
    do { _ = try Self.mark(marked) } catch let error as MediaError {
      #expect(error.code == .insufficientCapacity)
      return
    }
    #expect(try Self.payloads(in: marked) == [WatermarkTests.payload.description])
  }
}
