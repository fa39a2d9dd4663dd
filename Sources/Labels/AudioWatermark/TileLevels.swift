/// Levels of tiles in decibels, one row of `SoundTiles.bands` for each 48 ms.
struct TileLevels {
  /// Rows.
  let count: Int
  /// Row by row.
  var values: [Float]

  init(count: Int, values: [Float]) {
    self.count = count
    self.values = values
  }

  /// Decibels under the loud tiles below which levels are not told apart.
  static let depth: Float = 75

  /// Levels of `powers`, sums over bands of one spectrum each, row by row; `tempo` times as slow as the original, the first tile
  /// `phase` spectra later. `floor` is the least level told.
  init(_ powers: BandPowers, tempo: Double, phase: Double, floor: Float) {
    let bands = SoundTiles.bands
    let length = Double(SoundTiles.hops)
    let count = max(0, Int((Double(powers.count) / tempo - phase) / length))
    self.count = count
    values = [Float](unsafeUninitializedCapacity: count * bands) { values, initialized in
      powers.sums.withUnsafeBufferPointer { sums in
        for row in 0..<count {
          let middle = Double(row) * length + SoundTiles.middle + phase
          let start = Self.place((middle - length / 2) * tempo, powers.count)
          let end = Self.place((middle + length / 2) * tempo, powers.count)
          for band in 0..<bands {
            let (s, e) = (start.index &* bands &+ band, end.index &* bands &+ band)
            let low = sums[s] + (sums[s &+ bands] - sums[s]) * start.share
            let high = sums[e] + (sums[e &+ bands] - sums[e]) * end.share
            values[row &* bands &+ band] = max(floor, decibels(Float(max(0, high - low))))
          }
        }
      }
      initialized = count * bands
    }
  }

  /// Spectrum n reaches from n - ½ to n + ½.
  private static func place(_ time: Double, _ count: Int) -> (index: Int, share: Double) {
    let place = min(max(time + 0.5, 0), Double(count) - 1e-6)
    return (Int(place), place - Double(Int(place)))
  }

  /// The level that 98 of 100 tiles do not reach, less `depth`.
  static func floor(of levels: [Float]) -> Float { loud(levels) - depth }

  /// The level that 98 of 100 tiles do not reach.
  static func loud(_ levels: [Float]) -> Float {
    guard !levels.isEmpty else { return 0 }
    // Steps of a quarter of a decibel from -160 on.
    var histogram = [Int](repeating: 0, count: 1024)
    for level in levels { histogram[min(1023, max(0, Int((level + 160) * 4)))] += 1 }
    var rest = levels.count / 50
    for step in stride(from: 1023, through: 0, by: -1) {
      rest -= histogram[step]
      if rest < 0 { return Float(step) / 4 - 160 }
    }
    return -160
  }
}

/// Powers of bands, added up over time.
struct BandPowers {
  /// Spectra.
  let count: Int
  /// Row n holds the sums of the spectra before n; one row more than spectra.
  let sums: [Double]

  /// `spectra` are rows of `points` powers; `pitch` is how much higher everything lies than in the original.
  init(_ spectra: ArraySlice<Float>, points: Int, rate: Int, pitch: Double) {
    let bands = SoundTiles.bands
    let count = spectra.count / points
    let edges = (0...bands).map { band in
      min(SoundTiles.edge(of: band, rate: rate, pitch: pitch) + 0.5, Double(points) - 1e-6)
    }
    let parts = (0..<bands).map { Self.parts(edges[$0], edges[$0 + 1]) }
    self.count = count
    sums = [Double](unsafeUninitializedCapacity: (count + 1) * bands) { sums, initialized in
      for band in 0..<bands { sums[band] = 0 }
      spectra.withUnsafeBufferPointer { spectra in
        for row in 0..<count {
          for band in 0..<bands {
            let part = parts[band]
            var power: Float = 0
            for point in 0..<part.weights.count {
              power += part.weights[point] * spectra[row &* points &+ part.first &+ point]
            }
            let place = row &* bands &+ band
            sums[place &+ bands] = sums[place] + Double(power)
          }
        }
      }
      initialized = (count + 1) * bands
    }
  }

  /// The points from `low` to `high`, point n reaching from n to n + 1, with their shares.
  private static func parts(_ low: Double, _ high: Double) -> (first: Int, weights: [Float]) {
    let first = Int(low)
    let weights = (first...max(first, Int(high))).map { point in
      Float(max(0, min(high, Double(point + 1)) - max(low, Double(point))))
    }
    return (first, weights)
  }
}

/// Ten times the decimal logarithm, to within 0.0001; -140 for less than 10⁻¹⁴.
@inline(__always)
func decibels(_ power: Float) -> Float {
  let bits = (power + 1e-14).bitPattern
  let exponent = Float(Int32(bits >> 23) - 127)
  let m = Float(bitPattern: bits & 0x7F_FFFF | 0x3F80_0000) - 1
  // The logarithm of 1 + m, fitted at Chebyshev's places.
  let high = 0.457_148 + m * (-0.277_320 + m * (0.121_451 - m * 0.025_784))
  let log2 = exponent + m * (1.442_535 + m * (-0.718_032 + m * high))
  return 3.010_3 * log2
}
