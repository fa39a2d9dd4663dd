import MediaCore
import Testing

@testable import Labels

/// Marks read where they were drawn, and the bound that then holds.
@Suite struct InPlaceReadingTests {
  private static let payload = WatermarkPayload(bits: 0x0123_4567_89AB_CDEF)

  private func code(_ byte: UInt8 = 9) throws -> TileCode {
    TileCode(try #require(WatermarkKey(bytes: [UInt8](repeating: byte, count: WatermarkKey.byteCount))))
  }

  @Test func lessIsAskedInPlaceAndMoreOfManyLooks() {
    let elsewhere = WatermarkDecision.log10p(10.5, sync: 6, decodings: 4096, candidates: 8192)
    let inPlace = WatermarkDecision.log10pInPlace(10.5, sync: 6, looks: 64)
    #expect(elsewhere > WatermarkDecision.acceptance && inPlace < WatermarkDecision.acceptance)
    #expect(WatermarkDecision.log10pInPlace(10.5, sync: 6, looks: 1 << 20) > inPlace + 4)
    #expect(WatermarkDecision.log10pInPlace(10.5, sync: 3, looks: 64) > WatermarkDecision.acceptance)
    #expect(WatermarkDecision.log10pInPlace(0, sync: 9, looks: 64) == 0)
    #expect(WatermarkDecision.log10pInPlace(13, sync: 0, looks: 64) == 0)
  }

  /// A frame with `share` of the mark that it would be given, without the `cut` columns on its left.
  private func plane(share: Float, cut: Int = 0) throws -> (plane: LumaPlane, size: PixelSize) {
    let (width, height) = (480, 352)
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
      VideoTiles.lattice($0, across: size.width, down: size.height, of: PixelSize(width: 480, height: 352))
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
    for share: Float in [0.21, 0.22, 0.23, 0.24] where !isReadInPlaceAlone {
      let (plane, size) = try plane(share: share)
      guard let payload = readInPlace(plane, lattices(size), try code()) else { continue }
      #expect(payload == Self.payload.bits)
      // Counts as a clip's search begins with.
      var outcome = WatermarkSearch.Outcome(candidates: 1 << 13, decodings: 1 << 12, placedLooks: 40)
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
      VideoTiles.lattice($0, across: 480, down: 352, of: PixelSize(width: 480, height: 352))
    }
    #expect(readInPlace(cut, tiles, try code()) == nil)
    var outcome = WatermarkSearch.Outcome()
    WatermarkSearch([try code()]).search(
      SearchPyramid(cut, floor: VideoTiles.residualFloor), lattices: tiles, into: &outcome)
    #expect(outcome.finding?.payload == Self.payload.bits)
  }
}
