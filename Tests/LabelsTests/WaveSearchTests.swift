import Foundation
import MediaCore
import Testing

@testable import Labels

/// Lattices that a key's waves stand out in.
@Suite struct WaveSearchTests {
  private static let code = TileCode(WatermarkTests.key)
  private static let waves = code.sync[0]

  /// Tiles of the code in `lattice`, as strong as noise is a quarter of, over a plane of 300 × 300 pixels.
  private static func spectrum(_ lattice: Lattice) -> FlatSpectrum {
    let (width, height) = (300, 300)
    let pattern = TilePattern(code, WatermarkTests.payload, eighths: 8)
    var random = PolarCodeTests.Random(state: 3)
    var plane = LumaPlane(width: width, height: height)
    let map = TileMap(lattice)
    for index in plane.values.indices {
      let (u, v) = map.tile(Double(index % width) - 150, Double(index / width) - 150)
      let (x, y) = (Int((u - u.rounded(.down)) * 64), Int((v - v.rounded(.down)) * 64))
      plane.values[index] = pattern.plus[min(y, 63) * 64 + min(x, 63)] + 4 * random.normal()
    }
    return FlatSpectrum(plane, PlaneTransform(width: 512, height: 512))
  }

  /// A marked plane of `side` × `side` pixels in `lattice`, in noise `noise` times as strong.
  private static func marked(_ lattice: Lattice, side: Int, noise: Double, seed: UInt64) -> LumaPlane {
    let pattern = TilePattern(code, WatermarkTests.payload, eighths: 8)
    let signs = TileSigns(code, TileCode.pattern(of: WatermarkTests.payload))
    var random = PolarCodeTests.Random(state: seed)
    var plane = LumaPlane(width: side, height: side)
    let map = TileMap(lattice)
    for index in plane.values.indices {
      let (u, v) = map.tile(Double(index % side), Double(index / side))
      let (column, row) = (Int(u.rounded(.down)), Int(v.rounded(.down)))
      let (x, y) = (Int((u - Double(column)) * 64), Int((v - Double(row)) * 64))
      let isInverted = signs.isInverted(column + 64, row + 64)
      let values = isInverted ? pattern.minus : pattern.plus
      plane.values[index] = 128 + 6 * (values[min(y, 63) * 64 + min(x, 63)] + Float(noise) * random.normal())
    }
    return plane
  }

  /// Lines stand out by the power of waves, which noise hides long before it hides the sum of their amplitudes.
  @Test(arguments: [UInt64(1), 3]) func whatCanBeReadIsLookedAt(seed: UInt64) {
    let plane = Self.marked(Self.lattice(cell: 1.1, degrees: 8), side: 500, noise: 21, seed: seed)
    var outcome = WatermarkSearch.Outcome()
    _ = WatermarkSearch([Self.code]).search(
      SearchPyramid(plane), of: PixelSize(width: 500, height: 500), scale: 1, into: &outcome)
    #expect(outcome.finding?.payload == WatermarkTests.payload.bits)
  }

  private static func lattice(
    cell: Double, degrees: Double = 0, aspect: Double = 1, shear: Double = 0
  ) -> Lattice {
    let angle = degrees * .pi / 180
    return Lattice(side: 64 * cell, cosine: cos(angle), sine: sin(angle), aspect: aspect, shear: shear)
  }

  private static func isNear(_ candidate: LatticeSearch.Candidate?, _ lattice: Lattice) -> Bool {
    guard let found = candidate?.lattice else { return false }
    let upsideDown = Lattice(ax: -found.ax, ay: -found.ay, bx: -found.bx, by: -found.by)
    return min(found.distance(lattice), upsideDown.distance(lattice)) < 0.01 * lattice.area.squareRoot()
  }

  @Test(arguments: [(0.7, 17.3), (1.0, -38.4), (1.3, 104.6)])
  func aTurnedLatticeIsFound(cell: Double, degrees: Double) {
    let lattice = Self.lattice(cell: cell, degrees: degrees)
    let search = WaveSearch(Self.spectrum(lattice), Self.waves, low: 0.42, high: 1.55)
    let best = search.turned(limit: 2).first
    #expect(Self.isNear(best, lattice), "\(String(describing: best))")
    #expect(best.map { $0.score > 7 } ?? false)
  }

  @Test(arguments: [0.91, 1.1]) func aStretchedLatticeIsFound(aspect: Double) {
    let lattice = Self.lattice(cell: 0.96, aspect: aspect)
    let search = WaveSearch(Self.spectrum(lattice), Self.waves, low: 0.8, high: 1.2)
    #expect(Self.isNear(search.stretched(limit: 2).first, lattice))
  }

  @Test func anUprightLatticeIsFoundWithTheAspectOfItsPlane() {
    let lattice = Lattice(ax: 61.3, ay: 0, bx: 0, by: 60.9)
    let search = WaveSearch(Self.spectrum(lattice), Self.waves, low: 0.42, high: 1.55)
    #expect(Self.isNear(search.upright(aspect: 61.3 / 60.9, limit: 2).first, lattice))
  }

  @Test func aSlantedLatticeIsFoundNearby() {
    let lattice = Lattice(ax: 67, ay: -2.5, bx: 2.9, by: 61.5)
    let search = WaveSearch(Self.spectrum(lattice), Self.waves, low: 1, high: 1)
    #expect(Self.isNear(search.nearby(side: 64, limit: 2).first, lattice))
  }
}
