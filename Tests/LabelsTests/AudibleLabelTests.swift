import Foundation
import MediaCore
import Testing

@testable import Labels

/// Laws of the explicit label in sound, on samples in memory.
@Suite struct AudibleLabelTests {
  enum Programme: String, CaseIterable {
    case silence, noise, chords, loud
  }

  /// `seconds` of sound, every channel another.
  static func sound(_ programme: Programme, rate: Int, channels: Int, seconds: Double) -> AudioBlock {
    var random = PolarCodeTests.Random(state: 7)
    let count = Int(seconds * Double(rate))
    let samples = (0..<channels).map { channel in
      (0..<count).map { index -> Float in
        let time = Double(index) / Double(rate)
        switch programme {
        case .silence: return 0
        case .noise: return Float(0.05 * random.normal())
        case .chords:
          let notes = [262.0, 330, 392, 784].map { sin(2 * .pi * $0 * time + Double(channel)) }
          return Float(0.08 * notes.reduce(0, +) * (0.6 + 0.4 * sin(9 * time)))
        case .loud: return Float(max(-1, min(1, 3 * sin(2 * .pi * 196 * time + Double(channel)))))
        }
      }
    }
    return AudioBlock(sampleRate: rate, start: 0, channels: samples)
  }

  static func info(_ block: AudioBlock, speakers: UInt32 = 0) -> AudioInfo {
    AudioInfo(
      sampleRate: block.sampleRate, channels: block.channels.count, count: block.count, speakers: speakers)
  }

  static func part(_ block: AudioBlock, _ range: Range<Int>) -> AudioBlock {
    AudioBlock(
      sampleRate: block.sampleRate, start: block.start + range.lowerBound,
      channels: block.channels.map { Array($0[range]) })
  }

  /// Labels as a pipeline does; returns the sound and the ranges edited.
  static func label(
    _ block: AudioBlock, _ place: CuePlace = .end, speakers: UInt32 = 0, cue: CueKind = .rhythm
  ) throws -> (block: AudioBlock, ranges: [Range<Int>]) {
    var record = LabelRecord(producer: "X", produceID: "1")
    record.cuePlace = place
    record.cue = cue
    let embedder = try ExplicitTextLabel().makeAudioEmbedder(record, for: info(block, speakers: speakers))
    return try embed(embedder, in: block)
  }

  /// Lets `embedder` hear and edit `block` as a pipeline does.
  static func embed(
    _ embedder: any AudioEmbedder, in block: AudioBlock
  ) throws -> (block: AudioBlock, ranges: [Range<Int>]) {
    for range in embedder.surroundings { try embedder.listen(to: part(block, range)) }
    var result = block
    let ranges = try embedder.settle()
    for range in ranges {
      var piece = part(block, range)
      try embedder.embed(in: &piece)
      for channel in piece.channels.indices {
        result.channels[channel].replaceSubrange(range, with: piece.channels[channel])
      }
    }
    return (result, ranges)
  }

  static func hear(_ block: AudioBlock) throws -> [Detection] {
    try hear(try ExplicitTextLabel().makeAudioDetector(for: info(block), query: LabelQuery()), block)
  }

  /// Lets `detector` hear `block` as a pipeline does.
  static func hear(_ detector: any AudioDetector, _ block: AudioBlock) throws -> [Detection] {
    for range in detector.ranges {
      // In pieces, as files are read.
      for start in stride(from: range.lowerBound, to: range.upperBound, by: 5000) {
        try detector.observe(part(block, start..<min(range.upperBound, start + 5000)))
      }
    }
    return try detector.finish()
  }

  @Test(arguments: [8000, 11025, 22050, 44100, 48000, 192_000], Programme.allCases)
  func whatIsPutInIsHeardAtAnyRate(_ rate: Int, _ programme: Programme) throws {
    let plain = Self.sound(programme, rate: rate, channels: 1, seconds: 1.6)
    #expect(try Self.hear(plain).isEmpty)
    let (labelled, ranges) = try Self.label(plain, .start)
    let heard = try #require(try Self.hear(labelled).first)
    #expect(heard.confidence > 0.85)
    #expect(heard["cue"] == "rhythm")
    #expect(abs((heard.fields.first { $0.name == "at" }?.number ?? 9) - 0.15) < 0.02)
    #expect(abs((heard.fields.first { $0.name == "unit" }?.number ?? 9) - 0.1) < 0.003)
    #expect(labelled.channels[0].allSatisfy { abs($0) <= 1 })
    let edited = try #require(ranges.first)
    for index in 0..<plain.count where !edited.contains(index) {
      #expect(plain.channels[0][index] == labelled.channels[0][index])
    }
  }

  @Test(arguments: CuePlace.allCases) func placesAreWhereTheyAreSaidToBe(_ place: CuePlace) throws {
    let plain = Self.sound(.noise, rate: 8000, channels: 2, seconds: 11)
    let heard = try Self.hear(try Self.label(plain, place).block)
    #expect(heard.map { $0["place"] } == [place.rawValue])
  }

  @Test func aSecondTimeNothingIsAdded() throws {
    let once = try Self.label(Self.sound(.chords, rate: 8000, channels: 1, seconds: 3))
    let twice = try Self.label(once.block)
    #expect(!once.ranges.isEmpty)
    #expect(twice.ranges.isEmpty)
    #expect(twice.block == once.block)
  }

  @Test func lowFrequencyEffectsGetNoTone() throws {
    let plain = Self.sound(.silence, rate: 8000, channels: 6, seconds: 2)
    let usual = try Self.label(plain).block
    #expect(usual.channels.indices.filter { usual.channels[$0].contains { $0 != 0 } } == [0, 1, 2, 4, 5])
    // Left, right, low frequency effects (2.1) in a mask of their own.
    let small = try Self.label(Self.sound(.silence, rate: 8000, channels: 3, seconds: 2), speakers: 0xB).block
    #expect(small.channels[2].allSatisfy { $0 == 0 })
    #expect(small.channels[0] == small.channels[1])
    let eight = try Self.label(Self.sound(.noise, rate: 8000, channels: 8, seconds: 2)).block
    #expect(try Self.hear(eight).count == 1)
  }

  @Test func shortSoundIsLabelledFasterOrRefused() throws {
    let short = try Self.label(Self.sound(.noise, rate: 16000, channels: 1, seconds: 1)).block
    let heard = try #require(try Self.hear(short).first)
    #expect((heard.fields.first { $0.name == "unit" }?.number ?? 1) < 0.07)
    let tooShort = Self.sound(.noise, rate: 16000, channels: 1, seconds: 0.9)
    let error = #expect(throws: MediaError.self) { try Self.label(tooShort) }
    #expect(error?.code == .insufficientCapacity)
  }

  /// ITU-R BS.2217: a sine of 1 kHz and -23 dBFS in both channels has -23 LUFS, at any rate.
  @Test(arguments: [8000, 44100, 48000, 96000]) func loudnessIsThatOfTheRecommendation(_ rate: Int) {
    var meter = LoudnessMeter(rate: rate, weights: [1, 1])
    let tone = (0..<3 * rate).map {
      Float(pow(10, -23.0 / 20) * sin(2 * .pi * 1000 * Double($0) / Double(rate)))
    }
    meter.add(AudioBlock(sampleRate: rate, start: 0, channels: [tone, tone]))
    #expect(abs((meter.integrated ?? 0) + 23) < 0.1)
    let full = LoudnessMeter.loudness(ofSineAt: 1000, rate: rate, weights: [1, 1])
    #expect(abs(full) < 0.1)
  }

  @Test(arguments: [8000, 44100]) func theVoiceIsPutInOnce(_ rate: Int) throws {
    // 5.3 e): 120 to 160 characters a minute.
    let phrase = SpokenPhrase.samples()
    let seconds = Double(phrase.count) / Double(SpokenPhrase.rate)
    #expect((120.0...160).contains(10 / seconds * 60))
    let plain = Self.sound(.chords, rate: rate, channels: 2, seconds: 6)
    let once = try Self.label(plain, cue: .voice)
    let edited = try #require(once.ranges.first)
    #expect(once.ranges.count == 1)
    for index in 0..<plain.count where !edited.contains(index) {
      #expect(plain.channels[1][index] == once.block.channels[1][index])
    }
    #expect(once.block.channels.allSatisfy { $0.allSatisfy { abs($0) <= 1 } })
    let twice = try Self.label(once.block, cue: .voice)
    #expect(twice.ranges.isEmpty)
    #expect(try Self.hear(once.block).isEmpty)
    let short = Self.sound(.noise, rate: rate, channels: 1, seconds: 4)
    #expect(throws: MediaError.self) { try Self.label(short, cue: .voice) }
  }

  /// A tone keeps its level and frequency at another rate, and one that the rate cannot hold is gone.
  @Test func resamplingKeepsWhatFits() {
    let tone = { (frequency: Double) in
      (0..<16000).map { Float(sin(2 * .pi * frequency * Double($0) / 16000)) }
    }
    for rate in [8000, 44100, 96000] {
      let kept = Resampler.resample(tone(1000), from: 16000, to: rate)
      #expect(abs(kept.count - rate) < 2)
      for index in rate / 4..<rate / 2 {
        #expect(abs(Double(kept[index]) - sin(2 * .pi * 1000 * Double(index) / Double(rate))) < 0.01)
      }
    }
    let gone = Resampler.resample(tone(6000), from: 16000, to: 8000)
    #expect(gone[2000..<4000].allSatisfy { abs($0) < 0.01 })
  }

  @Test func otherMorseIsNotTheLabel() throws {
    let letters = ["N", "R", "L", "EE", "IA", "AN", "AS", "AE", "EI", "UI", "AIA", "MAIN", "SOS", "PARIS"]
    let code = [
      "A": ".-", "E": ".", "I": "..", "L": ".-..", "M": "--", "N": "-.", "O": "---", "P": ".--.", "R": ".-.",
      "S": "...", "U": "..-",
    ]
    for word in letters {
      var block = Self.sound(.silence, rate: 8000, channels: 1, seconds: 4)
      var time = 0.5
      for letter in word {
        for mark in code[String(letter)] ?? "" {
          let length = mark == "." ? 0.08 : 0.24
          for index in Int(time * 8000)..<min(block.count, Int((time + length) * 8000)) {
            block.channels[0][index] = Float(0.3 * sin(2 * .pi * 700 * Double(index) / 8000))
          }
          time += length + 0.08
        }
        time += 0.16
      }
      let heard = try Self.hear(block)
      #expect(heard.isEmpty, "\(word): \(heard.map(\.evidence))")
    }
  }
}
