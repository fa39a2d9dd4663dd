internal import MediaCore

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Mixes the cue into a programme that gives way to it.
struct CueMix {
  /// LU by which the cue is louder than the programme around it: none, a tone is heard well over a programme as loud.
  static let level = 0.0
  /// Loudness that the cue has at least and at most, LUFS, however quiet or loud the programme.
  static let levels = -36.0...(-9.0)
  /// Largest amplitude of the cue, and of the sum: nothing is clipped, also after a lossy coder's overshoot.
  static let peaks = (cue: 0.7, sum: 0.97)

  let plan: CuePlan
  let wave: CueWave
  /// What the wave is multiplied by.
  let gain: Double
  /// Largest amplitude of the cue then.
  private let peak: Double
  /// Channels that get the cue.
  let channels: [Int]

  /// `loudness` is that of the programme around, LUFS; nil for silence.
  init(_ plan: CuePlan, _ wave: CueWave, info: AudioInfo, loudness: Double?) {
    self.plan = plan
    self.wave = wave
    let wanted = (loudness ?? -.infinity) + Self.level
    let target = min(max(wanted, Self.levels.lowerBound), Self.levels.upperBound)
    let own = Double(wave.samples.reduce(0) { max($0, abs($1)) })
    gain = min(pow(10, (target - wave.loudness) / 20), Self.peaks.cue / max(own, 1e-9))
    peak = own * gain
    let weights = info.loudnessWeights
    channels = weights.indices.filter { weights[$0] > 0 }
  }

  /// Edits the whole of `plan.edit`.
  func mix(into block: inout AudioBlock) {
    let gains = (0..<block.count).map { gives(at: block.start + $0) }
    let first = plan.cue.lowerBound - block.start
    for channel in block.channels.indices {
      let depth = channels.contains(channel) ? depth(of: block.channels[channel], gains) : wave.duck
      for index in block.channels[channel].indices {
        block.channels[channel][index] *= Float(1 - gains[index] * (1 - depth))
      }
      guard channels.contains(channel) else { continue }
      for index in 0..<min(wave.samples.count, block.count - first) {
        block.channels[channel][first + index] += Float(gain) * wave.samples[index]
      }
    }
  }

  /// How far the programme gives way at a sample: 0 not, 1 all the way.
  private func gives(at index: Int) -> Double {
    let before = plan.cue.lowerBound - index
    let after = index - plan.cue.upperBound + 1
    let distance = max(0, before, after)
    if distance == 0 { return 1 }
    let room =
      before > 0 ? plan.cue.lowerBound - plan.edit.lowerBound : plan.edit.upperBound - plan.cue.upperBound
    return 0.5 + 0.5 * cos(.pi * Double(distance) / Double(room + 1))
  }

  /// What the programme is multiplied by under the cue: less where it would clip otherwise.
  private func depth(of samples: [Float], _ gains: [Double]) -> Double {
    var loudest: Float = 0
    for index in samples.indices where gains[index] == 1 { loudest = max(loudest, abs(samples[index])) }
    return loudest > 0 ? min(wave.duck, max(0, Self.peaks.sum - peak) / Double(loudest)) : wave.duck
  }
}
