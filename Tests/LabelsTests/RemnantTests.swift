import Foundation
import MediaCore
import Testing

@testable import Labels

/// Where tones were changed until most of a page is white, the mark is read from what lies between black and white.
@Suite struct RemnantTests {
  /// Thin black and red rings on white.
  private static func page(_ width: Int = 640, _ height: Int = 520) -> PackedPicture {
    PackedPicture(width, height, .rgb) { x, y, channel in
      let (column, row) = (x / 80, y / 65)
      let (dx, dy) = (Double(x - 80 * column) - 40, Double(y - 65 * row) - 32.5)
      let radius = 14 + Double((column * 5 + row * 3) % 12)
      let distance = abs((dx * dx + dy * dy).squareRoot() - radius)
      let ink = min(max(1.6 - distance, 0), 1)
      let dark = (column + row) % 3 == 0 && channel == 0 ? 210.0 : 10
      return UInt8((255 - ink * (255 - dark)).rounded())
    }
  }

  /// Tones stretched about their middle; above and below they are cut off.
  private static func stretch(_ picture: PackedPicture, by factor: Double) {
    picture.samples = picture.samples.map {
      UInt8(min(max(((Double($0) - 128) * factor + 128).rounded(), 0), 255))
    }
  }

  private static func marked() throws -> PackedPicture {
    let page = page()
    _ = try FlatGraphicsMarkTests.mark(page)
    return page
  }

  @Test(arguments: [1.5, 2.0]) func aPageCutOffAtWhiteIsReadByItsEdges(_ factor: Double) throws {
    let page = try Self.marked()
    Self.stretch(page, by: factor)
    let remnant = try #require(try RemnantPixels(page))
    #expect(10 * remnant.pixels.count < page.size.pixelCount)
    var outcome = WatermarkSearch.Outcome()
    WatermarkSearch([TileCode(WatermarkTests.key)]).read(remnant, of: page.size, into: &outcome)
    #expect(outcome.finding?.payload == WatermarkTests.payload.bits)
    #expect(outcome.finding.map { $0.log10p < WatermarkDecision.acceptance } ?? false)
    #expect(try FlatGraphicsMarkTests.payloads(in: page) == [WatermarkTests.payload.description])
    // As planes, as other decoders have it.
    #expect(try FlatGraphicsMarkTests.payloads(in: page.planes) == [WatermarkTests.payload.description])
  }

  @Test func anotherKeyAndAnUnmarkedPageShowNothing() throws {
    let (page, source) = (try Self.marked(), Self.page())
    Self.stretch(page, by: 1.5)
    Self.stretch(source, by: 1.5)
    let other = try #require(WatermarkKey(bytes: [UInt8](repeating: 9, count: 32)))
    for (picture, key) in [(page, other), (source, WatermarkTests.key)] {
      let remnant = try #require(try RemnantPixels(picture))
      var outcome = WatermarkSearch.Outcome()
      WatermarkSearch([TileCode(key)]).read(remnant, of: picture.size, into: &outcome)
      #expect(outcome.finding == nil)
    }
  }

  @Test func whatIsNotCutOffIsNotLookedAt() throws {
    #expect(try RemnantPixels(PackedPicture(320, 320, .rgb) { x, _, _ in UInt8(50 + x / 4) }) == nil)
    #expect(try RemnantPixels(PackedPicture(320, 320, .gray) { _, _, _ in 255 }) == nil)
    let white = try #require(try RemnantPixels(PackedPicture(320, 320, .rgb) { _, _, _ in 255 }))
    #expect(white.pixels.isEmpty)
    var outcome = WatermarkSearch.Outcome()
    WatermarkSearch([TileCode(WatermarkTests.key)]).read(
      white, of: PixelSize(width: 320, height: 320), into: &outcome)
    #expect(outcome.finding == nil)
  }

  /// Of three colours and mixtures of them, red and green tell all of blue.
  @Test func mixturesOfFewColoursLeaveNothing() throws {
    let picture = PackedPicture(400, 400, .rgb) { x, y, channel in
      let colors = [[255, 255, 255], [210, 30, 20], [30, 90, 200]].map { $0.map(Double.init) }
      let (a, b) = (Double((x * 7 + y * 3) % 11) / 10, Double((x + 5 * y) % 7) / 6)
      let isWhite = (x / 20 + y / 20) % 3 > 0
      let parts = isWhite ? [1, 0, 0] : [1 - a, a * b, a * (1 - b)]
      return UInt8(zip(parts, colors).reduce(0) { $0 + $1.0 * $1.1[channel] }.rounded())
    }
    let remnant = try #require(try RemnantPixels(picture))
    let power = remnant.pixels.reduce(Float(0)) { $0 + $1.value * $1.value } / Float(remnant.pixels.count)
    #expect(remnant.pixels.count > 10_000)
    #expect(power < 0.6, "\(power)")
  }

  /// Sums over windows that move are those of each window by itself.
  @Test func eachPixelIsWhatItsOwnWindowLeaves() throws {
    var random = PolarCodeTests.Random(state: 3)
    let picture = PackedPicture(150, 140, .rgb) { x, y, channel in
      channel == 2 && (x / 9 + y / 7) % 2 == 0
        ? 255 : UInt8(min(max(120 + 30 * random.normal() + Float(10 * channel), 1), 254))
    }
    let pixels = try #require(try RemnantPixels(picture)).pixels
    let reach = Int((6 * Double(CellWidths(picture.size).blue[0]) / 8).rounded())
    for pixel in stride(from: 0, to: pixels.count, by: 97).map({ pixels[$0] }) {
      #expect(abs(Self.left(of: picture, Int(pixel.x), Int(pixel.y), reach) - Double(pixel.value)) < 0.01)
    }
  }

  /// What is left of a pixel by normal equations over its window, solved step by step.
  private static func left(of picture: PackedPicture, _ x: Int, _ y: Int, _ reach: Int) -> Double {
    func color(_ x: Int, _ y: Int) -> [Double] {
      (0..<3).map { Double(picture.samples[3 * (y * picture.size.width + x) + $0]) }
    }
    var window: [[Double]] = []
    for row in max(0, y - reach)...min(picture.size.height - 1, y + reach) {
      for column in max(0, x - reach)...min(picture.size.width - 1, x + reach) {
        let value = color(column, row)
        if value[2] > 0 && value[2] < 255 { window.append(value) }
      }
    }
    let count = Double(window.count)
    let mean = (0..<3).map { channel in window.reduce(0) { $0 + $1[channel] } / count }
    func covariance(_ a: Int, _ b: Int) -> Double {
      window.reduce(0) { $0 + ($1[a] - mean[a]) * ($1[b] - mean[b]) } / count
    }
    let (rr, gg, rg) = (covariance(0, 0) + 1, covariance(1, 1) + 1, covariance(0, 1))
    let (rb, gb) = (covariance(0, 2), covariance(1, 2))
    let ofGreen = (gb - rg / rr * rb) / (gg - rg * rg / rr)
    let ofRed = (rb - rg * ofGreen) / rr
    let rest = max(0, covariance(2, 2) - ofRed * rb - ofGreen * gb)
    let pixel = color(x, y)
    let value = pixel[2] - mean[2] - ofRed * (pixel[0] - mean[0]) - ofGreen * (pixel[1] - mean[1])
    return min(max(value, -2 * (rest + 1).squareRoot()), 2 * (rest + 1).squareRoot())
  }

  @Test(arguments: [16, 36, 64]) func sumsOfWavesAreWhatIsWrittenAndTheirTransposeTurnsThemBack(_ side: Int) {
    let waves = Array(TileCode(WatermarkTests.key).message.prefix(40))
    var random = PolarCodeTests.Random(state: 8)
    func values(_ count: Int) -> [Float] { (0..<count).map { _ in random.normal() } }
    let (re, im, squares) = (values(waves.count), values(waves.count), values(side * side))
    let table = SquareWaves(side: side)
    let sums = table.sums(of: waves, re: re, im: im)
    for (u, v) in [(0, 0), (3, 5), (side - 1, side / 2)] {
      let plain = waves.enumerated().reduce(Float(0)) { sum, wave in
        let angle =
          Float.pi * Float((2 * u + 1) * wave.element.x + (2 * v + 1) * wave.element.y) / Float(side)
        return sum + re[wave.offset] * cos(angle) - im[wave.offset] * sin(angle)
      }
      #expect(abs(plain - sums[v * side + u]) < 0.02)
    }
    let back = table.transform(squares, of: waves)
    let forward = CellSums.products(sums, squares)
    let backward = CellSums.products(re, back.re) + CellSums.products(im, back.im)
    #expect(abs(forward - backward) < 1e-3 * (abs(forward) + 10))
  }
}
