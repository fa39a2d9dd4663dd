/// Holds what a watermark adds below the sound of the same few milliseconds. The windows in which it is made spread it over silence in
/// front of an onset and behind an end (pre-echo), where nothing masks it; synthetic voices are silent there to the last bit.
struct TemporalMask {
  /// Samples that get one gain.
  private let slot: Int
  /// Slots on each side of one whose sound masks there: 5 ms with it, as long as sound masks what is in front of it.
  private static let reach = 2
  /// The part of that sound's level that may be added.
  private static let most: Float = 0.5

  init(rate: Int) { slot = max(1, rate / 1000) }

  /// Turns what `samples` are beyond `source` down where it is more than its part. Elsewhere they stay as they are.
  func hold(_ samples: inout [Float], source: [Float]) {
    let gains = gains(samples, source)
    for (index, gain) in gains.enumerated() {
      let (before, after) = (gains[max(0, index - 1)], gains[min(gains.count - 1, index + 1)])
      guard min(before, gain, after) < 1 else { continue }
      for sample in index * slot..<min((index + 1) * slot, samples.count) {
        // Interpolated between the middles of slots.
        let place = (Float(sample - index * slot) + 0.5) / Float(slot) - 0.5
        let share = gain + place * (place < 0 ? gain - before : after - gain)
        samples[sample] = source[sample] + share * (samples[sample] - source[sample])
      }
    }
  }

  /// The gain of each slot.
  private func gains(_ samples: [Float], _ source: [Float]) -> [Float] {
    let count = (samples.count + slot - 1) / slot
    var powers = [(own: Float, added: Float)](repeating: (0, 0), count: count)
    for index in 0..<count {
      var (own, added) = (Float(0), Float(0))
      for sample in index * slot..<min((index + 1) * slot, samples.count) {
        let change = samples[sample] - source[sample]
        own += source[sample] * source[sample]
        added += change * change
      }
      powers[index] = (own, added)
    }
    return powers.indices.map { index in
      let near = powers[max(0, index - Self.reach)...min(count - 1, index + Self.reach)]
      let most = Self.most * Self.most * near.reduce(0) { $0 + $1.own }
      let added = near.reduce(0) { $0 + $1.added }
      return added > most ? (most / added).squareRoot() : 1
    }
  }
}
