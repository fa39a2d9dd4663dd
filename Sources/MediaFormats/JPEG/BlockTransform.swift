/// The 8 × 8 discrete cosine transform of T.81 A.3.3 on single blocks, eight columns to a vector.
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

  /// Samples, row by row around 128, of dequantised coefficients in natural order.
  static func samples(
    _ coefficients: UnsafePointer<Int16>, _ steps: UnsafePointer<Float>,
    into samples: UnsafeMutablePointer<Float>
  ) {
    basis.withUnsafeBufferPointer { basis in
      var columns = (Row(), Row(), Row(), Row(), Row(), Row(), Row(), Row())
      withUnsafeMutableBytes(of: &columns) { raw in
        let rows = raw.assumingMemoryBound(to: Row.self)
        for v in 0..<8 {
          var row = Row()
          var isZero = true
          for u in 0..<8 where coefficients[8 * v + u] != 0 {
            row[u] = Float(coefficients[8 * v + u]) * steps[8 * v + u]
            isZero = false
          }
          if isZero { continue }
          for y in 0..<8 { rows[y] += basis[v][y] * row }
        }
        for y in 0..<8 {
          var row = Row(repeating: 128)
          for u in 0..<8 { row += rows[y][u] * basis[u] }
          for x in 0..<8 { samples[8 * y + x] = row[x] }
        }
      }
    }
  }

  /// Quantised coefficients in natural order of samples around 128.
  static func coefficients(
    _ samples: UnsafePointer<Float>, _ steps: UnsafePointer<Float>,
    into coefficients: UnsafeMutablePointer<Int16>
  ) {
    basis.withUnsafeBufferPointer { basis in
      for v in 0..<8 {
        var column = Row()
        for y in 0..<8 {
          var row = Row()
          for x in 0..<8 { row[x] = samples[8 * y + x] - 128 }
          column += basis[v][y] * row
        }
        for u in 0..<8 {
          let value = (column * basis[u]).sum() / steps[8 * v + u]
          // AC coefficients of 8-bit samples have at most ten bits, DC differences eleven (T.81 table F.1, F.2).
          let bound: Float = u == 0 && v == 0 ? 1024 : 1023
          coefficients[8 * v + u] = Int16(min(max(value, -bound), bound).rounded())
        }
      }
    }
  }
}
