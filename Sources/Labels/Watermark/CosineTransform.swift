#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif
internal import CSignal

/// The orthonormal 8 × 8 cosine transform of a pattern's blocks; made once a tile, so plain.
enum CosineTransform {
  /// C(u) · √(2 / n) · cos((2x + 1) u π / 2n) for `length` n samples, 8 if not said otherwise.
  static func basis(_ u: Int, _ x: Int, length: Int = 8) -> Double {
    (u == 0 ? 0.5.squareRoot() : 1) * (2 / Double(length)).squareRoot()
      * cos(Double((2 * x + 1) * u) * Double.pi / Double(2 * length))
  }

  // basis(u, x) at [8 x + u], and at [8 u + x].
  private static let across: [Float] = (0..<64).map { Float(basis($0 % 8, $0 / 8)) }
  private static let down: [Float] = (0..<64).map { Float(basis($0 / 8, $0 % 8)) }

  /// The blocks of `plane` (`side` × `side`, `side` a multiple of 8), row by row, 64 coefficients each in natural order.
  static func blocks(of plane: [Float], side: Int) -> [Float] {
    var result = [Float](repeating: 0, count: side * side)
    tm_transform_blocks(plane, Int32(side), across, down, &result)
    return result
  }

  /// The first coefficient of each block whose samples are all one of `values`, rounded as `blocks` does.
  static func means(ofBlocks values: [Float]) -> [Float] {
    let (first, second) = (across[0], down[0])
    return CellSums.map(values) { value in
      var (line, sum): (Float, Float) = (0, 0)
      for _ in 0..<8 { line += value * first }
      for _ in 0..<8 { sum += second * line }
      return sum
    }
  }
}
