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
  /// By how much the programme gives way under the cue: 8 dB.
  static let duck = 0.4
  /// Largest amplitude of the tone, and of the sum: nothing is clipped, also after a lossy coder's overshoot.
  static let peaks = (tone: 0.7, sum: 0.97)

  let plan: CuePlan
  /// Amplitude of the tone.
  let amplitude: Double
  /// Channels that get the tone.
  let channels: [Int]

  /// `loudness` is that of the programme around, LUFS; nil for silence.
  init(_ plan: CuePlan, info: AudioInfo, loudness: Double?) {
    self.plan = plan
    let target = min(
      max((loudness ?? -.infinity) + Self.level, Self.levels.lowerBound), Self.levels.upperBound)
    let weights = info.loudnessWeights
    let wanted = LoudnessMeter.amplitude(
      of: target, frequency: CueRhythm.frequency, rate: info.sampleRate, weights: weights)
    amplitude = min(wanted, Self.peaks.tone)
    channels = weights.indices.filter { weights[$0] > 0 }
  }

  /// Edits the whole of `plan.edit`.
  func mix(into block: inout AudioBlock) {
    let rate = Double(block.sampleRate)
    let gains = (0..<block.count).map { gives(at: block.start + $0) }
    let tone = (0..<block.count).map { index -> Double in
      amplitude * plan.rhythm.sample(at: Double(block.start + index - plan.cue.lowerBound) / rate)
    }
    for channel in block.channels.indices {
      let hasTone = channels.contains(channel)
      let depth = hasTone ? depth(of: block.channels[channel], gains) : Self.duck
      block.channels[channel].withUnsafeMutableBufferPointer { samples in
        for index in samples.indices {
          let gain = 1 - gains[index] * (1 - depth)
          samples[index] = Float(Double(samples[index]) * gain + (hasTone ? tone[index] : 0))
        }
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
    var peak: Float = 0
    for index in samples.indices where gains[index] == 1 { peak = max(peak, abs(samples[index])) }
    return peak > 0 ? min(Self.duck, max(0, Self.peaks.sum - amplitude) / Double(peak)) : Self.duck
  }
}
