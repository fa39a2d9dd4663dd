internal import CImageIO

/// The 8 × 8 discrete cosine transform of T.81 A.3.3 on single blocks.
enum BlockTransform {
  typealias Row = SIMD8<Float>

  /// `basis[u][x]` = C(u) / 2 · cos((2x + 1) u π / 16), orthonormal.
  private static let basis: [Row] = (0..<8).map { u in
    // cos(k π / 16) for k = 0 … 8; the rest follows by symmetry, so that no mathematics library is needed.
    let cosines: [Float] = [
      1, 0.980785280403230449, 0.923879532511286756, 0.831469612302545237, 0.707106781186547524,
      0.555570233019602225, 0.382683432365089772, 0.195090322016128268, 0,
    ]
    func cosine(_ k: Int) -> Float {
      let k = k % 32
      return switch k {
      case 0...8: cosines[k]
      case 9...16: -cosines[16 - k]
      case 17...24: -cosines[k - 16]
      default: cosines[32 - k]
      }
    }
    var row = Row()
    for x in 0..<8 { row[x] = cosine((2 * x + 1) * u) * (u == 0 ? 0.353553390593273762 : 0.5) }
    return row
  }

  /// Where both tables are, never freed: handed on by value they would be copied for every block. Unchecked, for a pointer is not sendable
  /// by itself: they are written once, before any other thread can have it, and only read since.
  private struct Waves: @unchecked Sendable {
    let pointer: UnsafePointer<tm_block_waves>
  }

  private static let waves: Waves = {
    let waves = UnsafeMutablePointer<tm_block_waves>.allocate(capacity: 1)
    waves.initialize(to: tm_block_waves())
    withUnsafeMutableBytes(of: &waves.pointee) { raw in
      let values = raw.bindMemory(to: Float.self)
      for index in 0..<64 {
        values[index] = basis[index / 8][index % 8]
        values[64 + index] = basis[index % 8][index / 8]
      }
    }
    return Waves(pointer: waves)
  }()

  /// Samples, row by row around 128, of dequantised coefficients in natural order.
  static func samples(
    _ coefficients: UnsafePointer<Int16>, _ steps: UnsafePointer<Float>,
    into samples: UnsafeMutablePointer<Float>
  ) {
    tm_block_samples(waves.pointer, coefficients, steps, samples)
  }

  /// The same as integers 0 … 255, rows `pitch` apart.
  static func pixels(
    _ coefficients: UnsafePointer<Int16>, _ steps: UnsafePointer<Float>,
    into pixels: UnsafeMutablePointer<UInt16>, pitch: Int
  ) {
    tm_block_pixels(waves.pointer, coefficients, steps, pixels, pitch)
  }

  /// Quantised coefficients in natural order of samples around 128.
  static func coefficients(
    _ samples: UnsafePointer<Float>, _ steps: UnsafePointer<Float>,
    into coefficients: UnsafeMutablePointer<Int16>
  ) {
    tm_block_coefficients(waves.pointer, samples, steps, coefficients)
  }
}
