/// Reads marks whose tiles lie where they were drawn, which is how they lie in a labelled file that nobody has touched: all that a
/// search looks for is known, so that a look costs less than reading the picture. Owned by one worker.
final class AlignedReader {
  private struct Key {
    let code: TileCode
    let decoder: MessageDecoder
    // By pattern, e^(-i phase) of each synchronising wave; then of the message's waves.
    let sync: [[(re: Float, im: Float)]]
    let message: [(re: Float, im: Float)]
  }

  private let keys: [Key]
  // Of the folds that were read last.
  private var waves: [WaveTable.Waves] = []

  /// Of no other message than the one `sent`, where that is known.
  init(_ codes: [TileCode], sent: WatermarkPayload? = nil) {
    keys = codes.map { code in
      Key(
        code: code, decoder: MessageDecoder(code, sent: sent), sync: code.sync.map { $0.map(\.conjugate) },
        message: code.message.map(\.conjugate))
    }
  }

  /// Looks for each key's mark in `folds`, of `patterns` where others are of no interest, and for what is clear where it `isQuick`. What is
  /// tried is counted in `outcome`.
  func read(
    _ folds: BlockFolds, patterns: Range<Int> = 0..<TileCode.patterns, isQuick: Bool = false,
    into outcome: inout WatermarkSearch.Outcome
  ) {
    waves = []
    for fold in folds.folds {
      let table = WaveTable.of(side: fold.side, shape: fold.shape)
      let waves = table.waves(fold.total())
      self.waves.append(waves)
      for (index, key) in keys.enumerated() {
        outcome.placedLooks.add()
        let scales = Self.ringScales([(key.code.sync[0], waves)])
        let sights = patterns.map { ($0, Sight(waves, key.code.sync[$0], key.sync[$0], scales)) }
        guard let (pattern, sight) = sights.max(by: { $0.1.statistic < $1.1.statistic }) else { continue }
        outcome.strongestSync = max(outcome.strongestSync, Float(sight.statistic))
        guard sight.statistic >= Double(SyncThreshold.readInPlace), fold.isSigned else { continue }
        let message = table.waves(fold.total(key.code.signs[pattern]))
        let reading = read(message, waves, key, pattern, isQuick: isQuick)
        let log10p = WatermarkDecision.log10pInPlace(
          reading.evidence, sync: reading.syncEvidence, looks: outcome.placedLooks)
        guard log10p < WatermarkDecision.acceptance, reading.isChecked else {
          outcome.strongestStatistic = max(outcome.strongestStatistic, reading.statistic)
          continue
        }
        let side = 8 * Double(fold.side)
        outcome.finding = .init(
          key: index, payload: reading.payload, statistic: reading.statistic, log10p: log10p,
          sync: Float(sight.statistic), lattice: Lattice(ax: side, ay: 0, bx: 0, by: side), isMirrored: false,
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
    let sync = code.sync[0]
    let scales = ringScales([(sync, waves), (code.message, waves)])
    let strongest = (0..<4).map { turn in
      sync.reduce(Float(0)) { sum, wave in
        let (x, y) = SyncSearch.turned(wave.x, wave.y, turn % 2 + turn / 2 * 4)
        let index = y < 0 ? WaveTable.Waves.index(-x, -y) : WaveTable.Waves.index(x, y)
        let (re, im, scale) = (waves.re[index], waves.im[index], scales[wave.ring])
        return sum + min(ClippedPower.most, (re * re + im * im) * scale * scale)
      }
    }.max()
    return strongest.map { ClippedPower.deviations($0, count: sync.count) >= leastExcess } ?? false
  }

  /// Standard deviations from which on turned marks are looked for.
  private static let leastExcess: Float = 3

  private func read(
    _ message: WaveTable.Waves, _ sync: WaveTable.Waves, _ key: Key, _ pattern: Int, isQuick: Bool
  ) -> Demodulator.Reading {
    let scales = Self.ringScales([(key.code.sync[pattern], sync), (key.code.message, message)])
    let sight = Sight(sync, key.code.sync[pattern], key.sync[pattern], scales)
    let amplitude = RingAmplitude(
      key.code.sync[pattern], Array(zip(sight.re, sight.im)), (0, 0))
    let values = Sight(message, key.code.message, key.message, scales)
    var reading = key.decoder.decode(
      re: values.re, im: values.im, shift: nil, amplitude: amplitude,
      paths: isQuick ? 1 : PolarDecoder.paths)
    reading.syncEvidence = WatermarkDecision.syncEvidence(Array(zip(sight.re, sight.im)))
    return reading
  }

  /// One over the strength of the waves of each ring.
  private static func ringScales(_ parts: [(waves: [TileCode.Wave], values: WaveTable.Waves)]) -> [Float] {
    var (power, counts) = ([Float](repeating: 0, count: 64), [Float](repeating: 0, count: 64))
    for part in parts {
      for wave in part.waves {
        let (index, ring) = (WaveTable.Waves.index(wave.x, wave.y), wave.ring)
        let (re, im) = (part.values.re[index], part.values.im[index])
        power[ring] += re * re + im * im
        counts[ring] += 1
      }
    }
    return (0..<64).map { 1 / max((power[$0] / max(1, counts[$0])).squareRoot(), 1e-9) }
  }

  /// Waves with the key's phases taken out, evened out by ring.
  private struct Sight {
    private(set) var re: [Float] = []
    private(set) var im: [Float] = []

    init(
      _ values: WaveTable.Waves, _ waves: [TileCode.Wave], _ phases: [(re: Float, im: Float)],
      _ scales: [Float]
    ) {
      re.reserveCapacity(waves.count)
      im.reserveCapacity(waves.count)
      for (wave, phase) in zip(waves, phases) {
        let index = WaveTable.Waves.index(wave.x, wave.y)
        let (x, y, scale) = (values.re[index], values.im[index], scales[wave.ring])
        re.append((x * phase.re - y * phase.im) * scale)
        im.append((x * phase.im + y * phase.re) * scale)
      }
    }

    /// a of `WatermarkDecision`.
    var statistic: Double { WatermarkDecision.syncStatistic(zip(re, im).map { ($0, $1) }) }
  }
}

extension TileCode.Wave {
  /// e^(-i phase).
  fileprivate var conjugate: (re: Float, im: Float) {
    (Float(cosine), Float(-sine))
  }
}
