internal import CSignal

/// The power of a residual over that of its surroundings, bounded, so that neither edges nor a codec's grid stand out.
struct FlatSpectrum {
  let power: LumaPlane
  fileprivate let transform: PlaneTransform
  private let width: Float
  private let height: Float

  /// The spectrum of `residual`; surroundings are 15 × 15 frequencies.
  init(_ residual: LumaPlane, _ transform: PlaneTransform) {
    var power = transform.power(of: residual)
    let around = BoxFilter.mean(power, radius: 7)
    let count = power.values.count
    power.values.withUnsafeMutableBufferPointer { power in
      around.values.withUnsafeBufferPointer { around in
        for index in 0..<count {
          power[index] = min(power[index] / max(around[index], 1e-12), ClippedPower.most)
        }
      }
    }
    self.power = power
    self.transform = transform
    (width, height) = (Float(transform.width), Float(transform.height))
  }

  /// The values at `count` frequencies, cycles a pixel, between those that were measured; 1 where there is none.
  func read(
    _ across: UnsafePointer<Float>, _ down: UnsafePointer<Float>, count: Int,
    into values: UnsafeMutablePointer<Float>
  ) {
    withSpectrum { tm_spectrum_values($0, across, down, Int32(count), values) }
  }

  /// The sum of the values at the frequencies of waves of (`x`, `y`) cycles a tile, by four `units`: cycles a pixel across for each of x
  /// and y, then down.
  func sum(_ x: [Float], _ y: [Float], by units: [Float]) -> Float {
    withSpectrum { tm_spectrum_sum($0, x, y, Int32(x.count), units) }
  }

  private func withSpectrum<Result>(_ body: (UnsafePointer<tm_spectrum>) -> Result) -> Result {
    power.values.withUnsafeBufferPointer { samples in
      var spectrum = tm_spectrum(
        power: samples.baseAddress, pitch: Int32(power.width), width: width, height: height)
      return body(&spectrum)
    }
  }
}

/// How a residual resembles itself under each shift: the autocorrelation of its flattened spectrum, in standard
/// deviations.
struct LagPlane {
  /// Largest shift either way, pixels.
  let reach: Int
  // Rows 0 … reach, columns -reach … reach; the other half is its mirror image.
  private var values: [Float]

  /// Shifts of `spectrum` up to three tiles and a bit, for cells of `low` to `high` pixels.
  init(_ spectrum: FlatSpectrum, low: Double, high: Double) {
    let transform = spectrum.transform
    let (width, height) = (transform.width, transform.height)
    let ring = Ring(low: low, high: high, width: width, height: height)
    let reach = min(Int(3.3 * 64 * high), min(width, height) / 2 - 1)
    self.reach = reach
    let weighted = ring.weighted(spectrum.power)
    var plane = [Float](repeating: 0, count: (reach + 1) * width)
    transform.correlation(weighted, filled: ring.columns, rows: reach + 1, into: &plane)
    values = []
    values.reserveCapacity((reach + 1) * (2 * reach + 1))
    for y in 0...reach {
      values += plane[(y + 1) * width - reach..<(y + 1) * width]
      values += plane[y * width...y * width + reach]
    }
    normalise(nearest: Int(20 * low))
  }

  /// The value at a shift, between pixels; 0 out of reach.
  @inline(__always)
  func value(_ x: Double, _ y: Double) -> Float {
    // Truncating what is not negative is rounding down, which takes a call.
    let (x, y) = y < 0 ? (Double(reach) - x, -y) : (Double(reach) + x, y)
    guard x >= 0, x < Double(2 * reach), y < Double(reach) else { return 0 }
    let (left, top) = (Int(x), Int(y))
    let (u, v) = (Float(x - Double(left)), Float(y - Double(top)))
    let width = 2 * reach + 1
    return values.withUnsafeBufferPointer { values in
      let index = top &* width &+ left
      let upper = values[index] + (values[index &+ 1] - values[index]) * u
      let lower = values[index &+ width] + (values[index &+ width &+ 1] - values[index &+ width]) * u
      return upper + (lower - upper) * v
    }
  }

  /// The values at shifts of (`x`, `y`) times `scale`.
  func values(_ x: [Float], _ y: [Float], scale: Float) -> [Float] {
    // Whole eights; what is added is no shift.
    let count = (x.count + 7) & ~7
    let padding = [Float](repeating: 0, count: count - x.count)
    return [Float](unsafeUninitializedCapacity: count) { result, filled in
      values.withUnsafeBufferPointer { values in
        guard let result = result.baseAddress else { return }
        var lags = tm_lags(values: values.baseAddress, reach: Int32(reach))
        tm_lag_values(&lags, x + padding, y + padding, scale, Int32(count), result)
      }
      filled = count
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
    values.withUnsafeMutableBufferPointer { values in
      for index in values.indices { values[index] = min(max(values[index] * scale, -3), 12) }
    }
  }

  /// The frequencies at which tiles with cells of a band have their waves: those that all cells of the band have there, and, for
  /// less, those that some have.
  private struct Ring {
    /// Columns of a spectrum up to the outermost.
    let columns: Int
    private let width: Int
    private let height: Int
    private let full: (inner: Double, outer: Double)
    private let edge: (inner: Double, outer: Double)
    private static let edgeWeight: Float = 0.35

    init(low: Double, high: Double, width: Int, height: Int) {
      (self.width, self.height) = (width, height)
      let middle = (low * high).squareRoot()
      let (inner, outer) = (TileCode.innerRadius / 64, TileCode.outerRadius / 64)
      full = (inner / middle, outer / middle)
      edge = (0.9 * inner / high, outer / low)
      columns = min(width / 2, Int(edge.outer * Double(width))) + 1
    }

    /// Columns of a row at `fy` cycles a pixel that lie within `radius`.
    private func reach(_ fy: Double, _ radius: Double) -> Int {
      let square = radius * radius - fy * fy
      return square < 0 ? 0 : min(columns, Int(square.squareRoot() * Double(width)) + 1)
    }

    /// `power` within the ring, weighted, less its mean: without it there is no peak at shift nothing.
    func weighted(_ power: LumaPlane) -> LumaPlane {
      var result = LumaPlane(width: power.width, height: height)
      let pitch = power.width
      var (sum, weights) = (0.0, 0.0)
      result.values.withUnsafeMutableBufferPointer { result in
        power.values.withUnsafeBufferPointer { power in
          forEachSpan { row, span, weight in
            var part: Float = 0
            for index in row * pitch + span.lowerBound..<row * pitch + span.upperBound {
              part += power[index]
            }
            sum += Double(part * weight)
            weights += Double(span.count) * Double(weight)
          }
          let mean = Float(sum / max(weights, 1))
          forEachSpan { row, span, weight in
            for index in row * pitch + span.lowerBound..<row * pitch + span.upperBound {
              result[index] = (power[index] - mean) * weight
            }
          }
        }
      }
      return result
    }

    private func forEachSpan(_ body: (_ row: Int, _ span: Range<Int>, _ weight: Float) -> Void) {
      for row in 0..<height {
        let fy = Double(row < height / 2 ? row : row - height) / Double(height)
        let (a, d) = (reach(fy, edge.inner), reach(fy, edge.outer))
        let (b, c) = (min(max(a, reach(fy, full.inner)), d), min(max(a, reach(fy, full.outer)), d))
        if a < b { body(row, a..<b, Self.edgeWeight) }
        if b < c { body(row, b..<c, 1) }
        if c < d { body(row, c..<d, Self.edgeWeight) }
      }
    }
  }
}
