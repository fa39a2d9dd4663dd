import Foundation
import MediaCore
import Testing

@testable import Labels

/// Laws of the watermark in sound, on samples in memory.
@Suite struct AudioWatermarkTests {
  static func key(_ number: UInt8) throws -> WatermarkKey {
    try #require(WatermarkKey(bytes: [UInt8](repeating: number, count: WatermarkKey.byteCount)))
  }

  /// Sound like speech: buzzing syllables with three formants that move, hiss between them, and pauses.
  static func speech(rate: Int, channels: Int, seconds: Double, seed: UInt64 = 3) -> AudioBlock {
    var random = PolarCodeTests.Random(state: seed)
    var states = [(Float, Float)](repeating: (0, 0), count: 3)
    var formants: [Double] = [500, 1500, 2500]
    var (syllable, pitch, isVoiced, loudness) = (0, 120.0, true, Float(1))
    var phase = 0.0
    let mono = (0..<Int(seconds * Double(rate))).map { index -> Float in
      if index == syllable {
        let draw = { (low: Double, high: Double) in
          low + (high - low) * Double(random.next() >> 40) / 16_777_216
        }
        syllable += Int(draw(0.08, 0.25) * Double(rate))
        formants = [draw(300, 900), draw(900, 2200), draw(2200, 3400)]
        pitch = draw(90, 220)
        isVoiced = draw(0, 1) < 0.75
        loudness = draw(0, 1) < 0.15 ? 0.02 : Float(draw(0.3, 1))
      }
      phase += pitch / Double(rate)
      let isPulse = phase >= 1
      if isPulse { phase -= 1 }
      let source = (isVoiced && isPulse ? Float(6) : 0) + random.normal() * (isVoiced ? 0.05 : 0.3)
      var sample: Float = 0.02 * random.normal()
      for index in states.indices {
        let radius = exp(-Double.pi * 90 / Double(rate))
        let turn = 2 * cos(2 * Double.pi * formants[index] / Double(rate))
        let next = source + Float(radius * turn) * states[index].0 - Float(radius * radius) * states[index].1
        states[index] = (next, states[index].0)
        sample += next * Float(1 - radius)
      }
      return 0.3 * loudness * sample
    }
    return AudioBlock(
      sampleRate: rate, start: 0,
      channels: (0..<channels).map { channel in mono.map { $0 * (1 - 0.1 * Float(channel)) } })
  }

  static func mark(
    _ block: AudioBlock, payload: UInt64 = 0x0123_4567_89AB_CDEF, key number: UInt8 = 1, speakers: UInt32 = 0,
    level: WatermarkLevel = .normal
  ) throws -> (block: AudioBlock, ranges: [Range<Int>], fields: [Detection.Field]) {
    var record = LabelRecord(producer: "X", produceID: "1")
    record.watermarkKey = try key(number)
    record.payload = payload
    record.watermarkLevel = level
    let info = AudibleLabelTests.info(block, speakers: speakers)
    let embedder = try WatermarkLabel().makeAudioEmbedder(record, for: info)
    let edited = try AudibleLabelTests.embed(embedder, in: block)
    return (edited.block, edited.ranges, embedder.fields)
  }

  static func search(_ block: AudioBlock, keys: [UInt8] = [1]) throws -> [Detection] {
    let query = LabelQuery(keys: try keys.map(key))
    let detector = try WatermarkLabel().makeAudioDetector(
      for: AudibleLabelTests.info(block), query: query)
    return try AudibleLabelTests.hear(detector, block)
  }

  static func joined(_ blocks: [AudioBlock]) -> AudioBlock {
    var result = blocks[0]
    for block in blocks.dropFirst() {
      for channel in result.channels.indices { result.channels[channel] += block.channels[channel] }
    }
    return result
  }

  static let shapes: [(rate: Int, channels: Int, seconds: Double, shown: String)] = [
    (8000, 1, 4, "88888888"), (8000, 1, 11, "0123456789abcdef"), (22050, 2, 4, "88888888"),
    (48000, 1, 3, "88888888"),
  ]

  @Test(arguments: shapes) func whatIsPutInIsFound(
    _ rate: Int, _ channels: Int, _ seconds: Double, _ shown: String
  ) throws {
    let sound = Self.speech(rate: rate, channels: channels, seconds: seconds)
    let marked = try Self.mark(sound)
    #expect(marked.fields.first == .init("payload", shown))
    let found = try Self.search(marked.block)
    #expect(found.count == 1)
    let first = try #require(found.first)
    #expect(first["payload"] == shown)
    let log10p = try #require(first.fields.first { $0.name == "log10p" }?.number)
    #expect(log10p <= WatermarkDecision.acceptance)
    let start = try #require(first.fields.first { $0.name == "start" }?.number)
    let end = try #require(first.fields.first { $0.name == "end" }?.number)
    #expect(start < 0.6)
    #expect(abs(end - seconds) < 0.6, "\(end)")
    // It stays under what it is in.
    let power = sound.channels[0].reduce(0) { $0 + $1 * $1 }
    let added = zip(sound.channels[0], marked.block.channels[0]).reduce(0) {
      $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
    }
    #expect(10 * log10(power / added) > 12)
  }

  /// What is found with key `number` in sound that was not stretched; the whole search takes long without optimisation.
  static func searchUnchanged(_ block: AudioBlock, key number: UInt8 = 1) throws -> [SoundSearch.Finding] {
    let info = AudibleLabelTests.info(block)
    var analyzer = SpectrumAnalyzer(for: info)
    var spectra: [Float] = []
    analyzer.add(block, to: &spectra)
    analyzer.finish(into: &spectra)
    let search = SoundSearch([try key(number)], for: info, reach: .unchanged)
    search.add(spectra[...])
    return search.finish()
  }

  @Test func withoutTheKeyOrTheMarkNothingIsFound() throws {
    let sound = Self.speech(rate: 8000, channels: 1, seconds: 3)
    let marked = try Self.mark(sound).block
    #expect(try Self.searchUnchanged(marked).count == 1)
    #expect(try Self.searchUnchanged(marked, key: 2).isEmpty)
    #expect(try Self.searchUnchanged(sound).isEmpty)
    for programme in AudibleLabelTests.Programme.allCases {
      let other = AudibleLabelTests.sound(programme, rate: 8000, channels: 1, seconds: 3)
      #expect(try Self.searchUnchanged(other).isEmpty, "\(programme)")
    }
  }

  @Test func whatIsMarkedIsNotMarkedTwice() throws {
    let once = try Self.mark(Self.speech(rate: 8000, channels: 1, seconds: 5))
    let twice = try Self.mark(once.block)
    #expect(twice.ranges.isEmpty)
    #expect(twice.fields.contains(.init("present", "true")))
    let other = try Self.mark(once.block, payload: 7)
    #expect(try Self.search(other.block).first?["payload"] == "00000007")
  }

  @Test func marksPutTogetherAreToldApart() throws {
    let rate = 8000
    let parts = try [
      Self.mark(Self.speech(rate: rate, channels: 1, seconds: 7), payload: 1).block,
      Self.speech(rate: rate, channels: 1, seconds: 2.3, seed: 5),
      Self.mark(Self.speech(rate: rate, channels: 1, seconds: 8, seed: 4), payload: 2).block,
    ]
    let found = try Self.search(Self.joined(parts))
    #expect(found.map { $0["payload"] } == ["00000001", "00000002"])
    let spans = found.map { mark in
      ["start", "end"].map { name in mark.fields.first { $0.name == name }?.number ?? -1 }
    }
    for (span, expected) in zip(spans, [[0.0, 7], [9.3, 17.3]]) {
      for (time, right) in zip(span, expected) { #expect(abs(time - right) < 1, "\(spans)") }
    }
  }

  @Test func itIsFoundAnywhereAndFaster() throws {
    let rate = 8000
    let marked = try Self.mark(Self.speech(rate: rate, channels: 1, seconds: 5)).block
    let cut = AudibleLabelTests.part(marked, 5432..<marked.count - 4321)
    #expect(try Self.search(AudioBlock(sampleRate: rate, start: 0, channels: cut.channels)).count == 1)
    // The same samples at a higher rate are faster and higher.
    let found = try Self.search(AudioBlock(sampleRate: 8240, start: 0, channels: marked.channels))
    #expect(found.first?["payload"] == "88888888")
    let pitch = try #require(found.first?.fields.first { $0.name == "pitch" }?.number)
    #expect(abs(pitch - 1.03) < 0.006)
  }

  @Test func louderLevelsAddMoreAndAreSurer() throws {
    let sound = Self.speech(rate: 8000, channels: 1, seconds: 4)
    var (added, bounds): ([Float], [Double]) = ([], [])
    for level in [WatermarkLevel.quiet, .normal, .strong] {
      let marked = try Self.mark(sound, level: level).block
      added.append(
        zip(sound.channels[0], marked.channels[0]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) })
      bounds.append(try #require(try Self.searchUnchanged(marked).first).log10p)
    }
    #expect(added[0] < 0.8 * added[1] && added[1] < 0.8 * added[2], "\(added)")
    #expect(bounds[0] > bounds[1] && bounds[1] > bounds[2], "\(bounds)")
  }

  @Test func steadySoundIsChangedLess() {
    let bands = SoundTiles.bands
    let steady = (0..<10 * bands).map { -20 - Float($0 % bands) / 10 }
    let lively = steady.enumerated().map { $1 + ($0 / bands % 2 == 0 ? 2 : -2) }
    let caps = TileCaps(.normal)
    let (low, high) = (
      caps.caps(TileLevels(count: 10, values: steady)), caps.caps(TileLevels(count: 10, values: lively))
    )
    for index in low.indices {
      #expect(abs(low[index] - 0.35 * high[index]) < 1e-5)
      #expect((high[index] == 0) == (index % bands < SoundTiles.unmarked))
    }
    #expect(caps.caps(TileLevels(count: 1, values: Array(steady[..<bands]))).count == bands)
    #expect(caps.caps(TileLevels(count: 0, values: [])).isEmpty)
  }

  /// Against what is known in closed form: equal values make a binomial distribution, whose bound is that of its divergence.
  @Test func theBoundOfChanceIsChernoffs() {
    for right in [32, 40, 50, 63] {
      let symbols = (0..<64).map { $0 < right ? Float(1) : -1 }
      let chance = WatermarkDecision.chance([Float](repeating: 0.7, count: 64), symbols)
      let share = Double(right) / 64
      let divergence = share * log(2 * share) + (1 - share) * log(2 * (1 - share))
      #expect(abs(chance + 64 * divergence) < 0.01 * 64 * max(divergence, 0.01), "\(right)")
    }
    var random = PolarCodeTests.Random(state: 11)
    for _ in 0..<20 {
      let values = (0..<256).map { _ in random.normal() + 1 }
      let symbols = [Float](repeating: 1, count: 256)
      let tau = WatermarkDecision.statistic(values, symbols)
      let chance = WatermarkDecision.chance(values, symbols)
      #expect(chance <= -tau * tau / 2 + 1e-9)
      // No sum is likelier than that of all signs right.
      #expect(chance >= -256 * log(2))
    }
    #expect(WatermarkDecision.chance([-1, -1], [1, 1]) == 0)
    #expect(WatermarkDecision.chance([0, 0], [1, 1]) == 0)
  }

  @Test func lowFrequencyEffectsStayAsTheyAre() throws {
    let sound = Self.speech(rate: 8000, channels: 6, seconds: 4)
    let marked = try Self.mark(sound, speakers: 0x3F).block
    let isUntouched = marked.channels[3] == sound.channels[3]
    #expect(isUntouched)
    for channel in [0, 1, 2, 4, 5] {
      let isSame = marked.channels[channel] == sound.channels[channel]
      #expect(!isSame)
    }
    #expect(try Self.search(marked).count == 1)
  }

  @Test func whatCarriesNothingIsRefused() throws {
    let silence = AudibleLabelTests.sound(.silence, rate: 8000, channels: 1, seconds: 3)
    let short = Self.speech(rate: 8000, channels: 1, seconds: 2.4)
    let slow = Self.speech(rate: 4000, channels: 1, seconds: 3)
    for sound in [silence, short, slow] {
      let error = #expect(throws: MediaError.self) { _ = try Self.mark(sound).fields }
      #expect(error?.code == .insufficientCapacity)
    }
  }

  @Test func endlessSoundIsRefusedBeforeItFillsMemory() throws {
    var record = LabelRecord(producer: "X", produceID: "1")
    record.watermarkKey = try Self.key(1)
    let endless = AudioInfo(sampleRate: 8000, channels: 1, count: 8000 * 3600 * 25)
    #expect(throws: MediaError.self) {
      _ = try ImageWatermarkLabel().makeAudioEmbedder(record, for: endless)
    }
    // A file that does not say how long it is.
    let unknown = AudioInfo(sampleRate: 8000, channels: 1, count: nil)
    let embedder = try ImageWatermarkLabel().makeAudioEmbedder(record, for: unknown)
    let late = AudioBlock(sampleRate: 8000, start: 8000 * 3600 * 24, channels: [[0, 0]])
    let error = #expect(throws: MediaError.self) { try embedder.listen(to: late) }
    #expect(error?.code == .insufficientCapacity)
  }

  @Test func theShortMessageIsTheFoldedPayload() {
    let payload = WatermarkPayload(producer: "001191110108MA01ABCDEF00000", produceID: "P-20260101-000001")
    #expect(
      payload.folded == UInt32(truncatingIfNeeded: payload.bits >> 32)
        ^ UInt32(truncatingIfNeeded: payload.bits))
    #expect(WatermarkPayload(bits: 0x0123_4567_89AB_CDEF).folded == 0x8888_8888)
    #expect(SoundMessage(WatermarkPayload(bits: 7), seconds: 10).description == "00000007")
    #expect(SoundMessage(WatermarkPayload(bits: 7), seconds: 10.1).description == "0000000000000007")
    #expect(WatermarkPayload(bits: 7).isShown(as: "00000007"))
    #expect(!WatermarkPayload(bits: 7).isShown(as: "00000008"))
  }

  @Test func decibelsAreThose() {
    for exponent in stride(from: -13.0, through: 3, by: 0.0173) {
      let power = pow(10, exponent)
      #expect(abs(Double(decibels(Float(power))) - 10 * log10(power + 1e-14)) < 0.001)
    }
  }

  /// The statistic, written down plainly.
  @Test func theStatisticIsWhatItsDefinitionSays() {
    var random = PolarCodeTests.Random(state: 9)
    let (rows, bands) = (9, SoundTiles.bands)
    let levels = (0..<rows).map { _ in (0..<bands).map { _ in -40 + 12 * random.normal() } }
    let share: [[Float]] = [[0, 0.34, 0.13], [0.369, -0.111, -0.063], [0.051, -0.025, -0.005]]
    func at(_ table: [[Float]], _ row: Int, _ band: Int) -> Float {
      table[min(max(row, 0), rows - 1)][min(max(band, 0), bands - 1)]
    }
    func whitened(_ table: [[Float]]) -> [[Float]] {
      (0..<rows).map { row in
        (0..<bands).map { band in
          var value = table[row][band]
          for dt in -2...2 {
            for db in -2...2 { value -= share[abs(dt)][abs(db)] * at(table, row + dt, band + db) }
          }
          return value
        }
      }
    }
    let loud: Float = -20
    var table = whitened(levels)
    for row in 0..<rows {
      for band in 0..<bands {
        let beside = [(1, 0), (-1, 0), (0, 1), (0, -1)].map { at(levels, row + $0.0, band + $0.1) }
        let mean = beside.reduce(0, +) / 4
        // The least but a tenth of nine.
        let floor = (0..<rows).map { levels[$0][band] }.min() ?? 0
        let heard = min(max((mean - loud + 62) / 30, 0), 1) * min(max((mean - floor) / 6, 0.3), 1)
        let weight = band < 3 ? 0 : heard
        table[row][band] = weight * 5 * tanh(table[row][band] / 5)
      }
    }
    let expected = whitened(table).joined().map { $0 / TileStatistic.energy }
    let tiles = TileLevels(count: rows, values: Array(levels.joined()))
    let statistic = TileStatistic(tiles, TileReference(tiles, loud: loud))
    for (one, other) in zip(statistic.values, expected) { #expect(abs(one - other) < 0.25) }
  }
}
