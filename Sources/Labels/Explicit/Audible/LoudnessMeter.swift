internal import MediaCore

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Integrated loudness by ITU-R BS.1770-4: K weighting, blocks of 400 ms every 100 ms, gates at -70 LUFS and 10 LU
/// below what passes the first.
struct LoudnessMeter {
  /// What a channel's power counts: 1 in front, 1.41 at the sides, 0 for low frequency effects.
  private let weights: [Double]
  private var filters: [(Biquad, Biquad)]
  /// Samples of a tenth of a second.
  private let step: Int
  /// Weighted power of each whole tenth of a second.
  private var tenths: [Double] = []
  private var energy = 0.0
  private var filled = 0

  init(rate: Int, weights: [Double]) {
    self.weights = weights
    step = max(1, rate / 10)
    let pair = (Biquad.shelf(rate: Double(rate)), Biquad.highPass(rate: Double(rate)))
    filters = weights.map { _ in pair }
  }

  mutating func add(_ block: AudioBlock) {
    var index = 0
    while index < block.count {
      let next = min(block.count, index + step - filled)
      for (channel, samples) in block.channels.enumerated() where weights[channel] > 0 {
        energy += weights[channel] * Self.energy(samples, index..<next, &filters[channel])
      }
      filled += next - index
      index = next
      if filled == step {
        tenths.append(energy / Double(step))
        (energy, filled) = (0, 0)
      }
    }
  }

  /// LUFS; nil when nothing is louder than the absolute gate.
  var integrated: Double? {
    let length = max(1, min(4, tenths.count))
    let blocks = stride(from: length, through: tenths.count, by: 1).map { end in
      Self.mean(tenths[end - length..<end])
    }
    let audible = blocks.filter { Self.loudness($0) > -70 }
    guard !audible.isEmpty else { return nil }
    let gate = Self.loudness(Self.mean(audible[...])) - 10
    return Self.loudness(Self.mean(audible.filter { Self.loudness($0) > gate }[...]))
  }

  private static func mean(_ values: ArraySlice<Double>) -> Double {
    values.reduce(0, +) / Double(max(1, values.count))
  }

  /// LUFS of a weighted power.
  static func loudness(_ power: Double) -> Double { -0.691 + 10 * log10(max(power, 1e-20)) }

  /// LUFS of a sine of amplitude 1 in all channels of `weights`.
  static func loudness(ofSineAt frequency: Double, rate: Int, weights: [Double]) -> Double {
    let rate = Double(rate)
    let gain =
      Biquad.shelf(rate: rate).power(at: frequency, rate: rate)
      * Biquad.highPass(rate: rate).power(at: frequency, rate: rate)
    return loudness(gain / 2) + self.gain(ofChannels: weights)
  }

  /// LU by which a sound in all channels of `weights` is louder than in one.
  static func gain(ofChannels weights: [Double]) -> Double { 10 * log10(max(1, weights.reduce(0, +))) }

  private static func energy(
    _ samples: [Float], _ range: Range<Int>, _ filters: inout (Biquad, Biquad)
  ) -> Double {
    var (shelf, highPass) = filters
    var sum = 0.0
    samples.withUnsafeBufferPointer { samples in
      for index in range {
        let value = highPass.next(shelf.next(Double(samples[index])))
        sum += value * value
      }
    }
    // A decoder's broken sample must not make the meter blind for good.
    if sum.isFinite { filters = (shelf, highPass) }
    return sum.isFinite ? sum : 0
  }
}
