/// How clear each wave is of noise beside the others of its ring: what a picture has of its own, and what a codec leaves of a wave,
/// is not the same in all directions. Powers know nothing of signs, so the bounds of `WatermarkDecision` hold as they are.
struct WaveClarity {
  /// Power of the ring over that around the wave, one for each wave of the spectra.
  private(set) var values: [Float]

  /// Waves each way that power is averaged over, the wave itself twice, for tiles are few; and what bounds the values.
  private static let reach = 1
  private static let largest: Float = 3

  /// The clarity of the waves of `spectra`, whose rings have a mean square of 1 / `scales`².
  init(_ spectra: TileSpectra, scales: [Float]) {
    let span = Int(TileCode.outerRadius) + 1 + Self.reach
    let side = 2 * span + 1
    func place(_ x: Int, _ y: Int) -> Int { (y + span) * side + x + span }
    let tiles = spectra.columns * spectra.rows
    // Nothing where there is no wave.
    var powers = [(sum: Float, count: Float)](repeating: (0, 0), count: side * side)
    for (index, wave) in spectra.waves.enumerated() {
      var sum: Float = 0
      for at in stride(from: index, to: tiles * spectra.waves.count, by: spectra.waves.count) {
        sum += spectra.re[at] * spectra.re[at] + spectra.im[at] * spectra.im[at]
      }
      let power = sum * scales[wave.ring] * scales[wave.ring]
      powers[place(wave.x, wave.y)] = (power, 1)
      powers[place(-wave.x, -wave.y)] = (power, 1)
    }
    values = spectra.waves.map { wave in
      var (sum, count) = powers[place(wave.x, wave.y)]
      for y in wave.y - Self.reach...wave.y + Self.reach {
        for x in wave.x - Self.reach...wave.x + Self.reach {
          sum += powers[place(x, y)].sum
          count += powers[place(x, y)].count
        }
      }
      return min(max(count / max(sum, 1e-9), 1 / Self.largest), Self.largest)
    }
  }
}
