internal import MediaCore

/// What is mixed in: a rhythm or a voice, at the rate of the file.
struct CueWave: Sendable {
  /// What it is called in reports.
  let kind: CueKind
  /// One channel; all that get it get the same.
  let samples: [Float]
  /// LUFS of `samples` in all channels that get them.
  let loudness: Double
  /// What the programme is multiplied by under it: 8 dB down under a tone, 14 dB under speech, which must be understood.
  let duck: Double

  /// The rhythm, faster where a file is short. Throws `insufficientCapacity` for a file too short.
  init(rhythmFor info: AudioInfo) throws(MediaError) {
    let rate = Double(info.sampleRate)
    let room = CuePlan.room(in: info) / rate / Double(CueRhythm.units)
    guard room >= CueRhythm.shortestUnit else {
      throw CuePlan.tooShort(info, for: "a rhythm label", CueRhythm.shortestUnit * Double(CueRhythm.units))
    }
    guard info.sampleRate >= 4000 else {
      throw MediaError(
        .unsupported, .label,
        "sound of \(info.sampleRate) Hz cannot hold a tone of \(Int(CueRhythm.frequency)) Hz well")
    }
    let rhythm = CueRhythm(unit: min(CueRhythm.usualUnit, room))
    kind = .rhythm
    samples = (0..<Int(rhythm.duration * rate)).map { Float(rhythm.sample(at: Double($0) / rate)) }
    loudness = LoudnessMeter.loudness(
      ofSineAt: CueRhythm.frequency, rate: info.sampleRate, weights: info.loudnessWeights)
    duck = 0.4
  }

  /// A recording, `nil` for the phrase that comes with it. Throws `insufficientCapacity` for a file too short.
  init(voice: AudioBlock?, for info: AudioInfo) throws(MediaError) {
    let recording =
      voice ?? AudioBlock(sampleRate: SpokenPhrase.rate, start: 0, channels: [SpokenPhrase.samples()])
    let count = Float(max(1, recording.channels.count))
    let mono = (0..<recording.count).map { index in
      recording.channels.reduce(0) { $0 + $1[index] } / count
    }
    let seconds = Double(mono.count) / Double(max(1, recording.sampleRate))
    guard seconds * Double(info.sampleRate) <= CuePlan.room(in: info) else {
      throw CuePlan.tooShort(info, for: "the voice label", seconds, remedy: "; --cue rhythm is shorter")
    }
    kind = .voice
    samples = Resampler.resample(mono, from: recording.sampleRate, to: info.sampleRate)
    var meter = LoudnessMeter(rate: info.sampleRate, weights: [1])
    meter.add(AudioBlock(sampleRate: info.sampleRate, start: 0, channels: [samples]))
    guard let own = meter.integrated else {
      throw MediaError(.invalidArgument, .label, "the recording of the voice label is silent")
    }
    loudness = own + LoudnessMeter.gain(ofChannels: info.loudnessWeights)
    duck = 0.2
  }
}
