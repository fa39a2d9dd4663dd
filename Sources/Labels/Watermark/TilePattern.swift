#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// One tile as drawn: `side` × `side` pixels, periodic, of unit mean square in both signs of its message.
struct TilePattern {
  /// Pixels along a side: 64 cells of k / 8 pixels.
  let side: Int
  /// Synchronisation plus message, row by row.
  let plus: [Float]
  /// Synchronisation minus message.
  let minus: [Float]

  /// Amplitude of a synchronising wave, one of the message being 1.
  static let syncAmplitude = 1.25

  /// The tile of `payload`, whose cells are `eighths` / 8 pixels wide, in squares of `block` pixels that have one value each.
  init(_ code: TileCode, _ payload: WatermarkPayload, eighths: Int, block: Int = 1) {
    let side = 8 * eighths
    let pattern = TileCode.pattern(of: payload)
    let symbols = code.symbols(payload)
    let power =
      (Double(code.message.count) + Double(code.sync[pattern].count) * Self.syncAmplitude * Self.syncAmplitude)
      / 2
    let unit = 1 / power.squareRoot()
    let half = 0.5.squareRoot()
    let message = code.message.enumerated().map { index, wave -> Synthesis.Wave in
      let (re, im) = (Double(symbols[index]) * half, Double(symbols[index + TileCode.messageWaves]) * half)
      let (c, s) = (cos(wave.phase), sin(wave.phase))
      return .init(x: wave.x, y: wave.y, re: unit * (re * c - im * s), im: unit * (re * s + im * c))
    }
    let sync = code.sync[pattern].map { wave in
      Synthesis.Wave(
        x: wave.x, y: wave.y, re: unit * Self.syncAmplitude * cos(wave.phase),
        im: unit * Self.syncAmplitude * sin(wave.phase))
    }
    let (constant, changing) = (Synthesis.plane(sync, side: side), Synthesis.plane(message, side: side))
    self.side = side
    plus = Self.held(zip(constant, changing).map { $0 + $1 }, side: side, block: block)
    minus = Self.held(zip(constant, changing).map { $0 - $1 }, side: side, block: block)
  }

  /// Each square of `block` pixels, a power of two that divides `side`, with the value of its middle.
  private static func held(_ values: [Float], side: Int, block: Int) -> [Float] {
    guard block > 1 else { return values }
    return values.indices.map { index in
      let (y, x) = (index / side / block * block + block / 2, index % side / block * block + block / 2)
      let (below, above) = (y * side + x, (y - 1) * side + x)
      return 0.25 * (values[below] + values[below - 1] + values[above] + values[above - 1])
    }
  }

  /// The sign of the tile that holds column `tileX`, row `tileY` of tiles.
  static func sign(_ code: TileCode, pattern: Int, tileX: Int, tileY: Int) -> Float {
    let period = TileCode.signPeriod
    return code.signs[pattern][tileY % period * period + tileX % period]
  }
}

/// Sums of plane waves, first along rows, then down columns.
enum Synthesis {
  /// Re (re + i im) · e^(2πi (x u + y v)), u and v in tiles.
  struct Wave {
    let x: Int
    let y: Int
    let re: Double
    let im: Double
  }

  /// The sum at the centres of `side` × `side` pixels of one tile, row by row.
  static func plane(_ waves: [Wave], side: Int) -> [Float] {
    let turns = (0..<2 * side).map { Double.pi * Double($0) / Double(side) }
    let (cosines, sines) = (turns.map { cos($0) }, turns.map { sin($0) })
    let rows = Dictionary(grouping: waves, by: \.y)
    var result = [Float](repeating: 0, count: side * side)
    for (y, waves) in rows {
      var re = [Float](repeating: 0, count: side)
      var im = re
      for x in 0..<side {
        var sum = (re: 0.0, im: 0.0)
        for wave in waves {
          // (2x + 1) / (2 side) of a turn, wave.x times.
          let turn = ((2 * x + 1) * wave.x % (2 * side) + 2 * side) % (2 * side)
          sum.re += wave.re * cosines[turn] - wave.im * sines[turn]
          sum.im += wave.re * sines[turn] + wave.im * cosines[turn]
        }
        re[x] = Float(sum.re)
        im[x] = Float(sum.im)
      }
      result.withUnsafeMutableBufferPointer { result in
        for row in 0..<side {
          let turn = ((2 * row + 1) * y % (2 * side) + 2 * side) % (2 * side)
          let (c, s) = (Float(cosines[turn]), Float(sines[turn]))
          let start = row * side
          for x in 0..<side { result[start &+ x] += re[x] * c - im[x] * s }
        }
      }
    }
    return result
  }
}
