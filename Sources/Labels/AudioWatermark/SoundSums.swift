/// The statistics of tiles added up over periods.
struct SoundSums {
  /// Sums of statistics and of weights, a period row by row.
  private(set) var values = [Float](repeating: 0, count: SoundCode.cells)
  private(set) var weights = [Float](repeating: 0, count: SoundCode.cells)

  /// Nothing yet.
  init() {}

  /// The sums of `statistic`, whose first row stands in row `start` of a period.
  init(_ statistic: TileStatistic, start: Int) {
    let bands = SoundTiles.bands
    for row in 0..<statistic.count {
      let target = (start + row) % SoundTiles.period * bands
      for band in 0..<bands {
        values[target &+ band] += statistic.values[row &* bands &+ band]
        weights[target &+ band] += statistic.weights[row &* bands &+ band]
      }
    }
  }

  /// Adds sums whose periods begin at the same time.
  mutating func add(_ other: SoundSums) {
    for index in values.indices {
      values[index] += other.values[index]
      weights[index] += other.weights[index]
    }
  }

  /// How much the tiles of synchronisation agree with `code` where the period begins in row `offset`, for every offset: Σ ± v
  /// / √Σ v², the deviations above chance.
  func synchronisation(_ code: SoundCode) -> [Float] {
    let bands = SoundTiles.bands
    let squares = values.map { $0 * $0 }
    return (0..<SoundTiles.period).map { offset in
      var (sum, power): (Float, Float) = (0, 0)
      values.withUnsafeBufferPointer { values in
        squares.withUnsafeBufferPointer { squares in
          code.sync.withUnsafeBufferPointer { sync in
            for row in 0..<SoundTiles.period {
              let source = (row + offset) % SoundTiles.period * bands
              let (line, own) = Self.products(
                values.baseAddress, squares.baseAddress, source, sync.baseAddress, row * bands)
              sum += line
              power += own
            }
          }
        }
      }
      return power > 0 ? sum / power.squareRoot() : 0
    }
  }

  /// Σ v s and Σ v² s² over one row.
  @inline(__always)
  private static func products(
    _ values: UnsafePointer<Float>?, _ squares: UnsafePointer<Float>?, _ source: Int,
    _ sync: UnsafePointer<Float>?, _ target: Int
  ) -> (Float, Float) {
    guard let values, let squares, let sync else { return (0, 0) }
    var (sum, power) = (SIMD8<Float>(), SIMD8<Float>())
    for band in stride(from: 0, to: SoundTiles.bands, by: 8) {
      let v = UnsafeRawPointer(values + (source &+ band)).loadUnaligned(as: SIMD8<Float>.self)
      let q = UnsafeRawPointer(squares + (source &+ band)).loadUnaligned(as: SIMD8<Float>.self)
      let s = UnsafeRawPointer(sync + (target &+ band)).loadUnaligned(as: SIMD8<Float>.self)
      sum += v * s
      power += q * (s * s)
    }
    return (sum.sum(), power.sum())
  }

  /// What each band is worth to a reader, 1 on average, by how much of the mark its tiles of synchronisation and those of the
  /// bands around show where the period begins in row `offset`: a coder of speech leaves it in some bands and puts noise into others.
  func bandGains(_ code: SoundCode, offset: Int) -> [Float] {
    let bands = SoundTiles.bands
    var (shown, weight) = ([Float](repeating: 0, count: bands), [Float](repeating: 0, count: bands))
    for row in 0..<SoundTiles.period {
      let source = (row + offset) % SoundTiles.period * bands
      for band in 0..<bands {
        let sign = code.sync[row * bands + band]
        shown[band] += values[source + band] * sign
        weight[band] += weights[source + band] * sign * sign
      }
    }
    let mean = max(0, shown.reduce(0, +)) / max(1e-6, weight.reduce(0, +))
    guard mean > 0 else { return [Float](repeating: 1, count: bands) }
    return (0..<bands).map { band in
      var (sum, total) = (Self.prior * mean, Self.prior)
      for other in max(0, band - Self.reach)...min(bands - 1, band + Self.reach) {
        let near = 1 - Float(abs(other - band)) / Float(Self.reach + 1)
        sum += near * shown[other]
        total += near * weight[other]
      }
      return max(0, sum / total) / mean
    }
  }

  /// Bands to each side that tell what one is worth, and the weight of tiles that speak for the mean of all.
  private static let reach = 10
  private static let prior: Float = 20

  /// Soft values of a message's bits where the period begins in row `offset`; positive for 0. `gains` are what each band is worth.
  func softBits(_ code: SoundCode, _ polar: PolarCode, offset: Int, gains: [Float]? = nil) -> [Float] {
    let bands = SoundTiles.bands
    let gains = gains ?? [Float](repeating: 1, count: bands)
    var sums = [Float](repeating: 0, count: polar.length)
    var spread = sums
    for row in 0..<SoundTiles.period {
      let source = (row + offset) % SoundTiles.period * bands
      for band in 0..<bands {
        let cell = row * bands + band
        let place = Int(code.place[cell])
        guard place >= 0 else { continue }
        sums[place % polar.length] += gains[band] * values[source + band] * code.chip[cell] * code.mask[place]
        spread[place % polar.length] += gains[band] * gains[band] * weights[source + band]
      }
    }
    return zip(sums, spread).map { $0 / ($1 + 0.5).squareRoot() }
  }
}
