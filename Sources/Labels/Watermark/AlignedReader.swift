/// Reads marks whose tiles lie where they were drawn, which is how they lie in a labelled file that nobody has touched: all that a
/// search looks for is known, so that a look costs less than reading the picture. Owned by one worker.
final class AlignedReader {
  private struct Key {
    let code: TileCode
    let decoder: MessageDecoder
    var waves: PlacedCode { code.placed }
  }

  private let keys: [Key]
  // Of the folds that were read last.
  private var waves: [WaveTable.Waves] = []

  /// Of no other message than the one `sent`, where that is known.
  init(_ codes: [TileCode], sent: WatermarkPayload? = nil) {
    keys = codes.map { Key(code: $0, decoder: MessageDecoder($0, sent: sent)) }
  }

  /// Looks for each key's mark in `folds`, of `patterns` where others are of no interest, and for what is clear where it `isQuick`. What is
  /// tried is counted in `outcome`. Where there is a `limit`, decimal logarithms of probabilities are told no closer than it asks for.
  func read(
    _ folds: BlockFolds, patterns: Range<Int> = 0..<TileCode.patterns, isQuick: Bool = false,
    limit: Double? = nil,
    into outcome: inout WatermarkSearch.Outcome
  ) {
    waves = []
    for fold in folds.folds {
      let table = WaveTable.of(side: fold.side, shape: fold.shape)
      let waves = table.waves(fold.total())
      self.waves.append(waves)
      for (index, key) in keys.enumerated() {
        outcome.placedLooks.add()
        let scales = PlacedWaves.ringScales([(key.waves.sync[0], waves)])
        let sights = patterns.map { ($0, Sight(waves, key.waves.sync[$0], scales).statistic) }
        guard let (pattern, statistic) = sights.max(by: { $0.1 < $1.1 }) else { continue }
        outcome.strongestSync = max(outcome.strongestSync, Float(statistic))
        guard statistic >= Double(SyncThreshold.readInPlace), fold.isSigned else { continue }
        let message = table.waves(fold.total(key.code.signs[pattern]))
        let (reading, sight) = read(
          message, waves, key, pattern, looks: outcome.placedLooks, limit: limit, isQuick: isQuick)
        let log10p = log10p(reading, sight, looks: outcome.placedLooks, limit: limit)
        guard log10p < WatermarkDecision.acceptance, reading.isChecked else {
          outcome.strongestStatistic = max(outcome.strongestStatistic, reading.statistic)
          continue
        }
        let side = 8 * Double(fold.side)
        outcome.finding = .init(
          key: index, payload: reading.payload, statistic: reading.statistic, log10p: log10p,
          sync: Float(statistic), lattice: Lattice(ax: side, ay: 0, bx: 0, by: side), isMirrored: false,
          isNegative: false)
        return
      }
    }
  }

  /// How far the first key's `pattern` stands out of the folds that were read last, turned or shifted in any way.
  func strongestSync(pattern: Int) -> Float {
    guard let code = keys.first?.code else { return 0 }
    let doubtful = waves.filter { Self.mayShow(code, in: $0) }
    guard !doubtful.isEmpty else { return 0 }
    let search = SyncSearch(code)
    return doubtful.map { search.best($0, pattern..<pattern + 1).score }.max() ?? 0
  }

  /// Whether the synchronising waves of a tile, turned in any way, have more power than the others of their frequencies: a shift
  /// leaves power as it is, so that this costs nothing beside a search. A mark that can be read shows eight.
  private static func mayShow(_ code: TileCode, in waves: WaveTable.Waves) -> Bool {
    let sync = code.placed.sync[0]
    let scales = PlacedWaves.ringScales([(sync, waves), (code.placed.message, waves)])
    let strongest = code.placed.turned.map { places in
      var sum: Float = 0
      for (place, ring) in zip(places, sync.rings) {
        let (re, im, scale) = (waves.re[place], waves.im[place], scales[ring])
        sum += min(ClippedPower.most, (re * re + im * im) * scale * scale)
      }
      return sum
    }.max()
    return strongest.map { ClippedPower.deviations($0, count: sync.rings.count) >= leastExcess } ?? false
  }

  /// Standard deviations from which on turned marks are looked for.
  private static let leastExcess: Float = 3

  private func read(
    _ message: WaveTable.Waves, _ sync: WaveTable.Waves, _ key: Key, _ pattern: Int, looks: LookCount,
    limit: Double?, isQuick: Bool
  ) -> (Demodulator.Reading, Sight) {
    let scales = PlacedWaves.ringScales([(key.waves.sync[pattern], sync), (key.waves.message, message)])
    let sight = Sight(sync, key.waves.sync[pattern], scales)
    let values = Sight(message, key.waves.message, scales)
    let reading = key.decoder.decode(
      re: values.re, im: values.im, shift: nil,
      amplitude: RingAmplitude(key.code.sync[pattern], sight.re),
      paths: isQuick ? 1 : PolarDecoder.paths
    ) { range in
      guard let limit else { return true }
      let sync = WatermarkDecision.syncEvidence(re: sight.re, im: sight.im)
      return range.contains(WatermarkDecision.evidenceInPlace(for: limit, sync: sync, looks: looks))
    }
    return (reading, sight)
  }

  /// The bound on the probability of `reading`, no closer than its `limit` asks for: that would cost as much as the reading.
  private func log10p(
    _ reading: Demodulator.Reading, _ sight: Sight, looks: LookCount, limit: Double?
  ) -> Double {
    if let limit {
      let bound = WatermarkDecision.log10pInPlace(
        reading.evidence, sync: WatermarkDecision.leastSyncEvidence(sight.statistic), looks: looks)
      if bound < limit { return bound }
    }
    return WatermarkDecision.log10pInPlace(
      reading.evidence, sync: WatermarkDecision.syncEvidence(re: sight.re, im: sight.im), looks: looks)
  }

  /// Waves with the key's phases taken out, evened out by ring.
  private struct Sight {
    private(set) var re: [Float] = []
    private(set) var im: [Float] = []

    init(_ values: WaveTable.Waves, _ waves: PlacedWaves, _ scales: [Float]) {
      re.reserveCapacity(waves.places.count)
      im.reserveCapacity(waves.places.count)
      waves.forEach(values) { index, ring, x, y in
        let (c, s, scale) = (waves.re[index], waves.im[index], scales[ring])
        re.append((x * c - y * s) * scale)
        im.append((x * s + y * c) * scale)
      }
    }

    /// a of `WatermarkDecision`.
    var statistic: Double { WatermarkDecision.syncStatistic(re: re, im: im) }
  }
}
