internal import MediaCore

/// Mixes one cue into the sound of one file; a file that has one at the place already is left as it is.
final class CueEmbedder: AudioEmbedder {
  private let place: CuePlace
  private let info: AudioInfo
  private let plan: CuePlan
  private var meter: LoudnessMeter
  private let detector: RhythmDetector
  private var there: RhythmHit?

  init(_ record: LabelRecord, for info: AudioInfo) throws(MediaError) {
    place = record.cuePlace
    self.info = info
    plan = try CuePlan(place, in: info)
    meter = LoudnessMeter(rate: info.sampleRate, weights: info.loudnessWeights)
    detector = RhythmDetector(rate: info.sampleRate)
  }

  var surroundings: [Range<Int>] { [plan.nearby] }

  func listen(to block: AudioBlock) throws(MediaError) {
    meter.add(block)
    detector.add(block)
  }

  func settle() throws(MediaError) -> [Range<Int>] {
    there = detector.finish().first { $0.confidence >= CueDetector.threshold }
    return there == nil ? [plan.edit] : []
  }

  func embed(in block: inout AudioBlock) throws(MediaError) {
    CueMix(plan, info: info, loudness: meter.integrated).mix(into: &block)
  }

  var fields: [Detection.Field] {
    let rate = Double(info.sampleRate)
    let unit = there?.unit ?? plan.rhythm.unit
    return [
      .init("cue", "rhythm"), .init("place", place.rawValue),
      .init("at", number: there?.time ?? Double(plan.cue.lowerBound) / rate, digits: 3),
      .init("duration", number: unit * Double(CueRhythm.units), digits: 3),
    ]
  }
}
