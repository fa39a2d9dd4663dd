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

  /// `transposed[x][u]` = `basis[u][x]`.
  private static let transposed: [Row] = (0..<8).map { x in
    var row = Row()
    for u in 0..<8 { row[u] = basis[u][x] }
    return row
  }

  /// Samples, row by row around 128, of dequantised coefficients in natural order.
  static func samples(
    _ coefficients: UnsafePointer<Int16>, _ steps: UnsafePointer<Float>,
    into samples: UnsafeMutablePointer<Float>
  ) {
    basis.withUnsafeBufferPointer { basis in
      for k in 0..<64 { samples[k] = Float(coefficients[k]) * steps[k] }
      var columns = (Row(), Row(), Row(), Row(), Row(), Row(), Row(), Row())
      withUnsafeMutableBytes(of: &columns) { raw in
        let rows = raw.assumingMemoryBound(to: Row.self)
        let lines = UnsafeRawPointer(samples)
        for v in 0..<8 {
          let row = lines.loadUnaligned(fromByteOffset: 32 * v, as: Row.self)
          // High rows of most blocks hold nothing.
          if v > 0, (row .!= 0) == SIMDMask(repeating: false) { continue }
          for y in 0..<8 { rows[y] += basis[v][y] * row }
        }
        let result = UnsafeMutableRawPointer(samples)
        for y in 0..<8 {
          let row = rows[y]
          var sum = Row(repeating: 128)
          for u in 0..<8 { sum += row[u] * basis[u] }
          result.storeBytes(of: sum, toByteOffset: 32 * y, as: Row.self)
        }
      }
    }
  }

  /// Quantised coefficients in natural order of samples around 128.
  static func coefficients(
    _ samples: UnsafePointer<Float>, _ steps: UnsafePointer<Float>,
    into coefficients: UnsafeMutablePointer<Int16>
  ) {
    let lines = UnsafeRawPointer(samples)
    basis.withUnsafeBufferPointer { basis in
      transposed.withUnsafeBufferPointer { transposed in
        for v in 0..<8 {
          var column = Row()
          for y in 0..<8 { column += basis[v][y] * lines.loadUnaligned(fromByteOffset: 32 * y, as: Row.self) }
          var row = Row()
          for x in 0..<8 { row += column[x] * transposed[x] }
          // The 128 that samples lie around is a constant, which only the first coefficient sees.
          if v == 0 { row[0] -= 1024 }
          row /= UnsafeRawPointer(steps).loadUnaligned(fromByteOffset: 32 * v, as: Row.self)
          // AC coefficients of 8-bit samples have at most ten bits, DC differences eleven (T.81 table F.1, F.2).
          var bound = Row(repeating: 1023)
          if v == 0 { bound[0] = 1024 }
          row.clamp(lowerBound: -bound, upperBound: bound)
          // Adding 1.5 · 2²³ leaves the nearest integer in a float's last bits.
          row += 0x1.8p23
          for u in 0..<8 {
            coefficients[8 * v + u] = Int16(truncatingIfNeeded: row[u].bitPattern)
          }
        }
      }
    }
  }
}
