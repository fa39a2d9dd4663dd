/// Where waves of a key stand in `WaveTable.Waves`, and what takes their phases out: the same for all pictures
/// and one object for all workers, as `TileCode` is.
final class PlacedWaves: Sendable {
  let places: [Int]
  let rings: [Int]
  /// How many there are of each ring.
  let counts: [Float]
  /// e^(-i phase).
  let re: [Float]
  let im: [Float]

  /// More than the rings of any wave.
  private static let ringCount = 64

  init(_ waves: [TileCode.Wave]) {
    places = waves.map { WaveTable.Waves.index($0.x, $0.y) }
    rings = waves.map(\.ring)
    re = waves.map { Float($0.cosine) }
    im = waves.map { Float(-$0.sine) }
    var counts = [Float](repeating: 0, count: Self.ringCount)
    for wave in waves { counts[wave.ring] += 1 }
    self.counts = counts
  }

  /// One over the strength of the waves of each ring.
  static func ringScales(_ parts: [(waves: PlacedWaves, values: WaveTable.Waves)]) -> [Float] {
    var power = [Float](repeating: 0, count: ringCount)
    var counts = power
    for (waves, values) in parts {
      power.withUnsafeMutableBufferPointer { power in
        waves.forEach(values) { _, ring, re, im in power[ring] += re * re + im * im }
      }
      counts = CellSums.combine(counts, waves.counts, +)
    }
    return CellSums.combine(power, counts) { 1 / max(($0 / max(1, $1)).squareRoot(), 1e-9) }
  }

  /// Calls `body` with the number of each wave, its ring and its value.
  @inline(__always)
  func forEach(
    _ values: WaveTable.Waves, _ body: (_ index: Int, _ ring: Int, _ re: Float, _ im: Float) -> Void
  ) {
    places.withUnsafeBufferPointer { places in
      rings.withUnsafeBufferPointer { rings in
        values.re.withUnsafeBufferPointer { re in
          values.im.withUnsafeBufferPointer { im in
            for index in places.indices {
              body(index, rings[index], re[places[index]], im[places[index]])
            }
          }
        }
      }
    }
  }
}

/// The waves of a key.
struct PlacedCode: Sendable {
  let message: PlacedWaves
  /// By pattern.
  let sync: [PlacedWaves]
  /// Where synchronising waves are found in tiles that are turned or mirrored, which all patterns have in the same places.
  let turned: [[Int]]

  init(message: [TileCode.Wave], sync: [[TileCode.Wave]]) {
    self.message = PlacedWaves(message)
    self.sync = sync.map(PlacedWaves.init)
    turned = [0, 4, 1, 5].map { symmetry in
      sync[0].map { wave in
        let (x, y) = SyncSearch.turned(wave.x, wave.y, symmetry)
        return y < 0 ? WaveTable.Waves.index(-x, -y) : WaveTable.Waves.index(x, y)
      }
    }
  }
}
