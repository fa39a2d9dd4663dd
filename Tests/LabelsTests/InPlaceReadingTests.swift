import MediaCore
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@testable import Labels

/// Marks read where they were drawn, and the bound that then holds.
@Suite struct InPlaceReadingTests {
  private static let payload = WatermarkPayload(bits: 0x0123_4567_89AB_CDEF)

  private func code(_ byte: UInt8 = 9) throws -> TileCode {
    TileCode(try #require(WatermarkKey(bytes: [UInt8](repeating: byte, count: WatermarkKey.byteCount))))
  }

  private static func looks(_ number: Int, usual: Int) -> LookCount {
    var looks = LookCount(usual: usual)
    looks.add(number)
    return looks
  }

  @Test func lessIsAskedInPlaceAndMoreOfManyLooks() {
    func inPlace(_ statistic: Double, sync: Double, _ looks: LookCount = Self.looks(64, usual: 8)) -> Double {
      WatermarkDecision.log10pInPlace(statistic * statistic / 2, sync: sync * sync / 2, looks: looks)
    }
    let looks = Self.looks(64, usual: 8)
    let elsewhere = WatermarkDecision.log10p(
      10.5 * 10.5 / 2, sync: 7 * 7 / 2, readings: looks, lattices: looks,
      pose: ErrorShare.Pose(turns: 8, isTurned: false, isNegative: false, fit: .none))
    #expect(elsewhere > WatermarkDecision.acceptance && inPlace(10.5, sync: 7) < WatermarkDecision.acceptance)
    #expect(inPlace(10.5, sync: 7, Self.looks(1 << 20, usual: 8)) > inPlace(10.5, sync: 7) + 4)
    #expect(inPlace(10.5, sync: 3) > WatermarkDecision.acceptance)
    #expect(inPlace(0, sync: 9) == 0)
    #expect(inPlace(13, sync: 0) == 0)
  }

  /// The shares of all looks come to 1, whatever is usual.
  @Test(arguments: [1, 4, 32, 2048]) func sharesOfLooksComeToOne(usual: Int) {
    var (looks, sum) = (LookCount(usual: usual), 0.0)
    for _ in 0..<1 << 16 {
      looks.add()
      sum += exp2(-looks.bits)
    }
    #expect(sum < 1 + 1e-9)
    #expect(sum > 1 - Double(usual + 1) / Double(1 << 16))
  }

  @Test func whatIsScaledIsReadInPlaceByItsUsualSizes() throws {
    let size = PixelSize(width: 512, height: 384)
    let lattices = WatermarkSearch.placed(
      512, 384, of: WatermarkSearch.sources(of: size), drawn: \.drawn)
    // Twice as large before: tiles as of 1024 × 768, at half their size.
    let source = PixelSize(width: 1024, height: 768)
    for eighths in CellWidths(source).drawn {
      let side = 4 * Double(eighths)
      #expect(lattices.contains { abs($0.ax / side - 1) < 0.001 && abs($0.by / side - 1) < 0.001 })
    }
    #expect(lattices.first?.ax == 8 * Double(CellWidths(size).usual))
  }

  /// A frame with `share` of the mark that it would be given, without the `cut` columns on its left.
  private func plane(share: Float, cut: Int = 0) throws -> (plane: LumaPlane, size: PixelSize) {
    let (width, height) = (480, 272)
    let frame = MovingFrame(width: width, height: height, maxValue: 255) { x, y in
      100 + 30 * ((x / 24 + y / 24) % 2) + (x &* 2_654_435 ^ y &* 40_503) % 17
    }
    let before = frame.samples
    _ = try VideoWatermarkEmbedder(code(), Self.payload).embed(in: frame)
    var values: [Float] = []
    for index in before.indices where index % width >= cut {
      values.append(Float(before[index]) + share * (Float(frame.samples[index]) - Float(before[index])))
    }
    let size = PixelSize(width: width - cut, height: height)
    return (LumaPlane(width: size.width, height: size.height, values: values), size)
  }

  private func lattices(_ size: PixelSize) -> [Lattice] {
    VideoTiles.Width.allCases.map {
      VideoTiles.lattice($0, across: size.width, down: size.height, of: PixelSize(width: 480, height: 272))
    }
  }

  private func readInPlace(_ plane: LumaPlane, _ lattices: [Lattice], _ code: TileCode) -> UInt64? {
    var outcome = WatermarkSearch.Outcome()
    WatermarkSearch([code]).readInPlace(
      SearchPyramid(plane, floor: VideoTiles.residualFloor), lattices: lattices, into: &outcome)
    return outcome.finding?.payload
  }

  @Test func aFaintMarkIsReadInPlaceAlone() throws {
    var isReadInPlaceAlone = false
    for share: Float in stride(from: 0.15, through: 0.4, by: 0.01) where !isReadInPlaceAlone {
      let (plane, size) = try plane(share: share)
      guard let payload = readInPlace(plane, lattices(size), try code()) else { continue }
      #expect(payload == Self.payload.bits)
      // Shares as in a clip's search.
      var outcome = WatermarkSearch.Outcome(
        lattices: LookCount(usual: 1 << 11), readings: LookCount(usual: 1 << 7),
        placedLooks: LookCount(usual: 40))
      WatermarkSearch([try code()]).search(
        SearchPyramid(plane, floor: VideoTiles.residualFloor), lattices: lattices(size), into: &outcome)
      isReadInPlaceAlone = outcome.finding == nil
    }
    #expect(isReadInPlaceAlone)
  }

  @Test func whatIsCutOrOfAnotherKeyIsNotReadInPlace() throws {
    let (whole, size) = try plane(share: 1)
    #expect(readInPlace(whole, lattices(size), try code()) == Self.payload.bits)
    #expect(readInPlace(whole, lattices(size), try code(10)) == nil)
    let (cut, _) = try plane(share: 1, cut: 24)
    let tiles = VideoTiles.Width.allCases.map {
      VideoTiles.lattice($0, across: 480, down: 272, of: PixelSize(width: 480, height: 272))
    }
    #expect(readInPlace(cut, tiles, try code()) == nil)
    var outcome = WatermarkSearch.Outcome()
    WatermarkSearch([try code()]).search(
      SearchPyramid(cut, floor: VideoTiles.residualFloor), lattices: tiles, into: &outcome)
    #expect(outcome.finding?.payload == Self.payload.bits)
  }
}
