internal import MediaCore

/// Mixes one cue into the sound of one file; a file that has one at the place already is left as it is.
final class CueEmbedder: AudioEmbedder {
  /// The correlation with a recording from which on it is there already: mixed in, it has 0.9 and more.
  private static let sameVoice = 0.7
  private let place: CuePlace
  private let info: AudioInfo
  private let wave: CueWave
  private let plan: CuePlan
  private var meter: LoudnessMeter
  private let detector: RhythmDetector
  private var match: WaveMatch
  private var there: RhythmHit?

  init(_ record: LabelRecord, for info: AudioInfo) throws(MediaError) {
    place = record.cuePlace
    self.info = info
    wave =
      switch record.cue {
      case .rhythm: try CueWave(rhythmFor: info)
      case .voice: try CueWave(voice: record.voice, for: info)
      }
    plan = try CuePlan(place, length: wave.samples.count, in: info)
    meter = LoudnessMeter(rate: info.sampleRate, weights: info.loudnessWeights)
    detector = RhythmDetector(rate: info.sampleRate)
    match = WaveMatch(wave.samples, at: plan.cue.lowerBound)
  }

  var surroundings: [Range<Int>] { [plan.nearby] }

  func listen(to block: AudioBlock) throws(MediaError) {
    meter.add(block)
    if wave.kind == .rhythm { detector.add(block) } else { match.add(block) }
  }

  func settle() throws(MediaError) -> [Range<Int>] {
    if wave.kind == .voice { return match.correlation >= Self.sameVoice ? [] : [plan.edit] }
    there = detector.finish().first { $0.confidence >= CueDetector.threshold }
    return there == nil ? [plan.edit] : []
  }

  func embed(in block: inout AudioBlock) throws(MediaError) {
    CueMix(plan, wave, info: info, loudness: meter.integrated).mix(into: &block)
  }

  var fields: [Detection.Field] {
    let rate = Double(info.sampleRate)
    let start = there.map { $0.time * rate } ?? Double(plan.cue.lowerBound)
    let duration = there.map { $0.unit * Double(CueRhythm.units) } ?? Double(plan.cue.count) / rate
    return [
      .init("cue", wave.kind.rawValue), .init("place", place.rawValue),
      .init("at", number: info.time(of: start), digits: 3),
      .init("duration", number: duration, digits: 3),
    ]
  }
}

/// How much a stretch of sound is a known wave.
struct WaveMatch {
  private let wave: [Float]
  private let start: Int
  private var (product, power, own) = (0.0, 0.0, 0.0)

  init(_ wave: [Float], at start: Int) {
    self.wave = wave
    self.start = start
  }

  mutating func add(_ block: AudioBlock) {
    let scale = 1 / Float(max(1, block.channels.count))
    for place in (start..<start + wave.count).clamped(to: block.start..<block.start + block.count) {
      let mean = block.channels.reduce(0) { $0 + $1[place - block.start] } * scale
      let known = wave[place - start]
      product += Double(mean * known)
      power += Double(mean * mean)
      own += Double(known * known)
    }
  }

  /// -1 … 1.
  var correlation: Double { power > 0 && own > 0 ? product / (power * own).squareRoot() : 0 }
}
