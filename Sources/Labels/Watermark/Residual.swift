/// What is left of a picture when its own content is taken down: a high pass, divided by its local strength, clipped, and weighed.
/// Local normalisation weighs the mark where it is strong relative to the picture, clipping keeps edges and pasted
/// things from drowning it.
///
/// Normalised, noise comes to about as much everywhere but the mark does not: what adds up best is the mark over the *power* of the
/// noise, so that calm places have a weight on top. Busy ones keep a part of theirs, for there the mark is drawn stronger.
enum Residual {
  private static let clip: Float = 2
  /// The weight, beside that of calm places, that all places have.
  private static let busyShare: Float = 0.15
  /// Local strength, grey levels, that halves the weight of calm places, at least.
  private static let leastCalm: Float = 2

  /// Grey levels below which the local strength of a still is not made up for: what is fainter there is taken for noise.
  static let floor: Float = 1

  /// The residual of `plane` for cells of about `scale` pixels.
  static func of(_ plane: LumaPlane, scale: Double, floor: Float = floor) -> LumaPlane {
    // Two boxes make nearly the Gaussian of standard deviation 2.2 cells.
    let low = BoxFilter.mean(BoxFilter.mean(plane, radius: radius(2.7 * scale)), radius: radius(2.7 * scale))
    var high = plane
    var squares = plane
    let count = plane.values.count
    high.values.withUnsafeMutableBufferPointer { high in
      squares.values.withUnsafeMutableBufferPointer { squares in
        low.values.withUnsafeBufferPointer { low in
          for index in 0..<count {
            let value = high[index] - low[index]
            high[index] = value
            squares[index] = value * value
          }
        }
      }
    }
    var strength = BoxFilter.mean(squares, radius: radius(2.5 * scale))
    let calm = Self.calm(&strength)
    high.values.withUnsafeMutableBufferPointer { high in
      strength.values.withUnsafeBufferPointer { strength in
        for index in 0..<count {
          let value = min(max(high[index] / (strength[index] + floor), -clip), clip)
          high[index] = value * (calm / (strength[index] + calm) + busyShare)
        }
      }
    }
    return high
  }

  /// Makes local strengths of powers. Returns that which halves the weight of calm places: more where their harmonic mean is large, for
  /// where all of a picture is busy, as textures are, no place tells much more than another.
  private static func calm(_ power: inout LumaPlane) -> Float {
    let count = power.values.count
    var sums = [Float](repeating: 0, count: power.width)
    power.values.withUnsafeMutableBufferPointer { values in
      sums.withUnsafeMutableBufferPointer { sums in
        for start in stride(from: 0, to: count, by: max(1, sums.count)) {
          for x in 0..<sums.count {
            let strength = max(values[start &+ x], 0).squareRoot()
            values[start &+ x] = strength
            sums[x] += 1 / (strength + 1)
          }
        }
      }
    }
    let mean = sums.reduce(Float(0), +) / Float(max(1, count))
    let harmonic = 1 / max(mean, 1e-6) - 1
    return max(leastCalm, 3 * (harmonic - leastCalm))
  }

  private static func radius(_ pixels: Double) -> Int { max(1, Int(pixels.rounded())) }
}

/// Means over squares, by running sums.
enum BoxFilter {
  /// Means over (2 `radius` + 1)² values, of those that lie inside.
  static func mean(_ plane: LumaPlane, radius: Int) -> LumaPlane {
    var result = LumaPlane(width: plane.width, height: plane.height)
    let (width, height) = (plane.width, plane.height)
    var sums = [Float](repeating: 0, count: width)
    var quad = [Float](repeating: 0, count: 4 * width)
    var line = [SIMD4<Float>](repeating: SIMD4(), count: width + 2 * radius + 1)
    let across = counts(width, radius)
    plane.values.withUnsafeBufferPointer { source in
      result.values.withUnsafeMutableBufferPointer { target in
        sums.withUnsafeMutableBufferPointer { sums in
          quad.withUnsafeMutableBufferPointer { quad in
            guard let base = target.baseAddress else { return }
            for y in 0..<min(radius, height) {
              for x in 0..<width { sums[x] += source[y &* width &+ x] }
            }
            var scales = SIMD4<Float>()
            for y in 0..<height {
              if y + radius < height {
                let row = (y + radius) * width
                for x in 0..<width { sums[x] += source[row &+ x] }
              }
              if y > radius {
                let row = (y - radius - 1) * width
                for x in 0..<width { sums[x] -= source[row &+ x] }
              }
              let lane = y % 4
              scales[lane] = 1 / Float(min(height - 1, y + radius) - max(0, y - radius) + 1)
              for x in 0..<width { quad[4 &* x &+ lane] = sums[x] }
              guard lane == 3 || y == height - 1 else { continue }
              smooth(
                UnsafeRawBufferPointer(quad), into: base + (y - lane) * width, rows: lane + 1, &line, radius,
                across, scales)
            }
          }
        }
      }
    }
    return result
  }

  /// Up to four rows at a time, a lane each: sums along a row wait for one another.
  private static func smooth(
    _ sums: UnsafeRawBufferPointer, into row: UnsafeMutablePointer<Float>, rows: Int,
    _ line: inout [SIMD4<Float>], _ radius: Int, _ across: [Float], _ scales: SIMD4<Float>
  ) {
    let width = sums.count / 16
    line.withUnsafeMutableBufferPointer { line in
      across.withUnsafeBufferPointer { across in
        // Prefix sums of the row: each mean is a difference of two.
        var sum = SIMD4<Float>()
        for x in 0...radius { line[x] = SIMD4() }
        for x in 0..<width {
          sum += sums.loadUnaligned(fromByteOffset: 16 &* x, as: SIMD4<Float>.self)
          line[radius &+ 1 &+ x] = sum
        }
        for x in width..<width + radius where radius + 1 + x < line.count { line[radius &+ 1 &+ x] = sum }
        for x in 0..<width {
          let end = min(width + radius, radius &+ 1 &+ x &+ radius)
          let means = (line[end] - line[x]) * across[x] * scales
          row[x] = means[0]
          if rows > 1 { row[width &+ x] = means[1] }
          if rows > 2 { row[2 &* width &+ x] = means[2] }
          if rows > 3 { row[3 &* width &+ x] = means[3] }
        }
      }
    }
  }

  private static func counts(_ length: Int, _ radius: Int) -> [Float] {
    (0..<length).map { 1 / Float(min(length - 1, $0 + radius) - max(0, $0 - radius) + 1) }
  }
}
