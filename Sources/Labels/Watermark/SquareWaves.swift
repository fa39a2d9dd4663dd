#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Sums of a key's waves in the squares of a tile, taken in their middles, and what waves are in such squares.
struct SquareWaves {
  /// Squares along a tile's side.
  let side: Int
  // By frequency from 0, then by square.
  private let cosines: [Float]
  private let sines: [Float]
  private static let frequencies = Int(TileCode.outerRadius) + 1

  init(side: Int) {
    self.side = side
    let angles = (0..<Self.frequencies).flatMap { frequency in
      (0..<side).map { Double.pi * Double((2 * $0 + 1) * frequency % (2 * side)) / Double(side) }
    }
    cosines = angles.map { Float(cos($0)) }
    sines = angles.map { Float(sin($0)) }
  }

  /// Re Σ (`re` + i `im`) e^(2πi (x u + y v)) over `waves` in the middle of each square, row by row.
  func sums(of waves: [TileCode.Wave], re: [Float], im: [Float]) -> [Float] {
    let parts = waves.enumerated().map {
      Synthesis.Wave(x: $1.x, y: $1.y, re: Double(re[$0]), im: Double(im[$0]))
    }
    return Synthesis.plane(parts, TilePlaces(side: side, block: 1))
  }

  /// Σ values · e^(-2πi (x u + y v)) over the squares, for each of `waves`.
  func transform(_ values: [Float], of waves: [TileCode.Wave]) -> (re: [Float], im: [Float]) {
    let side = side
    var even = [Float](repeating: 0, count: Self.frequencies * side)
    var odd = even
    for y in 0..<Self.frequencies {
      for v in 0..<side {
        let (c, s) = (cosines[y &* side &+ v], sines[y &* side &+ v])
        for u in 0..<side {
          even[y &* side &+ u] += values[v &* side &+ u] * c
          odd[y &* side &+ u] += values[v &* side &+ u] * s
        }
      }
    }
    var (re, im) = ([Float](repeating: 0, count: waves.count), [Float](repeating: 0, count: waves.count))
    for (index, wave) in waves.enumerated() {
      let (along, line) = (abs(wave.x) * side, wave.y * side)
      let sign: Float = wave.x < 0 ? -1 : 1
      var (a, b): (Float, Float) = (0, 0)
      for u in 0..<side {
        let (c, s) = (cosines[along &+ u], sign * sines[along &+ u])
        let (p, q) = (even[line &+ u], odd[line &+ u])
        a += p * c - q * s
        b -= p * s + q * c
      }
      (re[index], im[index]) = (a, b)
    }
    return (re, im)
  }
}
