#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Reads the message from tiles whose place is known. Owned by one worker.
final class Demodulator {
  /// A message and how well the picture agrees with it.
  struct Reading {
    let payload: UInt64
    let isChecked: Bool
    /// The statistic of `WatermarkDecision`, of the message and of the synchronising waves.
    let statistic: Double
    /// Nats by which a tail of `WatermarkDecision` bounds the message; 0 for none that is believed.
    let evidence: Double
    /// `WatermarkDecision.syncEvidence` of the synchronising waves, and their statistic.
    var syncEvidence = 0.0
    var sync = 0.0
    /// Whether it is of the place in the period of signs that has most of the message's energy.
    var isOfFirstPlace = true

    /// No message.
    static let nothing = Reading(payload: 0, isChecked: false, statistic: 0, evidence: 0)
  }

  private let code: TileCode
  private let transform: TileTransform
  private let decoder: MessageDecoder
  private static let classes = TileCode.signPeriod * TileCode.signPeriod
  /// Places in the period of signs that are tried, those with most of the message's energy, as they are and
  /// inverted, for the signs of few tiles do not tell a place from one where all of them are the other way round.
  private static let mostPlaces = 4
  /// Paths that a decoding follows; more where there is a mark most likely, and most where there is one certainly and no message was right:
  /// all messages count in the bound as it is, so paths cost nothing but time.
  private static let paths = 32
  private static let morePaths = 256
  private static let mostPaths = 1024
  /// Evidence of synchronisation from which on a mark is there certainly, nats.
  private static let certainEvidence = 23.5

  init(_ code: TileCode, _ transform: TileTransform, sent: WatermarkPayload? = nil) {
    self.code = code
    self.transform = transform
    decoder = MessageDecoder(code, sent: sent)
  }

  /// The reading of `planes`, laid out upright, that agrees best: of one picture, or of its luma and its blue, which have the same tiles,
  /// each by how clear it is there. `isInPlace` where tile (0, 0) is known to be the first of a picture, whose message then needs one
  /// decoding. Of evidence it matters whether it is `enough` beside that of synchronisation.
  func read(
    _ planes: [Unwarp], pattern: Int, isNegative: Bool, isInPlace: Bool = false,
    enough: ((_ sync: Double) -> Double)? = nil
  ) -> Reading {
    let sign: Float = isNegative ? -1 : 1
    var views = planes.map {
      View($0, code, pattern: pattern, sign: sign, isOne: planes.count == 1, transform)
    }
    let waves = views.first?.spectra.waves ?? []
    let seen = Self.added(views.map(\.sync))
    let shift = isInPlace ? (x: 0, y: 0) : Self.partOfCell(waves, seen)
    for index in views.indices { views[index].measure(at: shift) }
    var places = combinations(views, pattern: pattern, offsets: isInPlace ? 0..<1 : 0..<Self.classes)
    places.sort { $0.energy > $1.energy }
    let syncWaves = Self.added(views.map { Self.syncWaves($0.spectra, $0.scales, shift, sign: sign) })
    let syncEvidence = WatermarkDecision.syncEvidence(syncWaves)
    let needed = enough.map { $0(syncEvidence) }
    let distinct = Self.distinct(places, limit: Self.mostPlaces)
    var best = Reading.nothing
    func decode(_ choices: ArraySlice<Combination>, paths: Int) {
      for (index, place) in choices.enumerated() where !best.isChecked {
        for sign: Float in isInPlace ? [1] : [1, -1] {
          var reading = decoder.decode(
            re: place.re, im: place.im, sign: sign, shift: shift, paths: paths,
            isOpen: { range in needed.map(range.contains) ?? true })
          reading.isOfFirstPlace = index == 0
          // What fails its checksum is no message, however well noise agrees with it.
          if reading.isChecked == best.isChecked ? reading.statistic > best.statistic : reading.isChecked {
            best = reading
          }
          if best.isChecked && best.statistic >= MessageDecoder.sure { return }
        }
      }
    }
    let sync = WatermarkDecision.syncStatistic(syncWaves)
    decode(distinct[...], paths: sync >= Double(SyncThreshold.likely) ? Self.morePaths : Self.paths)
    if !best.isChecked, syncEvidence >= Self.certainEvidence {
      decode(distinct.prefix(1), paths: Self.mostPaths)
    }
    best.syncEvidence = syncEvidence
    best.sync = sync
    return best
  }

  /// The synchronising waves, turned back by `shift`: all tiles alike, for weights have seen the waves' phases.
  private static func syncWaves(
    _ spectra: TileSpectra, _ scales: [Float], _ shift: (x: Double, y: Double), sign: Float
  ) -> [(re: Float, im: Float)] {
    let even = spectra.isFilled.map { $0 ? Float(1) : 0 }
    let values = sum(spectra, even, scales, 0..<spectra.syncCount)
    return zip(spectra.waves, values).map { wave, value in
      let (c, s) = wave.turn(shift)
      return (sign * (value.re * c - value.im * s), sign * (value.re * s + value.im * c))
    }
  }

  private typealias Combination = (energy: Float, re: [Float], im: [Float])

  /// The first `limit` of `places` that are not the same as one before but for a sign.
  private static func distinct(_ places: [Combination], limit: Int) -> [Combination] {
    func product(_ a: Combination, _ b: Combination) -> Float {
      zip(a.re, b.re).reduce(0) { $0 + $1.0 * $1.1 } + zip(a.im, b.im).reduce(0) { $0 + $1.0 * $1.1 }
    }
    var kept: [(place: Combination, square: Float)] = []
    for place in places where kept.count < limit {
      let square = product(place, place)
      let isNew = kept.allSatisfy { abs(product($0.place, place)) < 0.9 * ($0.square * square).squareRoot() }
      if isNew { kept.append((place, square)) }
    }
    return kept.map(\.place)
  }

  /// What one plane shows of a mark.
  private struct View {
    let spectra: TileSpectra
    let weights: [Float]
    let scales: [Float]
    /// The synchronising waves of all tiles, weighted.
    let sync: [(re: Float, im: Float)]
    /// Of each wave of the message: one over its noise, and the mark's amplitude there.
    private(set) var clearness: [Float] = []
    private(set) var amplitude: [Float] = []
    let origin: (column: Int, row: Int)
    private let code: TileCode

    init(
      _ cells: Unwarp, _ code: TileCode, pattern: Int, sign: Float, isOne: Bool, _ transform: TileTransform
    ) {
      self.code = code
      origin = cells.origin
      spectra = TileSpectra(cells, code, pattern: pattern, withMessage: true, transform)
      let values = TileWeights(spectra, sign: sign).values
      // Beside another plane, noise must come to the same in both.
      let filled = spectra.isFilled.reduce(Float(0)) { $0 + ($1 ? 1 : 0) }
      let square = values.reduce(Float(0)) { $0 + $1 * $1 }
      let unit = isOne || square <= 0 ? 1 : (filled / square).squareRoot()
      weights = values.map { $0 * unit }
      scales = Demodulator.ringScales(spectra)
      sync = Demodulator.sum(spectra, weights, scales, 0..<spectra.syncCount)
    }

    /// Measures the mark where its cells are off by `shift`.
    mutating func measure(at shift: (x: Double, y: Double)) {
      let amplitude = RingAmplitude(spectra.waves, sync, shift)
      let clarity = WaveClarity(spectra, scales: scales).values
      self.amplitude = code.message.map(amplitude.at)
      clearness = code.message.enumerated().map { scales[$1.ring] * clarity[spectra.syncCount + $0] }
    }
  }

  /// Sums of the waves of planes.
  private static func added(_ parts: [[(re: Float, im: Float)]]) -> [(re: Float, im: Float)] {
    guard var sum = parts.first else { return [] }
    for part in parts.dropFirst() {
      for index in sum.indices {
        sum[index] = (sum[index].re + part[index].re, sum[index].im + part[index].im)
      }
    }
    return sum
  }

  /// The message's waves added up under each place of `offsets` that the first tile may have in the period of signs: over planes, by the
  /// mark's amplitude in each.
  private func combinations(_ views: [View], pattern: Int, offsets: Range<Int>) -> [Combination] {
    let count = TileCode.messageWaves
    var sums = offsets.map { _ in
      (re: [Float](repeating: 0, count: count), im: [Float](repeating: 0, count: count))
    }
    var squares = [Float](repeating: 0, count: count)
    for view in views {
      for m in 0..<count { squares[m] += view.amplitude[m] * view.amplitude[m] }
      for (index, part) in combinations(view, pattern: pattern, offsets: offsets).enumerated() {
        for m in 0..<count {
          let weight = view.clearness[m] * view.amplitude[m]
          sums[index].re[m] += weight * part.re[m]
          sums[index].im[m] += weight * part.im[m]
        }
      }
    }
    return sums.map { sum in
      var energy: Float = 0
      for m in 0..<count {
        let power = sum.re[m] * sum.re[m] + sum.im[m] * sum.im[m]
        energy += min(power / max(squares[m], 1e-12), 9)
      }
      return (energy, sum.re, sum.im)
    }
  }

  /// The same of one plane, as its tiles have them.
  private func combinations(
    _ view: View, pattern: Int, offsets: Range<Int>
  ) -> [(re: [Float], im: [Float])] {
    let (period, count) = (TileCode.signPeriod, TileCode.messageWaves)
    let (spectra, weights, origin) = (view.spectra, view.weights, view.origin)
    // Tiles of one class (place in the period) have one sign whatever the place of the first.
    var classRe = [Float](repeating: 0, count: Self.classes * count)
    var classIm = classRe
    func modulo(_ value: Int) -> Int { (value % period + period) % period }
    for tile in 0..<spectra.columns * spectra.rows where weights[tile] > 0 {
      let kind =
        modulo(origin.row + tile / spectra.columns) * period + modulo(origin.column + tile % spectra.columns)
      let source = tile * spectra.waves.count + spectra.syncCount
      for index in 0..<count {
        classRe[kind * count + index] += weights[tile] * spectra.re[source + index]
        classIm[kind * count + index] += weights[tile] * spectra.im[source + index]
      }
    }
    let signs = code.signs[pattern]
    return offsets.map { offset in
      var re = [Float](repeating: 0, count: count)
      var im = re
      for place in 0..<Self.classes {
        let row = (place / period + offset / period) % period
        let sign = signs[row * period + (place % period + offset % period) % period]
        let start = place * count
        classRe.withUnsafeBufferPointer { classRe in
          classIm.withUnsafeBufferPointer { classIm in
            for m in 0..<count {
              re[m] += sign * classRe[start &+ m]
              im[m] += sign * classIm[start &+ m]
            }
          }
        }
      }
      return (re, im)
    }
  }

  fileprivate static func sum(
    _ spectra: TileSpectra, _ weights: [Float], _ scales: [Float], _ range: Range<Int>
  ) -> [(re: Float, im: Float)] {
    range.map { index in
      var (re, im) = (Float(0), Float(0))
      for tile in 0..<spectra.columns * spectra.rows where weights[tile] > 0 {
        let at = tile * spectra.waves.count + index
        re += weights[tile] * spectra.re[at]
        im += weights[tile] * spectra.im[at]
      }
      let scale = scales[spectra.waves[index].ring]
      return (re * scale, im * scale)
    }
  }

  /// One over what a ring's waves would have together, weighted, if tiles had nothing in common.
  fileprivate static func ringScales(_ spectra: TileSpectra) -> [Float] {
    var (power, counts) = ([Float](repeating: 0, count: 64), [Float](repeating: 0, count: 64))
    for (index, wave) in spectra.waves.enumerated() {
      counts[wave.ring] += 1
      for tile in 0..<spectra.columns * spectra.rows {
        let at = tile * spectra.waves.count + index
        power[wave.ring] += spectra.re[at] * spectra.re[at] + spectra.im[at] * spectra.im[at]
      }
    }
    return (0..<64).map { 1 / max((power[$0] / max(1, counts[$0])).squareRoot(), 1e-9) }
  }

  /// By how many quarters of a cell the tiles are off: where the synchronising waves agree best. Each of them counts in the bound.
  private static func partOfCell(
    _ waves: [TileCode.Wave], _ values: [(re: Float, im: Float)]
  ) -> (x: Double, y: Double) {
    var best = (x: 0.0, y: 0.0, score: -Float.infinity)
    for dy in stride(from: -0.75, through: 0.75, by: 0.25) {
      for dx in stride(from: -0.75, through: 0.75, by: 0.25) {
        var sum: Float = 0
        for (wave, value) in zip(waves, values) {
          let (c, s) = wave.turn((dx, dy))
          sum += value.re * c - value.im * s
        }
        if abs(sum) > best.score { best = (dx, dy, abs(sum)) }
      }
    }
    return (best.x, best.y)
  }
}

/// How much of the mark each tile shows, by its synchronising waves: overlays and flat places count less.
struct TileWeights {
  /// One weight a tile, row by row; 0 where the picture does not reach.
  private(set) var values: [Float]

  init(_ spectra: TileSpectra, sign: Float) {
    let (columns, rows, count) = (spectra.columns, spectra.rows, spectra.waves.count)
    var agreement = [Float](repeating: 0, count: columns * rows)
    for tile in agreement.indices where spectra.isFilled[tile] {
      var (sum, squares) = (Float(0), Float(1e-9))
      for index in tile * count..<tile * count + spectra.syncCount {
        sum += sign * spectra.re[index]
        squares += spectra.re[index] * spectra.re[index] + spectra.im[index] * spectra.im[index]
      }
      agreement[tile] = sum / (Float(spectra.syncCount) * squares).squareRoot()
    }
    values = agreement
    for row in 0..<rows {
      for column in 0..<columns where spectra.isFilled[row * columns + column] {
        // One tile's agreement is noisy; its neighbours say as much about the place.
        var (sum, total) = (Float(0), Float(0))
        for y in max(0, row - 1)...min(rows - 1, row + 1) {
          for x in max(0, column - 1)...min(columns - 1, column + 1) where spectra.isFilled[y * columns + x] {
            let weight: Float = x == column && y == row ? 2 : 1
            sum += weight * agreement[y * columns + x]
            total += weight
          }
        }
        values[row * columns + column] = max(0.1, sum / total)
      }
    }
  }
}

/// How strong a mark is by ring: a line through what the synchronising waves show.
struct RingAmplitude {
  private let level: Float
  private let slope: Float

  init(_ waves: [TileCode.Wave], _ values: [(re: Float, im: Float)], _ shift: (x: Double, y: Double)) {
    let turned = zip(waves, values).map { wave, value in
      let (c, s) = wave.turn(shift)
      return value.re * c - value.im * s
    }
    self.init(waves, turned)
  }

  /// Of what waves show in the key's phase.
  init(_ waves: [TileCode.Wave], _ values: [Float]) {
    var (s0, s1, s2, y0, y1): (Float, Float, Float, Float, Float) = (0, 0, 0.3, 0, 0)
    for (wave, y) in zip(waves, values) {
      let x = Self.place(wave)
      s0 += 1
      s1 += x
      s2 += x * x
      y0 += y
      y1 += x * y
    }
    let determinant = max(s0 * s2 - s1 * s1, 1e-6)
    level = (y0 * s2 - y1 * s1) / determinant
    slope = (s0 * y1 - s1 * y0) / determinant
  }

  /// The amplitude of `wave`; never nothing, and negative in a picture turned negative.
  func at(_ wave: TileCode.Wave) -> Float {
    let value = level + slope * Self.place(wave)
    let least = 0.15 * abs(level)
    return level < 0 ? min(value, -least) : max(value, least)
  }

  private static func place(_ wave: TileCode.Wave) -> Float {
    (Float(wave.x * wave.x + wave.y * wave.y).squareRoot() - 9.75) / 5.75
  }
}

extension TileCode.Wave {
  /// e^(-i phase), less the half cell by which samples lie inside their cells.
  var reference: (Float, Float) {
    let angle = -phase - Double.pi * Double(x + y) / Double(TileCode.side)
    return (Float(cos(angle)), Float(sin(angle)))
  }

  /// What turns the wave back by `shift` cells.
  func turn(_ shift: (x: Double, y: Double)) -> (Float, Float) {
    let angle = -2 * Double.pi * (Double(x) * shift.x + Double(y) * shift.y) / Double(TileCode.side)
    return (Float(cos(angle)), Float(sin(angle)))
  }
}
