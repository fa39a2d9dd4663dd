/// Holds marked sound within full scale by turning it down for some milliseconds around a peak: cutting peaks off would spread
/// noise to frequencies where nothing hides it.
struct PeakLimiter {
  /// Samples that are turned down together.
  private let slot: Int
  /// Half a Hann window, from silence up, over which the gain falls and rises again.
  private let flank: [Float]

  init(rate: Int) {
    slot = max(1, rate / 1000)
    let length = max(1, rate / 200)
    flank = SoundTiles.hann(2 * length).prefix(length).map(Float.init)
  }

  /// Turns `samples` down where they exceed full scale, or the peak of `source` where that is higher. Elsewhere they stay as they are.
  func limit(_ samples: inout [Float], source: [Float]) {
    let ceiling = source.reduce(Float(1)) { $1.isFinite ? max($0, abs($1)) : $0 }
    var dips: [Float] = []
    for start in stride(from: 0, to: samples.count, by: slot) {
      let end = min(start + slot, samples.count)
      let peak = samples[start..<end].reduce(Float(0)) { $1.isFinite ? max($0, abs($1)) : $0 }
      guard peak > ceiling else { continue }
      if dips.isEmpty { dips = [Float](repeating: 0, count: samples.count) }
      lower(&dips, start..<end, by: 1 - ceiling / peak)
    }
    for index in dips.indices where dips[index] > 0 {
      samples[index] = min(max(samples[index] * (1 - dips[index]), -ceiling), ceiling)
    }
  }

  private func lower(_ dips: inout [Float], _ range: Range<Int>, by dip: Float) {
    for index in range { dips[index] = max(dips[index], dip) }
    for (step, share) in flank.enumerated() {
      let distance = flank.count - step
      let (before, after) = (range.lowerBound - distance, range.upperBound - 1 + distance)
      if before >= 0 { dips[before] = max(dips[before], dip * share) }
      if after < dips.count { dips[after] = max(dips[after], dip * share) }
    }
  }
}
