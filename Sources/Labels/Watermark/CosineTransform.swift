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

  // basis(u, x) at [8 x + u], and at [8 u + x].
  private static let across: [Float] = (0..<64).map { Float(basis($0 % 8, $0 / 8)) }
  private static let down: [Float] = (0..<64).map { Float(basis($0 / 8, $0 % 8)) }

  /// The blocks of `plane` (`side` × `side`, `side` a multiple of 8), row by row, 64 coefficients each in natural order.
  static func blocks(of plane: [Float], side: Int) -> [Float] {
    typealias Row = SIMD8<Float>
    var result = [Float](repeating: 0, count: side * side)
    let blocks = side / 8
    plane.withUnsafeBufferPointer { plane in
      across.withUnsafeBytes { across in
        down.withUnsafeBufferPointer { down in
          result.withUnsafeMutableBytes { result in
            for block in 0..<blocks * blocks {
              let corner = 8 &* (block / blocks &* side &+ block % blocks)
              var sums = (Row(), Row(), Row(), Row(), Row(), Row(), Row(), Row())
              withUnsafeMutableBytes(of: &sums) { sums in
                let sums = sums.bindMemory(to: Row.self)
                for y in 0..<8 {
                  var line = Row()
                  for x in 0..<8 {
                    line +=
                      plane[corner &+ y &* side &+ x]
                      * across.loadUnaligned(fromByteOffset: 32 &* x, as: Row.self)
                  }
                  for v in 0..<8 { sums[v] += down[8 &* v &+ y] * line }
                }
                for v in 0..<8 {
                  result.storeBytes(of: sums[v], toByteOffset: 256 &* block &+ 32 &* v, as: Row.self)
                }
              }
            }
          }
        }
      }
    }
    return result
  }
}
