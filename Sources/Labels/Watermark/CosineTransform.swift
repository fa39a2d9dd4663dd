#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// The orthonormal 8 × 8 cosine transform of a pattern's blocks; made once a tile, so plain.
enum CosineTransform {
  /// C(u) · √(2 / n) · cos((2x + 1) u π / 2n) for `length` n samples, 8 if not said otherwise.
  static func basis(_ u: Int, _ x: Int, length: Int = 8) -> Double {
    (u == 0 ? 0.5.squareRoot() : 1) * (2 / Double(length)).squareRoot()
      * cos(Double((2 * x + 1) * u) * Double.pi / Double(2 * length))
  }

  private static let table: [Float] = (0..<64).map { Float(basis($0 / 8, $0 % 8)) }

  /// The blocks of `plane` (`side` × `side`, `side` a multiple of 8), row by row, 64 coefficients each in natural order.
  static func blocks(of plane: [Float], side: Int) -> [Float] {
    var result = [Float](repeating: 0, count: side * side)
    let across = side / 8
    for row in 0..<across {
      for column in 0..<across {
        var half = [Float](repeating: 0, count: 64)
        for y in 0..<8 {
          let line = (8 * row + y) * side + 8 * column
          for u in 0..<8 {
            var sum: Float = 0
            for x in 0..<8 { sum += table[8 * u + x] * plane[line + x] }
            half[8 * y + u] = sum
          }
        }
        let place = 64 * (row * across + column)
        for v in 0..<8 {
          for u in 0..<8 {
            var sum: Float = 0
            for y in 0..<8 { sum += table[8 * v + y] * half[8 * y + u] }
            result[place + 8 * v + u] = sum
          }
        }
      }
    }
    return result
  }
}
