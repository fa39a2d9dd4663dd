/// How a residual resembles itself under each shift: the autocorrelation of its flattened spectrum, in standard
/// deviations.
struct LagPlane {
  /// Largest shift either way, pixels.
  let reach: Int
  // Rows 0 … reach, columns -reach … reach; the other half is its mirror image.
  private var values: [Float]

  /// Shifts of `residual` up to three tiles and a bit, for cells of `low` to `high` pixels.
  init(_ residual: LumaPlane, _ transform: PlaneTransform, low: Double, high: Double) {
    let (width, height, columns) = (transform.width, transform.height, transform.columns)
    var padded = [Float](repeating: 0, count: width * height)
    for y in 0..<residual.height {
      let source = y * residual.width
      for x in 0..<residual.width { padded[y * width + x] = residual.values[source + x] }
    }
    var re = [Float](repeating: 0, count: columns * height)
    var im = re
    re.withUnsafeMutableBufferPointer { re in
      im.withUnsafeMutableBufferPointer { im in
        padded.withUnsafeMutableBufferPointer { padded in
          guard let re = re.baseAddress, let im = im.baseAddress, let padded = padded.baseAddress else {
            return
          }
          transform.forward(padded, re, im)
          Self.flatten(re, im, width: width, height: height, low: low, high: high)
          transform.inverse(re, im, padded)
        }
      }
    }
    reach = min(Int(3.3 * 64 * high), min(width, height) / 2 - 1)
    values = []
    values.reserveCapacity((reach + 1) * (2 * reach + 1))
    for y in 0...reach {
      for x in -reach...reach { values.append(padded[y * width + (x & (width - 1))]) }
    }
    normalise(nearest: Int(20 * low))
  }

  /// The value at a shift, between pixels; 0 out of reach.
  @inline(__always)
  func value(_ x: Double, _ y: Double) -> Float {
    let (x, y) = y < 0 ? (-x, -y) : (x, y)
    let (left, top) = (Int(x.rounded(.down)), Int(y))
    guard left >= -reach, left < reach, top < reach else { return 0 }
    let (u, v) = (Float(x - Double(left)), Float(y - Double(top)))
    let width = 2 * reach + 1
    return values.withUnsafeBufferPointer { values in
      let index = top &* width &+ left &+ reach
      let upper = values[index] + (values[index &+ 1] - values[index]) * u
      let lower = values[index &+ width] + (values[index &+ width &+ 1] - values[index &+ width]) * u
      return upper + (lower - upper) * v
    }
  }

  private mutating func normalise(nearest: Int) {
    let width = 2 * reach + 1
    var (sum, count) = (0.0, 0)
    for y in stride(from: 0, through: reach, by: 3) {
      for x in stride(from: -reach, through: reach, by: 2) where y > nearest || abs(x) > nearest {
        sum += Double(abs(values[y * width + x + reach]))
        count += 1
      }
    }
    // The mean distance of a normal distribution is √(2/π) of its deviation, and robust.
    let scale = Float(Double(count) / max(sum * 1.2533, 1e-12))
    for index in values.indices { values[index] = min(max(values[index] * scale, -3), 12) }
  }

  /// Replaces the spectrum by its power over that of its surroundings, bounded, so that neither edges nor a codec's grid
  /// stand out, within the ring of frequencies where tiles have their waves.
  private static func flatten(
    _ re: UnsafeMutablePointer<Float>, _ im: UnsafeMutablePointer<Float>, width: Int, height: Int,
    low: Double,
    high: Double
  ) {
    let columns = width / 2 + 1
    var power = LumaPlane(width: columns, height: height)
    for index in 0..<columns * height { power.values[index] = re[index] * re[index] + im[index] * im[index] }
    let around = BoxFilter.mean(power, radius: 7)
    let middle = (low * high).squareRoot()
    let (inner, outer) = (TileCode.innerRadius / 64, TileCode.outerRadius / 64)
    let full = (inner / middle * (inner / middle), outer / middle * (outer / middle))
    let edge = (0.9 * inner / high * 0.9 * inner / high, outer / low * (outer / low))
    var (sum, weights) = (0.0, 0.0)
    for row in 0..<height {
      let fy = Double(row < height / 2 ? row : row - height) / Double(height)
      for column in 0..<columns {
        let index = row * columns + column
        let fx = Double(column) / Double(width)
        let square = fx * fx + fy * fy
        im[index] = 0
        guard square >= edge.0, square <= edge.1 else {
          re[index] = 0
          continue
        }
        let weight = square >= full.0 && square <= full.1 ? 1 : 0.35
        let flat = min(power.values[index] / max(around.values[index], 1e-12), 4)
        re[index] = flat * Float(weight)
        sum += Double(flat) * weight
        weights += weight
      }
    }
    // Without its mean the flattened power has no peak at shift nothing.
    let mean = Float(sum / max(weights, 1))
    for row in 0..<height {
      for column in 0..<columns {
        let index = row * columns + column
        guard re[index] > 0 else { continue }
        let fy = Double(row < height / 2 ? row : row - height) / Double(height)
        let fx = Double(column) / Double(width)
        let square = fx * fx + fy * fy
        re[index] -= mean * (square >= full.0 && square <= full.1 ? 1 : 0.35)
      }
    }
  }
}
