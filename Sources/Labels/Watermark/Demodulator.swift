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
    /// The statistic of `WatermarkDecision`.
    let statistic: Double
    /// Of how many places in the period of signs the best was taken.
    let offset: Int
  }

  /// What tiles show of each wave, over noise of unit variance.
  private struct Soft {
    // Message waves of the tiles of each class (place in the period of signs), added up: 64 × 256.
    var classRe: [Float]
    var classIm: [Float]
    // Synchronising waves over all tiles.
    var sync: [(re: Float, im: Float)]
  }

  private let code: TileCode
  private let transform: TileTransform
  private let decoder = PolarDecoder()
  private static let classes = TileCode.signPeriod * TileCode.signPeriod

  init(_ code: TileCode, _ transform: TileTransform) {
    self.code = code
    self.transform = transform
  }

  /// The best readings of `cells`, laid out upright; nil where not even their synchronisation stands out.
  func read(_ cells: Unwarp, pattern: Int, isNegative: Bool) -> Reading? {
    var soft = spectra(cells, pattern: pattern, isNegative: isNegative)
    align(&soft, pattern: pattern)
    let amplitude = Amplitude(code.sync[pattern], soft.sync)
    var combined = offsets(soft, pattern: pattern)
    combined.sort { $0.energy > $1.energy }
    var best: Reading?
    for choice in combined.prefix(2) {
      let reading = decode(choice.re, choice.im, choice.offset, soft, amplitude)
      if reading.statistic > best?.statistic ?? 0 { best = reading }
    }
    return best
  }

  private func decode(
    _ re: [Float], _ im: [Float], _ offset: Int, _ soft: Soft, _ amplitude: Amplitude
  ) -> Reading {
    var values = [Float](repeating: 0, count: PolarCode.length)
    for (index, wave) in code.message.enumerated() {
      let weight = amplitude.at(wave)
      values[index] = re[index] * weight
      values[index + TileCode.messageWaves] = im[index] * weight
    }
    var channel = values
    for place in values.indices {
      channel[code.order[place]] = code.mask[place] == 0 ? values[place] : -values[place]
    }
    let syncs = zip(code.sync[0], soft.sync).map { wave, value -> (re: Float, im: Float) in
      let weight = amplitude.at(wave)
      return (value.re * weight, value.im * weight)
    }
    var best = Reading(payload: 0, isChecked: false, statistic: 0, offset: offset)
    for candidate in decoder.decode(channel).prefix(3) {
      let statistic = WatermarkDecision.statistic(
        values, code.symbols(WatermarkPayload(bits: candidate.payload)), sync: syncs)
      if statistic > best.statistic {
        best = Reading(
          payload: candidate.payload, isChecked: candidate.isChecked, statistic: statistic, offset: offset)
      }
    }
    return best
  }

  /// The message's waves added up under each place that the picture's first tile may have in the period of signs.
  private func offsets(_ soft: Soft, pattern: Int) -> [(energy: Float, offset: Int, re: [Float], im: [Float])]
  {
    let (period, waves) = (TileCode.signPeriod, TileCode.messageWaves)
    let signs = code.signs[pattern]
    return (0..<Self.classes).map { offset in
      var re = [Float](repeating: 0, count: waves)
      var im = re
      re.withUnsafeMutableBufferPointer { re in
        im.withUnsafeMutableBufferPointer { im in
          for place in 0..<Self.classes {
            let row = (place / period + offset / period) % period
            let sign = signs[row * period + (place % period + offset % period) % period]
            let start = place * waves
            for m in 0..<waves {
              re[m] += sign * soft.classRe[start &+ m]
              im[m] += sign * soft.classIm[start &+ m]
            }
          }
        }
      }
      var energy: Float = 0
      for m in 0..<waves { energy += min(re[m] * re[m] + im[m] * im[m], 9) }
      return (energy, offset, re, im)
    }
  }

  private func spectra(_ cells: Unwarp, pattern: Int, isNegative: Bool) -> Soft {
    let waves = TileCode.messageWaves
    var soft = Soft(
      classRe: [Float](repeating: 0, count: Self.classes * waves),
      classIm: [Float](repeating: 0, count: Self.classes * waves),
      sync: code.sync[pattern].map { _ in (0, 0) })
    var power = [Float](repeating: 0, count: 64)
    var pending: (column: Int, row: Int)?
    var first = [Float](repeating: 0, count: TileTransform.count)
    var second = first
    let sign: Float = isNegative ? -1 : 1
    func flush(_ other: (column: Int, row: Int)?) {
      guard let one = pending else { return }
      transform.run(&first, &second)
      for place in [(one, false), other.map { ($0, true) }].compactMap({ $0 }) {
        add(first, second, isSecond: place.1, sign: sign, cells, place.0, pattern, to: &soft, &power)
      }
      pending = nil
    }
    for row in 0..<cells.rows {
      for column in 0..<cells.columns {
        if pending == nil {
          if cells.copy(column: column, row: row, into: &first) { pending = (column, row) }
        } else if cells.copy(column: column, row: row, into: &second) {
          flush((column, row))
        }
      }
    }
    if pending != nil {
      for index in second.indices { second[index] = 0 }
      flush(nil)
    }
    normalise(&soft, power, pattern: pattern)
    return soft
  }

  /// Adds one of the two tiles that were transformed together.
  private func add(
    _ re: [Float], _ im: [Float], isSecond: Bool, sign: Float, _ cells: Unwarp,
    _ place: (column: Int, row: Int), _ pattern: Int, to soft: inout Soft, _ power: inout [Float]
  ) {
    func value(_ wave: TileCode.Wave) -> (re: Float, im: Float) {
      let (a, b) = (TileTransform.index(wave.x, wave.y), TileTransform.index(-wave.x, -wave.y))
      if isSecond { return (0.5 * (im[a] + im[b]), 0.5 * (re[b] - re[a])) }
      return (0.5 * (re[a] + re[b]), 0.5 * (im[a] - im[b]))
    }
    let period = TileCode.signPeriod
    func modulo(_ value: Int) -> Int { (value % period + period) % period }
    let kind = modulo(cells.origin.row + place.row) * period + modulo(cells.origin.column + place.column)
    let start = kind * TileCode.messageWaves
    for (index, wave) in code.message.enumerated() {
      let value = value(wave)
      soft.classRe[start + index] += sign * value.re
      soft.classIm[start + index] += sign * value.im
      power[wave.ring] += value.re * value.re + value.im * value.im
    }
    for (index, wave) in code.sync[pattern].enumerated() {
      let value = value(wave)
      soft.sync[index].re += sign * value.re
      soft.sync[index].im += sign * value.im
      power[wave.ring] += value.re * value.re + value.im * value.im
    }
  }

  /// Divides each ring by what its waves would have together if tiles had nothing in common, and takes the phases out.
  private func normalise(_ soft: inout Soft, _ power: [Float], pattern: Int) {
    var counts = [Float](repeating: 0, count: 64)
    for wave in code.message + code.sync[pattern] { counts[wave.ring] += 1 }
    let scales = (0..<64).map { 1 / max((power[$0] / max(1, counts[$0])).squareRoot(), 1e-9) }
    let waves = TileCode.messageWaves
    for (index, wave) in code.message.enumerated() {
      let (c, s) = wave.reference
      for place in 0..<Self.classes {
        let at = place * waves + index
        let (re, im) = (soft.classRe[at] * scales[wave.ring], soft.classIm[at] * scales[wave.ring])
        soft.classRe[at] = re * c - im * s
        soft.classIm[at] = re * s + im * c
      }
    }
    for (index, wave) in code.sync[pattern].enumerated() {
      let (c, s) = wave.reference
      let (re, im) = (soft.sync[index].re * scales[wave.ring], soft.sync[index].im * scales[wave.ring])
      soft.sync[index] = (re * c - im * s, re * s + im * c)
    }
  }

  /// Finds by which part of a cell the tiles are off, and turns all waves back by it.
  private func align(_ soft: inout Soft, pattern: Int) {
    var best = (x: 0.0, y: 0.0, score: -Double.infinity)
    for dy in stride(from: -0.75, through: 0.75, by: 0.125) {
      for dx in stride(from: -0.75, through: 0.75, by: 0.125) {
        var sum = 0.0
        for (wave, value) in zip(code.sync[pattern], soft.sync) {
          let turn = 2 * Double.pi * (Double(wave.x) * dx + Double(wave.y) * dy) / 64
          sum += Double(value.re) * cos(turn) + Double(value.im) * sin(turn)
        }
        if sum > best.score { best = (dx, dy, sum) }
      }
    }
    func turn(_ wave: TileCode.Wave) -> (Float, Float) {
      let angle = -2 * Double.pi * (Double(wave.x) * best.x + Double(wave.y) * best.y) / 64
      return (Float(cos(angle)), Float(sin(angle)))
    }
    for (index, wave) in code.sync[pattern].enumerated() {
      let (c, s) = turn(wave)
      let (re, im) = soft.sync[index]
      soft.sync[index] = (re * c - im * s, re * s + im * c)
    }
    for (index, wave) in code.message.enumerated() {
      let (c, s) = turn(wave)
      for place in 0..<Self.classes {
        let at = place * TileCode.messageWaves + index
        let (re, im) = (soft.classRe[at], soft.classIm[at])
        soft.classRe[at] = re * c - im * s
        soft.classIm[at] = re * s + im * c
      }
    }
  }

  /// How strong a mark is by ring: a line through what the synchronising waves show.
  private struct Amplitude {
    private let level: Float
    private let slope: Float

    init(_ waves: [TileCode.Wave], _ values: [(re: Float, im: Float)]) {
      var (s0, s1, s2, y0, y1): (Float, Float, Float, Float, Float) = (0, 0, 0.3, 0, 0)
      for (wave, value) in zip(waves, values) {
        let x = Self.place(wave)
        let y = min(max(value.re, -3), 3)
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

    func at(_ wave: TileCode.Wave) -> Float { max(0.1, level + slope * Self.place(wave)) }

    private static func place(_ wave: TileCode.Wave) -> Float {
      (Float(wave.x * wave.x + wave.y * wave.y).squareRoot() - 9.75) / 5.75
    }
  }
}

extension TileCode.Wave {
  /// The whole number nearest to the wave's distance from frequency nothing.
  var ring: Int { Int(Float(x * x + y * y).squareRoot() + 0.5) }

  /// e^(-i phase), less the half cell by which samples lie inside their cells.
  var reference: (Float, Float) {
    let angle = -phase - Double.pi * Double(x + y) / 64
    return (Float(cos(angle)), Float(sin(angle)))
  }
}
