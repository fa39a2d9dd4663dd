import Foundation
import Testing

@testable import Labels

@Suite struct FittedMapTests {
  private static let size = (width: 900, height: 600)
  private static let base = TileMap(
    Lattice(side: 80, cosine: 0.98, sine: 0.2, aspect: 1.05, shear: 0.01), shiftX: 11, shiftY: 40)

  private func corners(_ map: TileMap) -> [(u: Double, v: Double)] {
    let (x, y) = (Double(Self.size.width) / 2, Double(Self.size.height) / 2)
    return [(-x, -y), (x, -y), (-x, y), (x, y)].map { map.tile($0.0, $0.1) }
  }

  @Test func aSnappedMapIsOneOfManyAndNearTheFit() throws {
    for (g, h, turn) in [(0.0, 0.0, 0.0), (0.004, -0.003, 0.01), (-0.012, 0.009, -0.03)] {
      var map = Self.base
      (map.g, map.h, map.xv) = (g, h, map.xv + 80 * turn)
      let (snapped, bits) = try #require(
        map.snapped(to: Self.base, width: Self.size.width, height: Self.size.height))
      // Four half steps at a corner, each way, and whole steps altogether: that of the map, not of the fit, is what counts.
      for (near, (fitted, drawn)) in zip(corners(snapped), zip(corners(map), corners(Self.base))) {
        for (near, fitted, drawn) in [(near.u, fitted.u, drawn.u), (near.v, fitted.v, drawn.v)] {
          #expect(abs(near - fitted) * 64 <= 1.0001)
          let steps = (near - drawn) * 64 / 0.5
          #expect(abs(steps - steps.rounded()) < 1e-6)
        }
      }
      let (again, same) = try #require(
        snapped.snapped(to: Self.base, width: Self.size.width, height: Self.size.height))
      #expect(abs(same - bits) < 1e-9)
      #expect(zip(corners(again), corners(snapped)).allSatisfy { abs($0.u - $1.u) + abs($0.v - $1.v) < 1e-6 })
    }
  }

  @Test func whatIsFarOffIsNoMap() {
    var map = Self.base
    map.x0 += 80 * 64
    #expect(map.snapped(to: Self.base, width: Self.size.width, height: Self.size.height) == nil)
    map.x0 = .nan
    #expect(map.snapped(to: Self.base, width: Self.size.width, height: Self.size.height) == nil)
  }

  /// A fit to sightings of chance may put the horizon near a corner: no picture is read to there.
  @Test(arguments: [(0.0, 0.0, true), (0.012, -0.02, true), (0.13, 0.0, false), (0.0, -0.24, false)])
  func aMapOfFarMoreTilesIsNotLikely(_ perspective: (g: Double, h: Double, isLikely: Bool)) {
    var map = Self.base
    (map.g, map.h) = (perspective.g, perspective.h)
    func isLikely() -> Bool {
      TileTracker.isLikely(map, from: Self.base, width: Self.size.width, height: Self.size.height)
    }
    let extent = Unwarp.extent(of: map, width: Self.size.width, height: Self.size.height)
    #expect(isLikely() == perspective.isLikely, "\(extent)")
    map.yv = .nan
    #expect(!isLikely())
  }

  /// The shares of all maps that a fit can come to are at most 1: those that move one way, times all that move another.
  @Test func sharesOfFitsComeToNoMoreThanOne() throws {
    var shares = 0.0
    for step in -4000...4000 {
      var map = Self.base
      let moved = Double(step) * 0.5 / 64
      (map.x0, map.y0) = (map.x0 - moved * map.xu, map.y0 - moved * map.yu)
      let bits = try #require(
        map.snapped(to: Self.base, width: Self.size.width, height: Self.size.height)
      ).bits
      // Seven numbers of steps are 0, each of a share of 1/3.
      shares += exp2(-bits) * pow(3, 7)
    }
    #expect(shares > 0.99 && shares <= 1)
  }

  @Test func sharesOfWaysToFitComeToOne() {
    let rounds = 5
    var sharpened = 0.0
    for moves in 0...rounds {
      let choices = (0..<moves).reduce(1.0) { $0 * Double(rounds - $1) / Double($1 + 1) }
      let paths = choices * pow(Double(ErrorShare.Fit.ways), Double(moves))
      sharpened += paths * exp2(-ErrorShare.Fit.sharpened(rounds: rounds, moves: moves).bits)
    }
    let all = exp2(-ErrorShare.Fit.none.bits) + sharpened + exp2(-ErrorShare.Fit.tracked(bits: 0).bits)
    #expect(abs(all - 1) < 1e-12)
  }
}
